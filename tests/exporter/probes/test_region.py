from __future__ import annotations

import pytest
from ai_provider_exporter.probes.region import region_of


@pytest.mark.parametrize(
    ("url", "region"),
    [
        pytest.param("https://bedrock-runtime.us-east-1.amazonaws.com", "us-east-1", id="bedrock"),
        pytest.param("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", id="govcloud"),
        pytest.param("https://europe-west4-aiplatform.googleapis.com/v1/projects/p", "europe-west4", id="vertex-host"),
        pytest.param("https://aiplatform.googleapis.com/v1/projects/p/locations/asia-east1/x", "asia-east1", id="path"),
        pytest.param("https://mistral-x.eastus2.models.ai.azure.com/v1", "eastus2", id="azure"),
        pytest.param("https://acme.openai.azure.com/openai/v1", "", id="an azure resource does not say"),
        pytest.param("https://api.openai.com/v1", "", id="none"),
        pytest.param("https://focus-east-1x.example", "", id="looks like one"),
        pytest.param("http://127.0.0.1:8000/v1", "", id="an address"),
    ],
)
def test_an_endpoint_is_in_the_region_that_its_address_spells(url: str, region: str) -> None:
    assert region_of(url) == region

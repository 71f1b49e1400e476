from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path

import pytest

from ai_provider_exporter import catalog
from ai_provider_exporter.catalog import Api, CatalogError, Provider, StatusSource

CATALOG = catalog.load()
PROVIDERS = pytest.mark.parametrize("provider", CATALOG.values(), ids=CATALOG)
OPENTELEMETRY = {
    # The well-known values of gen_ai.provider.name: https://github.com/open-telemetry/semantic-conventions-genai
    "anthropic",
    "aws.bedrock",
    "azure.ai.inference",
    "azure.ai.openai",
    "cohere",
    "deepseek",
    "gcp.gemini",
    "gcp.gen_ai",
    "gcp.vertex_ai",
    "groq",
    "ibm.watsonx.ai",
    "mistral_ai",
    "moonshot_ai",
    "openai",
    "perplexity",
    "x_ai",
}
FIRST_NEED = {
    "openai",
    "anthropic",
    "gcp.gemini",
    "mistral_ai",
    "groq",
    "cohere",
    "x_ai",
    "deepseek",
    "openrouter",
    "ollama",
    "vllm",
}
SELF_HOSTED = {"ollama", "vllm"}


def test_the_providers_of_first_need_are_known() -> None:
    assert set(CATALOG) >= FIRST_NEED


def test_the_schema_is_the_model_s_own() -> None:
    written = json.loads((catalog.DIRECTORY / "schema.json").read_text())

    assert written == catalog.schema()


@PROVIDERS
def test_every_file_starts_with_the_line_that_names_its_schema(provider: Provider) -> None:
    first_line = (catalog.DIRECTORY / f"{provider.name}.yaml").read_text().splitlines()[0]

    assert first_line == "# yaml-language-server: $schema=schema.json"


def write(directory: Path, text: str, name: str = "acme") -> str:
    path = directory / f"{name}.yaml"
    path.write_text(text)
    with pytest.raises(CatalogError) as caught:
        catalog.load(directory)
    return str(caught.value).replace(f"{path}:", "")

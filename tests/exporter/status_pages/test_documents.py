"""Where each format looks for its documents."""

from __future__ import annotations

import pytest
from ai_provider_exporter.status_pages.formats import FORMATS

BASE = "https://status.acme.example"


@pytest.mark.parametrize(
    ("name", "base", "best"),
    [
        pytest.param("instatus", BASE, ("/summary.json", "/v3/components.json"), id="instatus"),
        pytest.param("betterstack", f"{BASE}/", ("/index.json",), id="betterstack, with a slash"),
        pytest.param("gcp", BASE, ("/incidents.json",), id="gcp"),
        pytest.param("aws", BASE, ("/public/currentevents",), id="aws"),
        pytest.param("datadog", BASE, ("/config.json",), id="datadog"),
        pytest.param("cloudflare_v3", BASE, ("/api/v3/summary",), id="cloudflare_v3"),
        pytest.param("flashduty", f"{BASE}/eu", ("/eu/api/widget/v1/summary.json",), id="flashduty, under a path"),
        pytest.param("firehydrant", BASE, ("/data/payload.json",), id="firehydrant"),
        pytest.param("rootly", BASE, ("/api/v1/status.json",), id="rootly"),
        pytest.param("slack", BASE, ("/api/v2.0.0/current",), id="slack"),
        pytest.param("heroku", BASE, ("/api/v4/current-status",), id="heroku"),
        pytest.param("salesforce", BASE, ("/v1/instances/status/preview",), id="salesforce"),
        pytest.param("oci", BASE, ("/api/v2/status.json", "/api/v2/components.json"), id="oci"),
    ],
)
def test_the_best_documents_are_on_the_page(name: str, base: str, best: tuple[str, ...]) -> None:
    assert FORMATS[name].documents(base)[0] == tuple(BASE + path for path in best)


@pytest.mark.parametrize(
    ("name", "base", "best"),
    [
        pytest.param("onlineornot", BASE, "https://api.onlineornot.com/v1/status_pages/status.acme.example/summary"),
        pytest.param(
            "onlineornot",
            "https://acme.onlineornot.com",
            "https://api.onlineornot.com/v1/status_pages/acme/summary",
            id="onlineornot without a domain of its own",
        ),
    ],
)
def test_the_best_document_is_elsewhere(name: str, base: str, best: str) -> None:
    assert FORMATS[name].documents(base)[0] == (best,)


@pytest.mark.parametrize("name", FORMATS)
def test_the_address_of_a_document_is_taken_as_it_is(name: str) -> None:
    documents = [url for way in FORMATS[name].documents(BASE) for url in way]

    assert [FORMATS[name].documents(url) for url in documents] == [((url,),) for url in documents]


def test_a_document_that_was_asked_for_in_part_keeps_its_question() -> None:
    url = "https://api.status.acme.example/v1/instances/status/preview?products=CRM"

    assert FORMATS["salesforce"].documents(url) == ((url,),)

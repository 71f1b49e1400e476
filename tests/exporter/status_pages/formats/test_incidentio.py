from __future__ import annotations

import pytest
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import incidentio
from ai_provider_exporter.status_pages.payload import Payload

BASE = "https://status.acme.example"


def test_the_pages_own_data_comes_before_the_emulation_the_widget_and_the_feeds() -> None:
    ways = [tuple(url.removeprefix(BASE) for url in way) for way in incidentio.documents(f"{BASE}/")]

    assert ways == [
        ("/proxy/status.acme.example",),
        ("/api/v2/components.json", "/api/v2/summary.json"),
        ("/api/v2/components.json", "/api/v2/incidents.json"),
        ("/api/v2/summary.json",),
        ("/api/v1/summary",),
        ("/feed.atom",),
        ("/feed.rss",),
    ]


@pytest.mark.parametrize("document", ["/proxy/acme-1", "/proxy/status.acme.example/incidents", "/feed.atom"])
def test_an_address_that_is_a_document_is_the_only_way(document: str) -> None:
    assert incidentio.documents(BASE + document) == ((BASE + document,),)


def test_a_host_with_a_port_is_asked_for_without_and_with_it() -> None:
    ways = incidentio.documents("http://acme.internal:8080")

    assert ways[:2] == (
        ("http://acme.internal:8080/proxy/acme.internal",),
        ("http://acme.internal:8080/proxy/acme.internal:8080",),
    )


def test_a_page_that_lists_no_components_has_moved() -> None:
    body = b'{"summary": {"name": "Acme", "components": [], "structure": {"items": []}, "ongoing_incidents": []}}'

    with pytest.raises(PageFailure) as failure:
        incidentio.parse(Payload(body=body))

    assert failure.value.reason == "components_vanished"

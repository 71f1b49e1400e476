from __future__ import annotations

from dataclasses import replace

from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import gcp

from tests.exporter.status_pages.saved import Saved

DISRUPTION = Saved("gcp", "disruption")


def test_a_component_is_a_product_in_a_location() -> None:
    page, _ = filter_page(gcp.parse(*DISRUPTION.payloads), ("Zq1AcmeGeminiExample",), ("us-central1",))

    assert [(c.name, c.region, c.status) for c in page.components] == [
        ("Example on Agent Platform", "us-central1", Status.PARTIAL_OUTAGE)
    ]


def test_an_incident_elsewhere_is_no_trouble() -> None:
    page, _ = filter_page(gcp.parse(*DISRUPTION.payloads), regions=("asia-east1",))

    assert page.status is Status.OPERATIONAL
    assert page.open_incidents == ()


def test_the_address_of_an_incident_is_beside_the_list() -> None:
    payload = replace(DISRUPTION.payloads[0], url="https://status.acme.example/incidents.json")

    [incident] = gcp.parse(payload).open_incidents

    assert incident.url == "https://status.acme.example/incidents/AcmeOpen000000000001"

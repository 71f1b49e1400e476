from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import statusio
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved

FOR_READERS = Payload(body=b"<!doctype html><script>var statuspageId = '65a1b2c3d4e5f60718293a4b';</script>")


def test_containers_are_regions() -> None:
    page, _ = filter_page(statusio.parse(*Saved("statusio", "incidents").payloads), regions=("Frankfurt",))

    assert {(component.name, component.status) for component in page.components} == {
        ("API", Status.PARTIAL_OUTAGE),
        ("GPU Clusters", Status.OPERATIONAL),
    }
    assert [incident.name for incident in page.incidents] == ["API errors in Frankfurt"]


def test_the_page_for_readers_tells_which_address_to_write() -> None:
    assert statusio.looks_like(FOR_READERS)

    with pytest.raises(PageFailure, match=r"https://api.status.io/1.0/status/65a1b2c3d4e5f60718293a4b"):
        statusio.parse(FOR_READERS)


@pytest.mark.parametrize("illegible", [b"2026-02-03T18:20:00.000Z", b"2026-02-03T18:40:00.000Z"])
def test_the_last_message_is_the_newest_whatever_its_time(illegible: bytes) -> None:
    body = Saved("statusio", "reopened").payloads[0].body.replace(illegible, b"soon")

    [incident] = statusio.parse(Payload(body=body)).incidents

    assert incident.status == "identified"

from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.formats import aistudio
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved

LAST_NEWS = 1770145200.0  # of the fixture
DAY = 86400.0


@pytest.mark.parametrize(("days", "status"), [(6, Status.PARTIAL_OUTAGE), (8, Status.OPERATIONAL)])
def test_an_entry_that_nobody_closes_is_forgotten_after_a_week(days: int, status: Status) -> None:
    page = aistudio.parse(*Saved("aistudio", "incidents").payloads)

    assert as_of(page, LAST_NEWS + days * DAY).status is status


@pytest.mark.parametrize("body", [b"[]", b"[[]]", b"[[[]]]", b"[[{}]]"])
def test_an_answer_without_entries_is_broken(body: bytes) -> None:
    with pytest.raises(PageFailure, match="no list of incidents"):
        aistudio.parse(Payload(body=body))


def test_the_page_for_readers_tells_what_is_missing() -> None:
    with pytest.raises(PageFailure, match="to a POST alone; save the answer"):
        aistudio.parse(Payload(body=b"<!doctype html><title>Status</title>"))

from __future__ import annotations

import json

import pytest
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import flashduty
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import format_time

from tests.exporter.status_pages.saved import Saved


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("status_page_not_found", "page_inactive"),
        ("widget_summary_unavailable", "server_error"),
        ("teapot", "malformed_response"),
    ],
)
def test_an_error_that_comes_as_an_answer_is_a_failure(error: str, reason: str) -> None:
    with pytest.raises(PageFailure) as failure:
        flashduty.parse(Payload(body=json.dumps({"error": error}).encode()))

    assert failure.value.reason == reason
    assert error in failure.value.detail


def test_the_page_says_when_it_was_made() -> None:
    page = flashduty.parse(*Saved("flashduty", "operational").payloads)

    assert format_time(page.generated_at) == "2026-02-03T18:40:00Z"

from __future__ import annotations

import time

import pytest
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.wire.retry_after import moment

DATE = "Tue, 03 Feb 2026 18:30:00 GMT"


def test_a_date_is_read() -> None:
    assert moment(DATE) == parse_time(DATE) == 1770143400.0


@pytest.mark.parametrize("blank", [" ", "(", "x ", "+", ":", ","])
def test_no_date_is_longer_than_64_characters_so_none_takes_long(blank: str) -> None:
    value = "Tue" + blank * 200_000 + "3"
    began = time.thread_time()

    assert (moment(value), parse_time(value)) == (None, None)

    assert time.thread_time() - began < 0.1

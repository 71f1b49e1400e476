from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from ai_provider_exporter.status_pages.times import format_time, parse_time

NOON = 1772539200.0  # 2026-03-03 12:00:00 UTC


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("2026-03-03T12:00:00Z", id="rfc 3339"),
        pytest.param("2026-03-03t12:00:00z", id="rfc 3339 in lower case"),
        pytest.param("2026-03-03T12:00:00.000Z", id="milliseconds"),
        pytest.param("2026-03-03T12:00:00.000000000Z", id="nanoseconds"),
        pytest.param("2026-03-03T05:00:00.000-07:00", id="offset behind"),
        pytest.param("2026-03-03T17:30:00+05:30", id="offset ahead"),
        pytest.param("2026-03-03 12:00:00 UTC", id="blanks and a name"),
        pytest.param("2026-03-03 12:00:00 +0000", id="blanks and an offset"),
        pytest.param("2026-03-03 12:00:00", id="no offset is utc"),
        pytest.param(" 2026-03-03T12:00:00Z\n", id="blanks around"),
        pytest.param("Tue, 03 Mar 2026 12:00:00 GMT", id="rfc 822"),
        pytest.param("Tue, 03 Mar 2026 12:00:00 Z", id="rfc 822 with Z"),
        pytest.param("Tue, 03 Mar 2026 04:00:00 PST", id="rfc 822 with PST"),
        pytest.param("Tue, 03 Mar 2026 05:00:00 PDT", id="rfc 822 with PDT"),
        pytest.param("Tue, 03 Mar 2026 13:00:00 +0100", id="rfc 822 with an offset"),
        pytest.param("Tue Mar 03 2026 13:00:00 GMT+0100 (Central European Standard Time)", id="javascript"),
        pytest.param("Tue Mar 03 2026 12:00:00 GMT+0000", id="javascript without a name"),
        pytest.param(1772539200, id="epoch seconds"),
        pytest.param(1772539200000, id="epoch milliseconds"),
        pytest.param("1772539200", id="epoch seconds as text"),
        pytest.param("1772539200000", id="epoch milliseconds as text"),
    ],
)
def test_every_spelling_of_noon_is_the_same_moment(written: object) -> None:
    assert parse_time(written) == NOON


@pytest.mark.parametrize(
    "junk",
    [
        pytest.param(None, id="nothing"),
        pytest.param("", id="empty"),
        pytest.param("soon", id="a word"),
        pytest.param("$undefined", id="what React writes for nothing"),
        pytest.param("2026-13-03T12:00:00Z", id="no such month"),
        pytest.param("Tue, 99 Mar 2026 12:00:00 GMT", id="no such day"),
        pytest.param("0001-01-01T00:00:00Z", id="what Go writes for nothing"),
        pytest.param("9999-12-31T23:59:59-12:00", id="the end of time"),
        pytest.param("99999999999999999999", id="too many digits"),
        pytest.param(True, id="true"),
        pytest.param(0, id="zero"),
        pytest.param(-1, id="negative"),
        pytest.param(float("nan"), id="nan"),
        pytest.param(float("inf"), id="inf"),
        pytest.param(10**400, id="huge"),
        pytest.param([], id="list"),
        pytest.param({}, id="object"),
    ],
)
def test_what_is_no_time_is_none(junk: Any) -> None:
    assert parse_time(junk) is None


def test_a_time_without_offset_was_written_in_the_zone_of_its_page() -> None:
    assert parse_time("2026-03-03 13:00:00", timezone(timedelta(hours=1))) == NOON


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, None),
        (NOON, "2026-03-03T12:00:00Z"),
        (NOON + 0.25, "2026-03-03T12:00:00.250Z"),
        (NOON + 0.99999, "2026-03-03T12:00:01Z"),
    ],
)
def test_times_are_written_as_rfc_3339_in_utc(seconds: float | None, written: str | None) -> None:
    assert format_time(seconds) == written

from __future__ import annotations

import pytest
from ai_provider_exporter.web.board import formatting
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "1 d"),
        (100_000, "1 d 3 h"),
    ],
)
def test_an_age_has_two_units_at_most_and_is_never_rounded_up(seconds: float, expected: str) -> None:
    assert formatting.age(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "\N{EN DASH}"), (0.0004, "0.4 ms"), (0.0996, "100 ms"), (0.312, "312 ms"), (2.414, "2.41 s")],
)
def test_a_wait_is_told_as_precisely_as_it_matters(value: float | None, expected: str) -> None:
    assert formatting.seconds(value) == expected


@pytest.mark.parametrize(
    ("usd", "expected"), [(0, "$0.00"), (0.42, "$0.42"), (0.000012, "$0.000012"), (12.5, "$12.50")]
)
def test_an_amount_has_the_places_that_it_needs(usd: float, expected: str) -> None:
    assert formatting.dollars(usd) == expected


def test_a_time_is_an_age_to_readers_and_a_moment_to_machines() -> None:
    said = '<time datetime="2026-02-03T20:47:27Z" title="2026-02-03 20:47:27 UTC">{}</time>'

    assert formatting.when(1_770_151_647, 1_770_151_659) == said.format("12 s ago")
    assert formatting.when(1_770_151_647, 1_770_151_587) == said.format("in 1 min")
    assert formatting.when(None, 0) == "&ndash;"


def test_a_moment_of_another_day_names_the_day() -> None:
    assert ">20:47 UTC<" in formatting.clock(1_770_151_647, 1_770_151_700)
    assert ">3 Feb 20:47 UTC<" in formatting.clock(1_770_151_647, 1_770_251_700)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "//evil.example",
        "https:evil",
        "ftp://x.example",
        "http://[",
        "https://",
        "",
    ],
)
def test_nobody_is_sent_to_what_is_not_on_the_web(url: str) -> None:
    assert formatting.web_address(url) == ""


@pytest.mark.parametrize("url", ["https://status.acme.example/incidents/1", "http://127.0.0.1:8080/?a=b"])
def test_a_web_address_stays_as_it_is(url: str) -> None:
    assert formatting.web_address(url) == url


@given(st.text())
def test_whatever_a_page_calls_its_address_is_a_web_address_or_nothing(url: str) -> None:
    assert formatting.web_address(url) == "" or url.lower().startswith(("http://", "https://"))

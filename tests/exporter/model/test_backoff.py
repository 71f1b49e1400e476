from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.model.backoff import REFUSALS, WAITS, Backoff
from ai_provider_exporter.model.observation import ProbeId, ProbeObservation
from ai_provider_exporter.model.reasons import OK, REASONS
from hypothesis import given
from hypothesis import strategies as st

START = 1_790_000_000.0
OBSERVED = ProbeObservation(
    id=ProbeId(probe="openai-chat", provider="openai", kind="chat"), started_at=START, duration_seconds=2.0
)


def observed(reason: str, *, at: float = START, retry_after: float | None = None) -> ProbeObservation:
    return replace(OBSERVED, reason=reason, started_at=at, retry_after_seconds=retry_after)


def starts(reason: str, *, interval: float, ticks: int, jitter: float = 0.0) -> list[int]:
    """The ticks on which a probe that always fails for `reason` really runs."""
    backoff, ran = Backoff(interval=interval), list[int]()
    for tick in range(ticks):
        now = START + tick * interval + (-jitter if tick % 2 else jitter)
        if backoff.next_allowed(now) <= now:
            ran.append(tick)
            backoff = backoff.after(observed(reason, at=now))
    return ran


def test_a_new_probe_may_run_at_once() -> None:
    assert Backoff(interval=60).next_allowed(START) == START


@pytest.mark.parametrize("reason", sorted(REFUSALS))
def test_refusals_space_runs_out_from_the_interval_to_half_an_hour(reason: str) -> None:
    assert starts(reason, interval=60, ticks=125) == [0, 1, 3, 7, 15, 31, 61, 91, 121]


def test_a_tick_that_comes_a_little_early_does_not_lose_its_turn() -> None:
    assert starts("key_rejected", interval=60, ticks=62, jitter=2.0) == [0, 1, 3, 7, 15, 31, 61]


def test_a_probe_slower_than_half_an_hour_keeps_its_pace() -> None:
    assert starts("quota_exhausted", interval=3600, ticks=5) == [0, 1, 2, 3, 4]


def test_a_month_of_refusals_overflows_nothing() -> None:
    backoff = Backoff(interval=60, refusals=100_000).after(observed("key_rejected"))

    assert backoff.until == START + 1800 - 30


@pytest.mark.parametrize("reason", [OK, *sorted(REASONS.keys() - REFUSALS)])
def test_a_success_or_another_reason_ends_the_refusals(reason: str) -> None:
    refused = Backoff(interval=60, refusals=5).after(observed("key_rejected"))
    backoff = refused.after(observed(reason, at=START + 1800))

    assert backoff.refusals == 0
    assert backoff.next_allowed(START + 1860) == START + 1860


def test_one_refusal_follows_another_of_the_list() -> None:
    backoff = Backoff(interval=60).after(observed("key_rejected")).after(observed("quota_exhausted"))

    assert backoff.refusals == 2


@pytest.mark.parametrize("reason", sorted(WAITS))
@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        pytest.param(300.0, 300.0, id="as told"),
        pytest.param(86400.0, 900.0, id="a day: a quarter of an hour"),
        pytest.param(0.0, 0.0, id="at once"),
        pytest.param(-5.0, 0.0, id="in the past"),
        pytest.param(None, 0.0, id="not told"),
    ],
)
def test_a_told_wait_is_kept_from_the_end_of_the_run(reason: str, told: float | None, seconds: float) -> None:
    backoff = Backoff(interval=60).after(observed(reason, retry_after=told))

    assert backoff.next_allowed(START + 2) == START + 2 + seconds


def test_a_wait_told_with_any_other_reason_is_not_ours_to_keep() -> None:
    backoff = Backoff(interval=60).after(observed("server_error", retry_after=300.0))

    assert backoff.next_allowed(START + 2) == START + 2


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        pytest.param(START + 2, START + 302, id="as the wait begins"),
        pytest.param(START + 301.9, START + 302, id="just before its end"),
        pytest.param(START + 302, START + 302, id="at its end"),
        pytest.param(START + 400, START + 400, id="later"),
        pytest.param(START - 86400, START - 86400, id="on a clock set back by a day"),
    ],
)
def test_the_next_run_is_now_or_at_the_end_of_the_wait(now: float, allowed: float) -> None:
    backoff = Backoff(interval=60).after(observed("rate_limited", retry_after=300.0))

    assert backoff.next_allowed(now) == allowed


@given(
    interval=st.floats(5, 7200),
    told=st.lists(
        st.tuples(
            st.sampled_from([OK, *REASONS]),
            st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
        ),
        max_size=20,
    ),
)
def test_nothing_that_a_provider_says_silences_a_probe_for_longer_than_half_an_hour(
    interval: float, told: list[tuple[str, float | None]]
) -> None:
    backoff = Backoff(interval=interval)
    for reason, retry_after in told:
        backoff = backoff.after(observed(reason, retry_after=retry_after))
    now = START + OBSERVED.duration_seconds

    assert now <= backoff.next_allowed(now) <= now + max(1800, interval)

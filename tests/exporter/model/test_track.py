from __future__ import annotations

import random

import pytest
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.track import MAX_CLEAN_RUNS, MIN_CLEAN_RUNS, Outcome, Track

MINUTE = 60.0


def _track(runs: str, *, slow: str = "") -> Track:
    """One run a minute: `x` failed, `.` succeeded."""
    track = Track()
    for at, letter in enumerate(runs):
        start, bad = at * MINUTE, letter == "x"
        fault = Fault.PROVIDER if bad else None
        is_slow = at < len(slow) and slow[at] == "s"
        track = track.after(Outcome(started_at=start, ended_at=start + 1, bad=bad, fault=fault, slow=is_slow))
    return track


@pytest.mark.parametrize(
    ("runs", "since"),
    [
        pytest.param(".....", None, id="nothing fails"),
        pytest.param("....x", None, id="one failure is no evidence"),
        pytest.param("...xx", 3, id="two in a row"),
        pytest.param("x...x", 0, id="two of five: since the first"),
        pytest.param("x....x", None, id="two of six"),
        pytest.param("x......x........x", 0, id="three of twenty"),
        pytest.param("xx.", 0, id="a single success does not end it"),
        pytest.param("xxxxxxxxxx.....", None, id="five clean runs end what failed altogether"),
        pytest.param("xxxxxxxxxx....", 0, id="four do not"),
        pytest.param("xxxxxxxxxx.....x", None, id="what is over is no evidence for another"),
        pytest.param("xxxxxxxxxx.....xx", 15, id="another begins anew"),
    ],
)
def test_an_episode_opens_on_evidence_and_began_with_its_first_failure(runs: str, since: int | None) -> None:
    episode = _track(runs).episode

    assert (None if episode is None else episode.started_at / MINUTE) == since


@pytest.mark.parametrize(
    ("runs", "needed"),
    [
        pytest.param("x" * 40, MIN_CLEAN_RUNS, id="everything"),
        pytest.param("x." * 20 + "x", 10, id="a half"),
        pytest.param("x..." * 12 + "x", 24, id="a quarter"),
        pytest.param("x.........x.......x.........x", MAX_CLEAN_RUNS, id="seldom"),
    ],
)
def test_the_rarer_the_failures_the_more_clean_runs_it_takes(runs: str, needed: int) -> None:
    episode = _track(runs).episode

    assert episode is not None
    assert episode.clean_runs_needed == pytest.approx(needed, abs=1)


@pytest.mark.parametrize(
    ("runs", "is_dead"),
    [
        pytest.param("....xx", False, id="two failures are not enough"),
        pytest.param("....xxx", True, id="three are"),
        pytest.param("xxxxxx.xxxx", True, id="one success among many failures"),
        pytest.param("x.x.x.x.x.x", False, id="a half"),
        pytest.param("x.x.x.x.xxxxx", True, id="then all of the last five"),
    ],
)
def test_what_hardly_ever_succeeds_is_dead(runs: str, is_dead: bool) -> None:  # noqa: FBT001
    assert _track(runs).is_dead is is_dead


def test_three_slow_runs_of_the_last_five_are_slow() -> None:
    assert _track(".....", slow="s.s.s").is_slow
    assert not _track(".......", slow="sss...s").is_slow


def test_a_clock_that_was_set_back_teaches_nothing() -> None:
    track = _track("....xx")

    assert track.after(Outcome(started_at=0.0, ended_at=1.0, bad=False)) is track


MONTH = 30 * 24 * 60


def _quiet_month(seed: int) -> tuple[float, int, int]:
    """One run a minute, one in a hundred fails: the longest wait for an end, minutes in episodes, and dead."""
    chance = random.Random(seed)  # noqa: S311  # a story, no secret
    track, longest, minutes, dead = Track(), 0.0, 0, 0
    for at in range(MONTH):
        start, bad = at * MINUTE, chance.random() < 0.01
        fault = Fault.PROVIDER if bad else None
        track = track.after(Outcome(started_at=start, ended_at=start + 1, bad=bad, fault=fault))
        if track.episode is not None:
            longest = max(longest, start - track.episode.runs[-1].started_at)
            minutes, dead = minutes + 1, dead + track.is_dead
    return longest, minutes, dead


def test_quiet_months_with_one_failure_in_a_hundred_hold_no_episode_longer_than_the_rule() -> None:
    months = [_quiet_month(seed) for seed in range(4)]

    assert all(longest <= MAX_CLEAN_RUNS * MINUTE for longest, _, _ in months)
    assert all(minutes < 0.05 * MONTH for _, minutes, _ in months)
    # Three failures in a row are dead, and come once in a million runs: one month of twenty-four.
    assert sum(dead > 0 for _, _, dead in months) <= 1

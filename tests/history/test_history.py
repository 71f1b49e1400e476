"""Outages of the past, minute by minute: what metrics, board and JSON say while they last."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest
from ai_provider_exporter.model.agreement import Disagreement

from tests.history.player import MINUTE, START, Frame, Played, Player
from tests.history.story import Expect, stories

SHORT_MINUTES = 200
NAMES = [
    pytest.param(name, marks=[] if story.minutes <= SHORT_MINUTES else pytest.mark.e2e)
    for name, story in stories().items()
]
"""The long ones are left out of the unit part."""


@cache
def played(name: str) -> Played:
    return asyncio.run(Player(stories()[name]).play())


def _minutes(at: float | None) -> float | None:
    return None if at is None else (at - START) / MINUTE


def _within(value: float | None, wanted: tuple[float, float] | str) -> bool:
    if isinstance(wanted, str):
        return value is None
    return value is not None and wanted[0] <= value <= wanted[1]


def _wrong(frame: Frame, expect: Expect) -> str:
    """What a frame says otherwise; empty if it is as expected."""
    place = expect.provider, expect.location
    judgement, agreement = frame.judgements[place], frame.state.agreements.get(place)
    lag = None if agreement is None or agreement.lag_seconds is None else agreement.lag_seconds / MINUTE
    kind = agreement.kind if agreement else None
    checks = {
        f"verdict {judgement.verdict}": not expect.verdict or judgement.verdict in expect.verdict,
        f"never {judgement.verdict}": judgement.verdict not in expect.never,
        f"reason {judgement.reason}": not expect.reason or judgement.reason in expect.reason,
        f"parts {judgement.parts}": set(expect.parts) <= set(judgement.parts),
        f"headline {frame.headline!r}": expect.headline in frame.headline,
        f"lag {lag}": expect.lag_minutes is None or _within(lag, expect.lag_minutes),
        f"trouble since {_minutes(judgement.since)}": expect.trouble_since is None
        or _within(_minutes(judgement.since), expect.trouble_since),
        f"disagreement {kind}": expect.unacknowledged is None
        or expect.unacknowledged is (kind is Disagreement.UNACKNOWLEDGED),
    }
    return ", ".join(said for said, is_right in checks.items() if not is_right)


@pytest.mark.parametrize("name", NAMES)
def test_each_sentence_of_a_story_holds_at_each_of_its_minutes(name: str) -> None:
    story = stories()[name]
    wrong = [
        f"minute {frame.minute:.0f}: {said} (wanted: {expect.model_dump(exclude_defaults=True)})"
        for expect in story.expect
        for frame in played(name).frames
        if expect.since <= frame.minute <= expect.until and (said := _wrong(frame, expect))
    ]

    assert not wrong, f"{len(wrong)} minutes, such as\n" + "\n".join(wrong[:12])


@pytest.mark.parametrize("name", NAMES)
def test_board_json_and_metric_say_the_same_and_nobody_says_all_is_well_beside_an_episode(name: str) -> None:
    for frame in played(name).frames:
        assert frame.board == frame.json
        for (provider, _), judgement in frame.judgements.items():
            if len([place for place in frame.judgements if place[0] == provider]) == 1:
                assert frame.board[provider] == judgement.verdict
        has_episode = any(track.episode for track in frame.state.tracks.values())
        assert not (has_episode and frame.headline == "All is well."), f"minute {frame.minute}"


@pytest.mark.parametrize("name", NAMES)
def test_within_an_episode_the_age_never_restarts_and_the_lag_never_changes(name: str) -> None:
    lags: dict[tuple[tuple[str, str], float], float] = {}
    for frame in played(name).frames:
        for place, agreement in frame.state.agreements.items():
            if agreement.failing_since is None or agreement.lag_seconds is None:
                continue
            known = lags.setdefault((place, agreement.failing_since), agreement.lag_seconds)
            assert agreement.lag_seconds == known, f"minute {frame.minute}: {place}"

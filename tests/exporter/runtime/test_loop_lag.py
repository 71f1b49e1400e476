from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from time import perf_counter

import pytest
from ai_provider_exporter.runtime.loop_lag import LoopLag


def _late(blocks: float, *, since: str) -> tuple[float, float]:
    """The worst delay since the loop was blocked, or since it came to its senses, and the seconds since then."""

    async def story() -> tuple[float, float]:
        lag = LoopLag(lambda _: None)
        watch = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        before = perf_counter()
        time.sleep(blocks)  # noqa: ASYNC251  # that is what is tested
        after = perf_counter()
        if since == "noticed":
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        stamp = after if since == "after" else before
        return lag.worst(stamp), perf_counter() - stamp

    return asyncio.run(story())


@pytest.mark.parametrize("since", ["unnoticed", "noticed"])
def test_a_blocked_loop_is_late_whether_it_has_noticed_yet_or_not(since: str) -> None:
    late, elapsed = _late(0.4, since=since)

    assert 0.2 < late < elapsed


def test_what_was_late_before_a_run_is_not_held_against_it() -> None:
    late, elapsed = _late(0.4, since="after")

    assert late <= elapsed


def test_a_small_delay_noticed_does_not_hide_a_large_one_that_is_not() -> None:
    lag = LoopLag(lambda _: None)
    start = perf_counter()
    lag._late.append((start + 0.05, 0.02))
    lag._due = start - 0.5

    assert lag.worst(start - 1.0) >= 0.5

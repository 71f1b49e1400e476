from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from ai_provider_exporter.runtime.schedule import (
    Clock,
    ScheduledJob,
    Scheduler,
    first_tick,
    fraction,
    next_tick,
    run_on_schedule,
)


class FakeTime:
    """Time that passes only by sleeping, and by as much as a run is said to take."""

    def __init__(self, now: float) -> None:
        self.now = now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.now, monotonic=lambda: self.now, sleep=self.sleep)


def test_a_fraction_depends_on_the_name_alone_and_never_on_the_process() -> None:
    assert fraction("openai-chat") == pytest.approx(0.0653344, abs=1e-6)
    assert fraction("openai-chat") != fraction("anthropic-chat")


def test_fractions_spread_jobs_over_the_interval() -> None:
    tenths = {int(fraction(f"probe-{n}") * 10) for n in range(200)}

    assert tenths == set(range(10))


@pytest.mark.parametrize("now", [0.0, 1.0, 59.999, 1_790_000_000.25])
def test_the_first_tick_lies_within_one_interval_on_the_same_grid(now: float) -> None:
    tick = first_tick("openai-chat", 60.0, now)

    assert now <= tick < now + 60.0
    assert (tick - first_tick("openai-chat", 60.0, 0.0)) % 60.0 == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(100.0, 160.0, id="on time"),
        pytest.param(159.0, 160.0, id="a long run"),
        pytest.param(160.0, 220.0, id="a tick was just missed"),
        pytest.param(1000.0, 1060.0, id="the machine slept"),
        pytest.param(99.0, 160.0, id="woken early"),
    ],
)
def test_the_next_tick_never_leaves_the_grid_and_never_lies_in_the_past(now: float, expected: float) -> None:
    assert next_tick(100.0, 60.0, now) == expected


async def _starts(job_seconds: float, *, soon: bool, count: int = 4) -> list[float]:
    time, starts = FakeTime(1000.0), list[float]()

    async def run() -> None:
        starts.append(time.now)
        time.now += job_seconds
        if len(starts) == count:
            raise asyncio.CancelledError

    job = ScheduledJob(name="openai-chat", interval=60.0, run=run, soon=soon)
    with pytest.raises(asyncio.CancelledError):
        await run_on_schedule(job, time.clock(), lambda _: None)
    return starts


def test_a_job_runs_every_interval_without_drift_however_long_a_run_takes() -> None:
    starts = asyncio.run(_starts(7.3, soon=False))

    assert [later - earlier for earlier, later in pairwise(starts)] == pytest.approx([60.0] * 3)


def test_a_run_longer_than_the_interval_leaves_out_ticks_instead_of_overlapping() -> None:
    starts = asyncio.run(_starts(61.0, soon=False))

    assert [later - earlier for earlier, later in pairwise(starts)] == pytest.approx([120.0] * 3)


def test_a_soon_job_runs_within_five_seconds_and_then_on_the_same_grid() -> None:
    soon, regular = asyncio.run(_starts(0.1, soon=True)), asyncio.run(_starts(0.1, soon=False))

    assert soon[0] - 1000.0 <= 5.0
    assert soon[1:] == pytest.approx(regular[:3])


def test_a_late_start_is_told_in_seconds() -> None:
    delays: list[float] = []
    time = FakeTime(1000.0)

    async def oversleep(seconds: float) -> None:
        time.now += seconds + 0.25
        await asyncio.sleep(0)

    async def run() -> None:
        if len(delays) == 2:
            raise asyncio.CancelledError

    async def run_late() -> None:
        clock = Clock(wall=lambda: time.now, monotonic=lambda: time.now, sleep=oversleep)
        await run_on_schedule(ScheduledJob(name="openai-chat", interval=60.0, run=run), clock, delays.append)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run_late())

    assert delays == pytest.approx([0.25, 0.25])


def test_stopping_a_job_waits_until_its_run_has_let_go() -> None:
    events: list[str] = []

    async def story() -> None:
        started = asyncio.Event()

        async def run() -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                events.append("let go")

        scheduler = Scheduler(Clock(), lambda _: None)
        scheduler.start(ScheduledJob(name="probe/a", interval=0.001, run=run))
        await started.wait()
        await scheduler.stop("probe/a")
        events.append("stopped")

    asyncio.run(story())

    assert events == ["let go", "stopped"]


def test_a_job_that_asks_for_it_runs_again_out_of_turn_and_the_grid_stays() -> None:
    time, starts = FakeTime(1000.0), []
    waits = iter([None, 15.0, 15.0, None, 50.0, 50.0])

    async def run() -> float | None:
        starts.append(time.now)
        if len(starts) == 6:
            raise asyncio.CancelledError
        return next(waits)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(
            run_on_schedule(ScheduledJob(name="openai-chat", interval=60.0, run=run), time.clock(), lambda _: None)
        )

    assert [later - starts[0] for later in starts] == pytest.approx([0, 60, 75, 90, 120, 170])

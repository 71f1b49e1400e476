"""When: each job runs at the same offset past every multiple of its interval, whatever the process was doing.

The offset comes from a stable hash of the name, so that jobs spread over the interval, restarts do not
reshuffle them, and nothing needs randomness. A tick that was missed is left out; the grid never shifts.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

SOON_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledJob:
    """`run` returns after how many seconds it wants to run once more out of turn, None as a rule.

    `soon` jobs also run once within `SOON_SECONDS` of the start: reading a page costs nothing.
    """

    name: str
    interval: float
    run: Callable[[], Awaitable[float | None]]
    soon: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Where time comes from; tests bring their own."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def fraction(name: str) -> float:
    """A number in [0, 1) that depends on the name alone; the same in every process and on every machine."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def first_tick(name: str, interval: float, now: float) -> float:
    """The first instant not before `now` (Unix seconds) that lies on the grid of this job."""
    offset = fraction(name) * interval
    return math.ceil((now - offset) / interval) * interval + offset


def next_tick(due: float, interval: float, now: float) -> float:
    """The first instant of the grid through `due` that is after both `due` and `now`."""
    return due + interval * max(1, math.floor((now - due) / interval) + 1)


async def run_on_schedule(job: ScheduledJob, clock: Clock, on_delay: Callable[[float], None]) -> None:
    """Run `job` on its grid until cancelled; `on_delay` gets how many seconds late each run began."""
    wall, monotonic = clock.wall(), clock.monotonic()
    due = monotonic + first_tick(job.name, job.interval, wall) - wall
    if job.soon:
        early = monotonic + fraction(job.name) * min(SOON_SECONDS, job.interval)
        if early < due:
            await _at(early, clock, on_delay)
            await job.run()
            due = next_tick(due - job.interval, job.interval, clock.monotonic())
    while True:
        await _at(due, clock, on_delay)
        await _run_until(due + job.interval, job, clock, on_delay)
        due = next_tick(due, job.interval, clock.monotonic())


async def _run_until(end: float, job: ScheduledJob, clock: Clock, on_delay: Callable[[float], None]) -> None:
    """Run the job, and again whenever it asks for it, as long as that is before the tick at `end`."""
    while (wait := await job.run()) is not None and (again := clock.monotonic() + wait) < end:
        await _at(again, clock, on_delay)


async def _at(due: float, clock: Clock, on_delay: Callable[[float], None]) -> None:
    await clock.sleep(max(0.0, due - clock.monotonic()))
    on_delay(max(0.0, clock.monotonic() - due))


class Scheduler:
    """One task for each job, started and cancelled by its name."""

    def __init__(self, clock: Clock, on_delay: Callable[[float], None]) -> None:
        self._clock = clock
        self._on_delay = on_delay
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._broken: list[asyncio.Task[None]] = []
        self._breaks = asyncio.Event()

    def start(self, job: ScheduledJob) -> None:
        task = asyncio.create_task(run_on_schedule(job, self._clock, self._on_delay), name=job.name)
        task.add_done_callback(self._record_end)
        self._tasks[job.name] = task

    async def stop(self, *names: str) -> None:
        """Cancel these jobs and wait until each has let go of its sockets."""
        tasks = [self._tasks.pop(name) for name in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def stop_all(self) -> None:
        await self.stop(*self._tasks)

    async def wait_for_defect(self) -> None:
        """Return when any job ends by itself, which none should; the exception is the job's."""
        await self._breaks.wait()
        for task in self._broken:
            task.result()

    def _record_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._broken.append(task)
            self._breaks.set()

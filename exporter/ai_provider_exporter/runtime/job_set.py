"""The jobs that run, brought to what is desired by one reconcile: stop, remove, start; the rest goes on undisturbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ai_provider_exporter.runtime.jobs import Job
from ai_provider_exporter.runtime.schedule import ScheduledJob, Scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredJob:
    """A job that the settings ask for. With other `options` under the same name it is another job."""

    options: object
    interval: float
    make: Callable[[], Job] = field(compare=False)
    soon: bool = True


class JobSet:
    """Lives on the loop of its scheduler."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._running: dict[str, tuple[DesiredJob, Job]] = {}

    async def reconcile(self, desired: Mapping[str, DesiredJob]) -> None:
        """Stop and remove what is not desired any more, start what does not run yet."""
        gone = [name for name, (running, _) in self._running.items() if desired.get(name) != running]
        await self._scheduler.stop(*gone)
        for name in gone:
            _, job = self._running.pop(name)
            job.remove()
        for name, wanted in desired.items():
            if name not in self._running:
                self._start(name, wanted)

    def _start(self, name: str, wanted: DesiredJob) -> None:
        job = wanted.make()
        job.begin()
        self._running[name] = wanted, job
        self._scheduler.start(ScheduledJob(name=name, interval=wanted.interval, run=job.tick, soon=wanted.soon))

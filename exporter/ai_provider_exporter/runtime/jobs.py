"""What the schedule runs: each job begins its state, records what a run shows, and removes its state at the end.

The log has one line on a failure and one on the recovery, none for each run.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Protocol

from ai_provider_exporter.model.observation import PageObservation, ProbeObservation, ReportsObservation, Skip
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.reports_state import ReportsState
from ai_provider_exporter.probes import models
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ApiOptions, Endpoint, ProbeOptions
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.runtime import reading, runner
from ai_provider_exporter.runtime.admission import Admission, Grant
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.reader import PageReader

log = logging.getLogger(__name__)

MAX_CONFIRMATIONS = 3

Run = Callable[[ProbeOptions, ProbeContext, HostHealth], Awaitable[ProbeObservation]]
"""One run of a probe; `runner.probe`, unless a test plays what it would have met."""


class Job(Protocol):
    """`begin` before the first tick, `remove` after the last. A tick returns when it wants another one out of turn."""

    def begin(self) -> None: ...

    async def tick(self) -> float | None: ...

    def remove(self) -> None: ...


class ProbeJob:
    """One probe. A paid run reserves its highest cost first; without room for it the fallback probe runs instead.

    `title` is what the log calls it, if not by its name; `record` gets each run that the store gets.
    """

    def __init__(  # noqa: PLR0913  # all by name, each a thing of its own
        self,
        options: ProbeOptions,
        *,
        context: ProbeContext,
        health: HostHealth,
        store: Store,
        admission: Admission,
        fallback: ProbeOptions | None = None,
        record: Callable[[ProbeOptions, ProbeObservation], None] = lambda *_: None,
        title: str = "",
        run: Run = runner.probe,
    ) -> None:
        self._run_probe = run
        self._options = options
        self._title = title or options.name
        self._context = context
        self._health = health
        self._store = store
        self._admission = admission
        self._fallback = fallback
        self._record = record
        self._confirmations = 0

    def begin(self) -> None:
        options = self._options
        self._store.add_probe(
            ProbeState(
                id=options.id,
                interval=options.interval,
                info=MappingProxyType(dict(options.info)),
                credential=options.credential,
                objectives=MappingProxyType(options.objectives.limits),
            )
        )

    def remove(self) -> None:
        self._store.remove_probes(self._options.name)
        self._context.forget(self._options.name)

    async def tick(self, max_seconds: float = math.inf) -> float | None:
        """One run, if it may; it is given up after `max_seconds` where that is sooner than its own timeout.

        Returns after how many seconds another run would say whether a failure lasts; None: the schedule will do.
        """
        now = self._health.wall()
        leave = await self._admission.request(now, self._title)
        if isinstance(leave, Grant):
            return self._confirmation(await self._run_paid(leave, now, self._within(max_seconds)))
        self._skip(leave, now)
        if leave == "budget":
            await self._run_fallback()
        return None

    def _confirmation(self, run: ProbeObservation) -> float | None:
        """Soon, three times at most, after what may be an outage; a fault of ours gets no better by trying again."""
        if run.success or run.fault in {Fault.OURS, Fault.PROBER}:
            self._confirmations = 0
            return None
        self._confirmations += 1
        if self._confirmations > MAX_CONFIRMATIONS:
            return None
        return self._options.confirm_interval or self._options.interval / 4

    def _within(self, max_seconds: float) -> ProbeOptions:
        if max_seconds >= self._options.timeout:
            return self._options
        return self._options.model_copy(update={"timeout": max_seconds})

    async def _run_paid(self, grant: Grant, now: float, options: ProbeOptions) -> ProbeObservation:
        cost: float | None = None
        try:
            run = await self._run(options)
            cost = run.cost_usd
        except asyncio.CancelledError:
            self._skip("shutdown", now)  # it was begun, and nobody will know how it would have ended
            raise
        finally:
            grant.settle(cost)  # cancelled in mid-stream it may be billed in full: the reservation then stands
        if self._fallback is not None:
            self._store.remove_probe(self._fallback.id)
        return run

    async def _run_fallback(self) -> None:
        if self._fallback is not None:
            self._store.add_probe(ProbeState(id=self._fallback.id, interval=self._options.interval))
            await self._run(self._fallback)

    async def _run(self, options: ProbeOptions) -> ProbeObservation:
        run = await self._run_probe(options, self._context, self._health)
        self._admission.record(run)
        log_probe(self._title, self._store.last_run(run.id), run)
        self._store.fold(run)
        self._record(options, run)
        return run

    def _skip(self, cause: str, now: float) -> None:
        self._store.fold(Skip(id=self._options.id, at=now, cause=cause))


def fallback_probe(options: ProbeOptions) -> ProbeOptions | None:
    """The probe that runs when there is no money left: it reads the model list at the same endpoint."""
    if not isinstance(options, ApiOptions) or options.dialect not in models.PATHS:
        return None
    endpoint = options.model_dump(include=set(Endpoint.model_fields) - {"kind"})
    return models.ModelsOptions.model_validate(endpoint, strict=False)


class PageJob:
    """One status page. While our egress is down, that no page can be read is logged once, and not for each page."""

    def __init__(
        self,
        options: PageOptions,
        reader: PageReader,
        *,
        health: HostHealth,
        store: Store,
        is_egress_down: Callable[[], bool],
    ) -> None:
        self._options = options
        self._reader = reader
        self._health = health
        self._store = store
        self._is_egress_down = is_egress_down
        self._logged: PageObservation | None = None

    def begin(self) -> None:
        options = self._options
        url = options.places[0].url
        concerns = MappingProxyType(dict(options.concerns))
        self._store.add_page(
            PageState(provider=options.provider, interval=options.interval, url=url, concerns=concerns)
        )

    def remove(self) -> None:
        self._store.remove_page(self._options.provider)

    async def tick(self) -> None:
        read = await reading.page(self._reader, self._health)
        if read.up or not self._is_egress_down():
            log_page(self._logged, read)
            self._logged = read
        self._store.fold(read)


class ReportsJob:
    """One source about one provider. While our egress is down, that it does not answer is not logged."""

    def __init__(
        self,
        options: ReportsOptions,
        reader: ReportsReader,
        *,
        health: HostHealth,
        store: Store,
        is_egress_down: Callable[[], bool],
    ) -> None:
        self._options = options
        self._reader = reader
        self._health = health
        self._store = store
        self._is_egress_down = is_egress_down
        self._logged: ReportsObservation | None = None

    def begin(self) -> None:
        options = self._options
        self._store.add_reports(
            ReportsState(provider=options.provider, source=options.source, interval=options.interval)
        )

    def remove(self) -> None:
        self._store.remove_reports((self._options.provider, self._options.source))

    async def tick(self) -> None:
        read = await reading.reports(self._reader, self._health)
        if read.reports is not None or not self._is_egress_down():
            log_reports(self._logged, read)
            self._logged = read
        self._store.fold(read)


# --- one line on a failure, one on the recovery, none for each run ----------------------------------------


def log_probe(title: str, before: ProbeObservation | None, run: ProbeObservation) -> None:
    if not run.success and (before is None or before.reason != run.reason):
        log.warning("probe %s failed: %s (fault: %s): %s", title, run.reason, run.fault, run.detail)
    elif run.success and before is not None and not before.success:
        log.info("probe %s recovered from %s", title, before.reason)


def log_page(before: PageObservation | None, read: PageObservation) -> None:
    if not read.up and (before is None or before.reason != read.reason):
        log.warning("status page of %s not read: %s: %s", read.provider, read.reason, read.detail)
    elif read.up and before is not None and not before.up:
        log.info("status page of %s is read again", read.provider)


def log_reports(before: ReportsObservation | None, read: ReportsObservation) -> None:
    about = f"{read.source} about {read.provider}"
    if read.reports is None and (before is None or before.reason != read.reason):
        log.warning("%s does not answer: %s: %s", about, read.reason, read.detail)
    elif read.reports is not None and before is not None and before.reports is None:
        log.info("%s answers again", about)

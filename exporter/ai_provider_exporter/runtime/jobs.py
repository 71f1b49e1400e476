"""What happens at a tick: may it run, what did it show, what did it cost, and does anybody need to be told."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable

from ai_provider_exporter.model.observation import PageObservation, ProbeObservation, ReportsObservation, Skip
from ai_provider_exporter.model.state import ProbeState
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.backoff import Backoff
from ai_provider_exporter.runtime.cost.budget import Budget, BudgetError
from ai_provider_exporter.runtime.runner import HostHealth
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.status_pages.reader import PageReader

log = logging.getLogger(__name__)


class ProbeJob:
    """One probe. A paid run reserves its worst case first; without room for it the `fallback` probe asks instead.

    `title` is what the log calls it, if not by its name; `tell` hears of each run what the store does.
    """

    def __init__(  # noqa: PLR0913  # all by name, each a thing of its own
        self,
        options: ProbeOptions,
        *,
        context: ProbeContext,
        health: HostHealth,
        store: Store,
        budget: Callable[[], Budget],
        max_cost: Callable[[], float | None],
        fallback: ProbeOptions | None = None,
        is_paused: Callable[[float], bool] = lambda _: False,
        tell: Callable[[ProbeOptions, ProbeObservation], None] = lambda *_: None,
        title: str = "",
    ) -> None:
        self._options = options
        self._title = title or options.name
        self._context = context
        self._health = health
        self._store = store
        self._budget = budget
        self._max_cost = max_cost
        self._fallback = fallback
        self._is_paused = is_paused
        self._tell = tell
        self._backoff = Backoff(interval=options.interval)

    async def tick(self, most_seconds: float = math.inf) -> None:
        """One run, if it may; it is given up after `most_seconds` where that is sooner than its own timeout."""
        now = time.time()
        if self._is_paused(now):
            self._skip("paused", now)
        elif self._backoff.next_allowed(now) > now:
            self._skip("backoff", now)
        else:
            await self._spend(now, self._hastened(most_seconds))

    def _hastened(self, most_seconds: float) -> ProbeOptions:
        if most_seconds >= self._options.timeout:
            return self._options
        return self._options.model_copy(update={"timeout": most_seconds})

    async def _spend(self, now: float, options: ProbeOptions) -> None:
        budget = self._budget()
        try:
            reservation = await budget.reserve(self._max_cost() or 0.0, now)
        except BudgetError as error:
            log.error("probe %s not run: %s", self._title, error)  # noqa: TRY400  # the sentence says it all
            reservation = None
        if reservation is None:
            self._skip("budget", now)
            await self._run_fallback()
            return
        cost: float | None = None
        try:
            cost = (await self._run(options)).cost_usd
        except asyncio.CancelledError:
            self._skip("shutdown", now)  # it was begun, and nobody will know how it would have ended
            raise
        finally:
            # Cancelled in mid-stream it may be billed in full: the reservation then stands.
            budget.settle(reservation, cost)
        self._forget_fallback()

    async def _run(self, options: ProbeOptions) -> ProbeObservation:
        run = await runner.probe(options, self._context, self._health)
        self._backoff = self._backoff.after(run)
        tell_probe(self._title, self._store.last_run(run.id), run)
        self._store.fold(run)
        self._tell(options, run)
        return run

    async def _run_fallback(self) -> None:
        if self._fallback is not None:
            self._store.add_probe(ProbeState(id=self._fallback.id, interval=self._options.interval))
            await self._run(self._fallback)

    def _forget_fallback(self) -> None:
        if self._fallback is not None:
            self._store.remove_probe(self._fallback.id)

    def _skip(self, cause: str, now: float) -> None:
        self._store.fold(Skip(id=self._options.id, at=now, cause=cause))


class PageJob:
    """One status page. While we are cut off, that no page can be read is said once, and not by each of them."""

    def __init__(
        self, reader: PageReader, *, health: HostHealth, store: Store, is_egress_down: Callable[[], bool]
    ) -> None:
        self._reader = reader
        self._health = health
        self._store = store
        self._is_egress_down = is_egress_down
        self._told: PageObservation | None = None

    async def tick(self) -> None:
        read = await runner.page(self._reader, self._health)
        if read.up or not self._is_egress_down():
            tell_page(self._told, read)
            self._told = read
        self._store.fold(read)


class ReportsJob:
    """One source about one provider. While we are cut off, that it cannot be asked is no news."""

    def __init__(
        self, reader: ReportsReader, *, health: HostHealth, store: Store, is_egress_down: Callable[[], bool]
    ) -> None:
        self._reader = reader
        self._health = health
        self._store = store
        self._is_egress_down = is_egress_down
        self._told: ReportsObservation | None = None

    async def tick(self) -> None:
        asked = await runner.reports(self._reader, self._health)
        if asked.reports is not None or not self._is_egress_down():
            tell_reports(self._told, asked)
            self._told = asked
        self._store.fold(asked)


# --- one line on failure, one on recovery, none per tick ---------------------------------------------------


def tell_probe(title: str, before: ProbeObservation | None, run: ProbeObservation) -> None:
    if not run.success and (before is None or before.reason != run.reason):
        log.warning("probe %s failed: %s (fault: %s): %s", title, run.reason, run.fault, run.detail)
    elif run.success and before is not None and not before.success:
        log.info("probe %s recovered from %s", title, before.reason)


def tell_page(before: PageObservation | None, read: PageObservation) -> None:
    if not read.up and (before is None or before.reason != read.reason):
        log.warning("status page of %s not read: %s: %s", read.provider, read.reason, read.detail)
    elif read.up and before is not None and not before.up:
        log.info("status page of %s is read again", read.provider)


def tell_reports(before: ReportsObservation | None, asked: ReportsObservation) -> None:
    about = f"{asked.source} about {asked.provider}"
    if asked.reports is None and (before is None or before.reason != asked.reason):
        log.warning("%s does not answer: %s: %s", about, asked.reason, asked.detail)
    elif asked.reports is not None and before is not None and before.reports is None:
        log.info("%s answers again", about)


def tell_egress(hosts: tuple[str, ...], *, before: bool | None, is_open: bool) -> None:
    if not is_open and before is not False:
        log.warning(
            "no way out: none of %s can be reached; what lies beyond is unknown until one can", ", ".join(hosts)
        )
    elif is_open and before is False:
        log.info("the way out is open again")

"""Runs what the settings ask for: one set of desired jobs, one reconcile that starts, stops and keeps them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Self

import httpx2

from ai_provider_exporter import catalog
from ai_provider_exporter.config import redacted
from ai_provider_exporter.config.mute_times import is_paused
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.metrics import Facts, View
from ai_provider_exporter.metrics.otel.outlet import Outlet
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.shard import WHOLE, Shard
from ai_provider_exporter.model.state import State
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.runtime.admission import Admission, Purse
from ai_provider_exporter.runtime.cost import plan
from ai_provider_exporter.runtime.cost.budget import PERIODS, Budget
from ai_provider_exporter.runtime.cost.share import BudgetShare
from ai_provider_exporter.runtime.cost.state_file import BudgetError
from ai_provider_exporter.runtime.egress import EgressMonitor
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.job_set import DesiredJob, JobSet
from ai_provider_exporter.runtime.jobs import PageJob, ProbeJob, ReportsJob, fallback_probe
from ai_provider_exporter.runtime.loop_lag import LoopLag
from ai_provider_exporter.runtime.schedule import Clock, ScheduledJob, Scheduler, first_tick
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.runtime.targets import ProbeRequest, Targets
from ai_provider_exporter.runtime.warm_up import warm_up
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.isolation import ParserProcess
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.wire import Resolver

log = logging.getLogger(__name__)


class Engine:
    """Lives on the loop that times probes; `view` and `config_text` are for any thread."""

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        context: ProbeContext,
        client: httpx2.AsyncClient,
        parser: ParserProcess,
        shard: Shard = WHOLE,
    ) -> None:
        self.settings = settings.of(shard)
        self.is_ready = False
        self._secrets = secrets
        self._context = context
        self._client, self._parser = client, parser
        self._shard = shard
        self._one_change_at_a_time = asyncio.Lock()
        self._loaded_at = time.time()
        self._load_failed = False
        self._store = Store()
        self._lag = LoopLag(self._store.record_lag)
        self._scheduler = Scheduler(Clock(), self._store.record_delay)
        self._jobs = JobSet(self._scheduler)
        self._egress = EgressMonitor(
            self.settings.egress, self.settings.defaults.location, self._store, proxy_for=self.proxy_for
        )
        self._health = HostHealth(
            worst_lag=self._lag.worst,
            egress_down=self._egress.explains,
            names_resolve=self._egress.names_resolve,
            redact=secrets.redact,
        )
        self._budget = Budget.open(settings.budget)
        self._outlet = Outlet(secrets.read, self.proxy_for)
        self._shares: dict[str, BudgetShare] = {}  # by module
        self._targets = Targets(self._target_job, context.resolve)

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, secrets: Secrets, shard: Shard) -> AsyncIterator[Self]:
        """An engine that sends nothing before `begin`; whatever is under way at the end is cancelled and waited for.

        Raises:
            BudgetError: the budget's state file cannot be used.
        """

        def proxy_for(host: str) -> str:
            return engine.proxy_for(host)

        client = page_client(proxy_for)
        opened = ProbeContext.opened(secrets.read, catalog.price_of)
        async with opened as context, client, ParserProcess() as parser:
            engine = cls(settings, secrets, context, client, parser, shard)
            try:
                yield engine
            finally:
                await engine.end()
                await engine._budget.close()

    async def prepare(self) -> None:
        """Load what would otherwise be loaded in the midst of the first runs."""
        await warm_up(self.settings.probes, self._context)

    async def begin(self) -> None:
        """Start the schedule."""
        async with self._one_change_at_a_time:
            await self._outlet.change(self.settings.otel)
            await self._jobs.reconcile(self._desired_jobs())
            await self._targets.change(self.settings.modules)
            self._scheduler.start(ScheduledJob(name="lag", interval=1.0, run=self._lag.watch))
            self.is_ready = True

    async def end(self) -> None:
        """Cancel what is under way and wait until it has let go of its sockets; the state stays as it is."""
        await self._scheduler.stop_all()
        await self._targets.change({})
        await self._outlet.close()

    async def wait_for_defect(self) -> None:
        """Wait for a job that ends by itself, which is a defect of this program, and raise what ended it."""
        await self._scheduler.wait_for_defect()

    # --- another configuration --------------------------------------------------------------------------

    async def reload(self, settings: Settings) -> None:
        """Go on under other settings. What is unchanged keeps its task, its counts and its history.

        Raises:
            BudgetError: another state file cannot be used; nothing has changed then.
        """
        new = settings.of(self._shard)
        async with self._one_change_at_a_time:
            await warm_up(new.probes, self._context)
            await self._change_budget(new)
            old, self.settings = self.settings, new
            if self.is_ready:
                await self._jobs.reconcile(self._desired_jobs())
            await self._targets.change(new.modules)
            await self._outlet.change(new.otel, anew=old.probes != new.probes or old.modules != new.modules)
            self._loaded_at, self._load_failed = time.time(), False

    def record_failed_reload(self) -> None:
        """The new configuration was wrong, and the old one goes on."""
        self._load_failed = True

    async def _change_budget(self, new: Settings) -> None:
        if new.budget.state_file == self.settings.budget.state_file:
            self._budget.relimit(new.budget)
            return
        before, self._budget = self._budget, await asyncio.to_thread(Budget.open, new.budget)
        try:
            await before.close()
        except BudgetError as error:
            # The new one is in force already, and the old file says too much, never too little.
            log.warning("%s", error)

    # --- jobs -------------------------------------------------------------------------------------------

    def _desired_jobs(self) -> Mapping[str, DesiredJob]:
        """By name. Pages, reports and the egress check also run soon after the start: they cost nothing."""
        settings = self.settings
        jobs = {
            _probe_job_name(probe.name): DesiredJob(
                options=probe, interval=probe.interval, make=partial(self._probe_job, probe), soon=False
            )
            for probe in settings.probes
        }
        for page in settings.pages:
            make_page = partial(self._page_job, page)
            jobs[f"page/{page.provider}"] = DesiredJob(options=page, interval=page.interval, make=make_page)
        for source in settings.reports:
            make_reports = partial(self._reports_job, source)
            jobs[f"reports/{source.name}"] = DesiredJob(options=source, interval=source.interval, make=make_reports)
        check = settings.egress, settings.defaults.location
        jobs["egress"] = DesiredJob(options=check, interval=settings.egress.interval, make=self._egress_job)
        return jobs

    def _probe_job(self, options: ProbeOptions) -> ProbeJob:
        return ProbeJob(
            options,
            context=self._context,
            health=self._health,
            store=self._store,
            admission=self._admission(options),
            fallback=fallback_probe(options),
            record=self._outlet.record,
        )

    def _target_job(self, options: ProbeOptions, resolve: Resolver, store: Store) -> ProbeJob:
        share = self._shares.setdefault(options.name, BudgetShare(lambda: self._budget, lambda: self._part_of(options)))
        return ProbeJob(
            options,
            context=replace(self._context, resolve=resolve),
            health=self._health,
            store=store,
            admission=self._admission(options, purse=lambda: share),
            record=self._outlet.record,
            title=f"{options.name} at {options.endpoint_host}",
        )

    def _part_of(self, options: ProbeOptions) -> float:
        """Which part of the daily budget the module of that name may spend."""
        return self.settings.modules[options.name].budget_share

    def _admission(self, options: ProbeOptions, purse: Callable[[], Purse] | None = None) -> Admission:
        return Admission(
            options.interval,
            budget=purse or (lambda: self._budget),
            max_cost=partial(plan.max_cost, options, self._context.price),
            is_paused=lambda now: is_paused(self.settings.pauses, options.id, now),
            is_their_outage=lambda: self._store.state.is_failing(options.id.place),
            backs_off=options.BACKS_OFF,
        )

    def _page_job(self, options: PageOptions) -> PageJob:
        return PageJob(
            options,
            PageReader(options, self._client, run=self._parser),
            health=self._health,
            store=self._store,
            is_egress_down=self._egress.is_down,
        )

    def _reports_job(self, options: ReportsOptions) -> ReportsJob:
        return ReportsJob(
            options,
            ReportsReader(options, self._client, secret=self._secrets.read, run=self._parser),
            health=self._health,
            store=self._store,
            is_egress_down=self._egress.is_down,
        )

    def _egress_job(self) -> EgressMonitor:
        self._egress.change(self.settings.egress, self.settings.defaults.location)
        return self._egress

    def proxy_for(self, host: str) -> str:
        """The URL of the proxy through which a host is reached now; raises Failure if it cannot be read."""
        return self._secrets.proxy_for(self.settings.egress, host)

    # --- what the web side may see ----------------------------------------------------------------------

    def config_text(self) -> str:
        """The settings in force, without secrets."""
        return self._secrets.redact(redacted.as_yaml(self.settings))

    async def probe_target(self, request: ProbeRequest) -> State:
        """What a module shows of a target; on the loop that probes, unlike the others.

        Raises:
            TargetError: there is nothing to show.
        """
        return await self._targets.probe(request)

    def next_run(self, probe: ProbeState, after: float) -> float:
        """When the schedule has a probe run next, Unix time; whether it may is decided then."""
        return first_tick(_probe_job_name(probe.id.probe), probe.interval, after)

    def loop_silence(self) -> float:
        """Seconds for which this loop should have run and has not; 0 before the schedule is laid."""
        return self._lag.overdue

    def view(self) -> View:
        now = time.time()
        limits = {period: self._budget.limit(period) for period in PERIODS}
        facts = Facts(
            config_loaded=not self._load_failed,
            config_loaded_at=self._loaded_at,
            shard=self._shard,
            budget_limits={period: usd for period, usd in limits.items() if usd is not None},
            budget_spent={period: self._budget.spent(period, now) for period in PERIODS},
            budget_exhausted=self._budget.exhausted(now),
            unpriced_runs=(self._budget.unpriced_runs(now), self.settings.budget.unpriced_runs_per_day),
        )
        return View(state=self._store.state, now=now, facts=facts)


def _probe_job_name(probe: str) -> str:
    return f"probe/{probe}"

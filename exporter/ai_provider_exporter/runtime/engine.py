"""The jobs of one configuration, the state that they write, and how both change when the configuration does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Self

import httpx2

from ai_provider_exporter.config import redacted
from ai_provider_exporter.config.mute_times import is_paused
from ai_provider_exporter.config.options import EgressCheck
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.metrics import Facts, View
from ai_provider_exporter.metrics.otel.outlet import Outlet
from ai_provider_exporter.model.shard import WHOLE, Shard
from ai_provider_exporter.model.state import ProbeState, State
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.runtime import egress, initial
from ai_provider_exporter.runtime.changes import changed
from ai_provider_exporter.runtime.cost import plan
from ai_provider_exporter.runtime.cost.budget import PERIODS, Budget, BudgetError
from ai_provider_exporter.runtime.jobs import PageJob, ProbeJob, ReportsJob, tell_egress
from ai_provider_exporter.runtime.loop_lag import LoopLag
from ai_provider_exporter.runtime.runner import HostHealth
from ai_provider_exporter.runtime.schedule import Clock, Job, Scheduler, first_tick
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.runtime.targets import ProbeRequest, Targets
from ai_provider_exporter.runtime.warm_up import warm_up
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.wire import Resolver

log = logging.getLogger(__name__)

FRESH_SECONDS = 2.0  # so old may a look at the way out be that explains a failure: probes fail in swarms


class Engine:
    """Runs what its settings say, on the loop that times probes; `view` and `config_text` are for any thread."""

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        context: ProbeContext,
        client: httpx2.AsyncClient,
        shard: Shard = WHOLE,
    ) -> None:
        self.settings = settings.of(shard)
        self.is_ready = False
        self._secrets = secrets
        self._context = context
        self._client = client
        self._shard = shard
        self._one_change_at_a_time = asyncio.Lock()
        self._loaded_at = time.time()
        self._load_failed = False
        self._store = Store()
        self._lag = LoopLag(self._store.record_lag)
        self._scheduler = Scheduler(Clock(), self._store.record_delay)
        self._egress_monitor = egress.EgressMonitor()
        self._health = HostHealth(
            worst_lag=self._lag.worst,
            egress_down=self._blames_egress,
            names_resolve=lambda: egress.names_resolve(self.settings.egress),
            redact=secrets.redact,
        )
        self._budget = Budget.open(settings.budget)
        self._outlet = Outlet(secrets.read)
        self._targets = Targets(self._target_job, context.resolve)

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, secrets: Secrets, shard: Shard) -> AsyncIterator[Self]:
        """An exporter that asks nobody before `begin`; whatever is under way at the end is cancelled and waited for.

        Raises:
            BudgetError: the budget's state file cannot be used.
        """
        async with ProbeContext.opened(secrets.read) as context, page_client() as client:
            exporter = cls(settings, secrets, context, client, shard)
            try:
                yield exporter
            finally:
                await exporter.end()
                await exporter._budget.close()

    async def prepare(self) -> None:
        """Load what would otherwise be loaded in the midst of the first runs."""
        await warm_up(self.settings.probes, self._context)

    async def begin(self) -> None:
        """Lay the schedule."""
        async with self._one_change_at_a_time:
            await self._outlet.change(self.settings.otel)
            for probe in self.settings.probes:
                self._start_probe(probe)
            for page in self.settings.pages:
                self._start_page(page)
            for reports in self.settings.reports:
                self._start_reports(reports)
            self._start_egress_check()
            await self._targets.change(self.settings.modules)
            self._scheduler.start(Job(name="lag", interval=1.0, run=self._lag.watch))
            self.is_ready = True

    async def end(self) -> None:
        """Cancel what is under way and wait until it has let go of its sockets; what was seen stays to be looked at."""
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
                await self._change_jobs(old, new)
            await self._targets.change(new.modules)
            await self._outlet.change(new.otel, anew=old.probes != new.probes or old.modules != new.modules)
            self._loaded_at, self._load_failed = time.time(), False

    def record_failed_reload(self) -> None:
        """The new configuration was wrong, and the old one goes on."""
        self._load_failed = True

    async def _change_jobs(self, old: Settings, new: Settings) -> None:
        probes = changed({p.name: p for p in old.probes}, {p.name: p for p in new.probes})
        pages = changed({p.provider: p for p in old.pages}, {p.provider: p for p in new.pages})
        reports = changed({r.name: r for r in old.reports}, {r.name: r for r in new.reports})
        is_other_check = _check_of(old) != _check_of(new)
        await self._scheduler.stop(
            *(_job_name(probe.name) for probe in probes.gone),
            *(f"page/{page.provider}" for page in pages.gone),
            *(f"reports/{source.name}" for source in reports.gone),
            *(["egress"] if is_other_check else []),
        )
        for probe in probes.gone:
            self._store.remove_probes(probe.name)
            self._context.forget(probe.name)
        for page in pages.gone:
            self._store.remove_page(page.provider)
        for source in reports.gone:
            self._store.remove_reports((source.provider, source.source))
        for probe in probes.come:
            self._start_probe(probe)
        for page in pages.come:
            self._start_page(page)
        for source in reports.come:
            self._start_reports(source)
        if is_other_check:
            self._store.forget_egress()
            self._start_egress_check()

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

    def _start_probe(self, options: ProbeOptions) -> None:
        job = self._probe_job(options, self._context, self._store, fallback=initial.fallback_probe(options))
        self._scheduler.start(Job(name=_job_name(options.name), interval=options.interval, run=job.tick))

    def _target_job(self, options: ProbeOptions, resolve: Resolver, store: Store) -> ProbeJob:
        title = f"{options.name} at {options.endpoint_host}"
        return self._probe_job(options, replace(self._context, resolve=resolve), store, title=title)

    def _probe_job(
        self,
        options: ProbeOptions,
        context: ProbeContext,
        store: Store,
        *,
        fallback: ProbeOptions | None = None,
        title: str = "",
    ) -> ProbeJob:
        store.add_probe(initial.probe(options))
        return ProbeJob(
            options,
            context=context,
            health=self._health,
            store=store,
            budget=lambda: self._budget,
            max_cost=partial(plan.max_cost, options, context.price),
            fallback=fallback,
            is_paused=lambda now: is_paused(self.settings.pauses, options.id, now),
            tell=self._outlet.record,
            title=title,
        )

    def _start_page(self, options: PageOptions) -> None:
        self._store.add_page(initial.page(options))
        reader = PageReader(options, self._client)
        job = PageJob(reader, health=self._health, store=self._store, is_egress_down=self._is_egress_down)
        name = f"page/{options.provider}"
        self._scheduler.start(Job(name=name, interval=options.interval, run=job.tick, soon=True))

    def _start_reports(self, options: ReportsOptions) -> None:
        self._store.add_reports(initial.reports(options))
        reader = ReportsReader(options, self._client, secret=self._secrets.read)
        job = ReportsJob(reader, health=self._health, store=self._store, is_egress_down=self._is_egress_down)
        name = f"reports/{options.name}"
        self._scheduler.start(Job(name=name, interval=options.interval, run=job.tick, soon=True))

    def _start_egress_check(self) -> None:
        interval = self.settings.egress.interval
        self._scheduler.start(Job(name="egress", interval=interval, run=self._check_egress, soon=True))

    async def _check_egress(self, max_age: float = 0.0) -> None:
        check = self.settings.egress
        is_open = await self._egress_monitor.look(check, max_age)
        tell_egress(check.hosts, before=self._store.state.egress.get(self._location), is_open=is_open)
        self._store.record_egress(self._location, up=is_open)

    def _is_egress_down(self) -> bool:
        """Whether the way out is known to be closed, or not known to be open yet."""
        return not self._store.state.egress.get(self._location, False)

    async def _blames_egress(self, options: ProbeOptions) -> bool:
        """Whether a network failure of this probe is our own: the way that it takes is closed.

        The last check may have been before the way was: where it saw nothing, another look is taken.
        """
        if not egress.is_on_the_way(options, self.settings.egress):
            return False
        if self._store.state.egress.get(self._location) is not False:
            await self._check_egress(max_age=FRESH_SECONDS)
        return self._is_egress_down()

    @property
    def _location(self) -> str:
        return self.settings.defaults.location

    # --- what the web side may see ----------------------------------------------------------------------

    def config_text(self) -> str:
        """The settings in force, without secrets."""
        return self._secrets.redact(redacted.as_yaml(self.settings))

    async def ask(self, request: ProbeRequest) -> State:
        """What a module shows of a target; on the loop that probes, unlike the others.

        Raises:
            TargetError: there is nothing to show.
        """
        return await self._targets.ask(request)

    def next_run(self, probe: ProbeState, after: float) -> float:
        """When the schedule has a probe run next, Unix time; whether it may is decided then."""
        return first_tick(_job_name(probe.id.probe), probe.interval, after)

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
        )
        return View(state=self._store.state, now=now, facts=facts)


def _job_name(probe: str) -> str:
    return f"probe/{probe}"


def _check_of(settings: Settings) -> tuple[EgressCheck, str]:
    """What makes the check of the way out another one."""
    return settings.egress, settings.defaults.location

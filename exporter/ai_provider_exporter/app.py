"""The composition root: settings, clients, jobs, state, web. Nobody else knows everybody."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from ai_provider_exporter import catalog, config, egress, plan, runner
from ai_provider_exporter.budget import PERIODS, Budget
from ai_provider_exporter.config import Secrets, Settings
from ai_provider_exporter.jobs import PageJob, ProbeJob, tell_egress
from ai_provider_exporter.lag import LoopLag
from ai_provider_exporter.metrics import Facts, View
from ai_provider_exporter.observation import PageObservation, ProbeObservation
from ai_provider_exporter.pages.fetch import page_client
from ai_provider_exporter.pages.options import PageOptions
from ai_provider_exporter.pages.reader import PageReader
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.options import ApiOptions, ProbeOptions
from ai_provider_exporter.probes.tools import Tools
from ai_provider_exporter.runner import Surroundings
from ai_provider_exporter.schedule import Clock, Job, Scheduler
from ai_provider_exporter.state import PageState, ProbeState, Store
from ai_provider_exporter.web.routes import Window, application
from ai_provider_exporter.web.server import WebServer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What the command line says."""

    config_file: Path | None = None
    listen_address: str = ":10190"
    web_config_file: Path | None = None


def load_settings(config_file: Path | None, environ: Mapping[str, str]) -> Settings:
    """The user's settings, filled in from the catalog.

    Raises:
        Mistakes: what is wrong with them, and where.
    """
    return config.load(config_file, environ, catalog.load())


async def serve(options: ServeOptions, settings: Settings, secrets: Secrets) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        CannotListen: the address is taken, not ours to take, or not an address.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with Exporter.running(settings, secrets) as exporter:
        web = WebServer(application(exporter.window()), options.listen_address, options.web_config_file)
        web.start()
        try:
            counts = len(settings.probes), len(settings.pages)
            log.info("listening on %s: %d probes, %d status pages", web.url, *counts)
            await stopped.wait()
        finally:
            await asyncio.to_thread(web.stop)


class Exporter:
    """The jobs of one configuration and the state that they write."""

    def __init__(self, settings: Settings, secrets: Secrets, tools: Tools, client: httpx2.AsyncClient) -> None:
        self.settings = settings
        self._store = Store()
        self._secrets = secrets
        self._tools = tools
        self._client = client
        self._budget = Budget.open(settings.budget)
        self._loaded_at = time.time()
        self._lag = LoopLag(self._store.note_lag)
        self._scheduler = Scheduler(Clock(), self._store.note_delay)
        self._around = Surroundings(worst_lag=self._lag.worst, cut_off=self._blames_egress, redact=secrets.redact)
        self._is_laid = False

    @classmethod
    @asynccontextmanager
    async def running(cls, settings: Settings, secrets: Secrets) -> AsyncIterator[Self]:
        """An exporter whose schedule is laid; at the end all that is under way is cancelled and waited for.

        Raises:
            BudgetError: the budget's state file cannot be used.
        """
        async with Tools.opened(secrets.read) as tools, page_client() as client:
            exporter = cls(settings, secrets, tools, client)
            exporter._lay()
            try:
                yield exporter
            finally:
                await exporter._scheduler.stop_all()
                await exporter._budget.close()

    def _lay(self) -> None:
        for probe in self.settings.probes:
            self._start_probe(probe)
        for page in self.settings.pages:
            self._start_page(page)
        check = self.settings.egress
        self._scheduler.start(Job(name="egress", interval=check.interval, run=self._check_egress, soon=True))
        self._scheduler.start(Job(name="lag", interval=1.0, run=self._lag.watch))
        self._is_laid = True

    def _start_probe(self, options: ProbeOptions) -> None:
        self._store.add_probe(initial_probe(options))
        job = ProbeJob(
            options,
            tools=self._tools,
            around=self._around,
            store=self._store,
            budget=self._budget,
            worst_case=partial(plan.worst_case, options, self._tools.price),
            free=free_twin(options),
        )
        self._scheduler.start(Job(name=f"probe/{options.name}", interval=options.interval, run=job.tick))

    def _start_page(self, options: PageOptions) -> None:
        self._store.add_page(initial_page(options))
        reader = PageReader(options, self._client)
        job = PageJob(reader, around=self._around, store=self._store, is_cut_off=self._is_cut_off)
        name = f"page/{options.provider}"
        self._scheduler.start(Job(name=name, interval=options.interval, run=job.tick, soon=True))

    async def _check_egress(self) -> None:
        check = self.settings.egress
        is_open = await egress.is_open(check.hosts, check.timeout)
        tell_egress(check.hosts, before=self._store.state.egress.get(self._location), is_open=is_open)
        self._store.note_egress(self._location, up=is_open)

    def _is_cut_off(self) -> bool:
        """Whether the way out is known to be closed, or not known to be open yet."""
        return not self._store.state.egress.get(self._location, False)

    def _blames_egress(self, options: ProbeOptions) -> bool:
        """Whether a network failure of this probe is our own: its target lies beyond a way out that is closed."""
        is_direct = options.egress.proxy is None
        is_closed = self._store.state.egress.get(self._location) is False
        return is_direct and is_closed and egress.needs_way_out(target(options))

    @property
    def _location(self) -> str:
        return self.settings.defaults.location

    def window(self) -> Window:
        """What the web side may look through; it does so from another thread."""
        return Window(
            view=self._view,
            config=lambda: self._secrets.redact(config.shown(self.settings)),
            ready=lambda: self._is_laid,
        )

    def _view(self) -> View:
        now = time.time()
        limits = {period: self._budget.limit(period) for period in PERIODS}
        facts = Facts(
            config_loaded_at=self._loaded_at,
            budget_limits={period: usd for period, usd in limits.items() if usd is not None},
            budget_spent={period: self._budget.spent(period, now) for period in PERIODS},
            budget_exhausted=self._budget.exhausted(now),
        )
        return View(state=self._store.state, now=now, facts=facts)


def target(options: ProbeOptions) -> str:
    """The URL that a probe asks; empty where its kind has none."""
    return str(getattr(options, "base_url", None) or getattr(options, "url", ""))


def initial_probe(options: ProbeOptions) -> ProbeState:
    """A probe that has not run; its info labels are what the contract names, then the user's."""
    info = {
        "dialect": getattr(options, "dialect", ""),
        "endpoint_host": urlsplit(target(options)).hostname or "",
        "connection": getattr(options, "connection", ""),
        **options.labels,
    }
    return ProbeState(id=options.id, interval=options.interval, info=MappingProxyType(info))


def initial_page(options: PageOptions) -> PageState:
    return PageState(provider=options.provider, interval=options.interval, url=options.places[0].url)


def free_twin(options: ProbeOptions) -> ProbeOptions | None:
    """The probe that stands in when there is no money left: it reads the model list at the same endpoint."""
    kind = KINDS.get("models")
    if kind is None or not isinstance(options, ApiOptions):
        return None
    said = options.model_dump(include=set(kind.OPTIONS.model_fields) - {"kind"})
    return kind.OPTIONS.model_validate({**said, "kind": "models"}, strict=False)


async def probe_once(settings: Settings, name: str, secrets: Secrets) -> ProbeObservation:
    """Run one configured probe once, for the `probe` verb.

    Raises:
        LookupError: there is none of that name.
    """
    options = next((probe for probe in settings.probes if probe.name == name), None)
    if options is None:
        raise LookupError(name)
    async with Tools.opened(secrets.read) as tools:
        return await runner.probe(options, tools, Surroundings(redact=secrets.redact))


async def page_once(options: PageOptions) -> PageObservation:
    """Read one status page once, for the `page` verb."""
    async with page_client() as client:
        return await runner.page(PageReader(options, client), Surroundings())

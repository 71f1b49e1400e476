"""The composition root: settings, clients, jobs, state, web. Nobody else knows everybody."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from ai_provider_exporter import catalog, config, egress, runner
from ai_provider_exporter.config import Secrets, Settings
from ai_provider_exporter.lag import LoopLag
from ai_provider_exporter.metrics import Facts, View
from ai_provider_exporter.observation import PageObservation, ProbeObservation
from ai_provider_exporter.pages.fetch import page_client
from ai_provider_exporter.pages.options import PageOptions
from ai_provider_exporter.pages.reader import PageReader
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.probes.tools import Tools
from ai_provider_exporter.schedule import Clock, Job, Scheduler
from ai_provider_exporter.state import PageState, ProbeState, State, Store
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
            log.info("listening on %s: %d probes, %d status pages", web.url, *exporter.counts())
            await stopped.wait()
        finally:
            web.stop()


class Exporter:
    """The jobs of one settings file and the state that they write."""

    def __init__(self, settings: Settings, secrets: Secrets, tools: Tools) -> None:
        self.settings = settings
        self.store = Store(State())
        self._secrets = secrets
        self._tools = tools
        self._loaded_at = time.time()
        self._lag = LoopLag(self._note_lag)
        self._scheduler = Scheduler(Clock(), self._note_delay)
        self._client = page_client()
        self._around = runner.Surroundings(worst_lag=self._lag.worst, cut_off=self._cut_off, redact=secrets.redact)
        self._ready = False

    @classmethod
    @asynccontextmanager
    async def running(cls, settings: Settings, secrets: Secrets) -> AsyncIterator[Exporter]:
        """An exporter whose schedule is laid; at the end all that is under way is cancelled and waited for."""
        async with Tools.opened(secrets.read) as tools:
            exporter = cls(settings, secrets, tools)
            watch = asyncio.create_task(exporter._lag.watch())
            exporter._lay()
            try:
                yield exporter
            finally:
                watch.cancel()
                await exporter._scheduler.stop_all()
                await exporter._client.aclose()

    def _lay(self) -> None:
        for probe in self.settings.probes:
            self._start_probe(probe)
        for page in self.settings.pages:
            self._start_page(page)
        check = self.settings.egress
        self._scheduler.start(Job(name="egress", interval=check.interval, run=self._check_egress, soon=True))
        self._ready = True

    def _start_probe(self, options: ProbeOptions) -> None:
        probes = {**self.store.state.probes, options.name: initial_probe(options)}
        self.store.state = replace(self.store.state, probes=MappingProxyType(probes))
        run = partial(self._run_probe, options)
        self._scheduler.start(Job(name=f"probe/{options.name}", interval=options.interval, run=run))

    def _start_page(self, options: PageOptions) -> None:
        pages = {**self.store.state.pages, options.provider: initial_page(options)}
        self.store.state = replace(self.store.state, pages=MappingProxyType(pages))
        read = partial(self._read_page, PageReader(options, self._client))
        name = f"page/{options.provider}"
        self._scheduler.start(Job(name=name, interval=options.interval, run=read, soon=True))

    async def _run_probe(self, options: ProbeOptions) -> None:
        run = await runner.probe(options, self._tools, self._around)
        tell_probe(self.store.state.probes[options.name].last, run)
        self.store.state = self.store.state.after_run(run)

    async def _read_page(self, reader: PageReader) -> None:
        read = await runner.page(reader, self._around)
        if not self._is_our_silence(read):
            tell_page(self.store.state.pages[read.provider].last, read)
        self.store.state = self.store.state.after_read(read)

    async def _check_egress(self) -> None:
        check, location = self.settings.egress, self.settings.defaults.location
        is_open = await egress.is_open(check.hosts, check.timeout)
        tell_egress(self.store.state.egress.get(location), is_open, check.hosts)
        self.store.state = self.store.state.with_egress(location, up=is_open)

    def _cut_off(self, options: ProbeOptions) -> bool:
        target = getattr(options, "base_url", None) or getattr(options, "url", "")
        is_direct = options.egress.proxy is None
        return is_direct and egress.needs_way_out(target) and self._way_out() is False

    def _is_our_silence(self, read: PageObservation) -> bool:
        """Whether a page could not be read because we are cut off: that is said once, not for each page."""
        return not read.up and self._way_out() is not True

    def _way_out(self) -> bool | None:
        return self.store.state.egress.get(self.settings.defaults.location)

    def _note_lag(self, seconds: float) -> None:
        self.store.state = self.store.state.with_lag(seconds)

    def _note_delay(self, seconds: float) -> None:
        self.store.state = self.store.state.with_delay(seconds)

    def counts(self) -> tuple[int, int]:
        return len(self.settings.probes), len(self.settings.pages)

    def window(self) -> Window:
        return Window(
            view=self.view,
            config=lambda: self._secrets.redact(config.shown(self.settings)),
            ready=lambda: self._ready,
        )

    def view(self) -> View:
        """All that a scrape at this moment may see; called from the thread that serves the web."""
        return View(state=self.store.state, now=time.time(), facts=Facts(config_loaded_at=self._loaded_at))


def initial_probe(options: ProbeOptions) -> ProbeState:
    """A probe that has not run; its info labels are what the contract names, then the user's."""
    info = {
        "dialect": getattr(options, "dialect", ""),
        "endpoint_host": getattr(options, "endpoint_host", ""),
        "connection": getattr(options, "connection", ""),
        **options.labels,
    }
    return ProbeState(id=options.id, interval=options.interval, info=MappingProxyType(info))


def initial_page(options: PageOptions) -> PageState:
    return PageState(provider=options.provider, interval=options.interval, url=options.places[0].url)


async def probe_once(settings: Settings, name: str, secrets: Secrets) -> ProbeObservation:
    """Run one configured probe once, for the `probe` verb; LookupError if there is none of that name."""
    options = next((probe for probe in settings.probes if probe.name == name), None)
    if options is None:
        raise LookupError(name)
    async with Tools.opened(secrets.read) as tools:
        return await runner.probe(options, tools, runner.Surroundings(redact=secrets.redact))


async def page_once(options: PageOptions) -> PageObservation:
    """Read one status page once, for the `page` verb."""
    async with page_client() as client:
        return await runner.page(PageReader(options, client), runner.Surroundings())


# --- one line on failure, one on recovery ----------------------------------------------------------------


def tell_probe(before: ProbeObservation | None, run: ProbeObservation) -> None:
    if not run.success and (before is None or before.reason != run.reason):
        log.warning("probe %s failed: %s (fault: %s): %s", run.id.probe, run.reason, run.fault, run.detail)
    elif run.success and before is not None and not before.success:
        log.info("probe %s recovered from %s", run.id.probe, before.reason)


def tell_page(before: PageObservation | None, read: PageObservation) -> None:
    if not read.up and (before is None or before.reason != read.reason):
        log.warning("status page of %s not read: %s: %s", read.provider, read.reason, read.detail)
    elif read.up and before is not None and not before.up:
        log.info("status page of %s is read again", read.provider)


def tell_egress(before: bool | None, is_open: bool, hosts: tuple[str, ...]) -> None:  # noqa: FBT001  # a transition
    if not is_open and before is not False:
        log.warning(
            "no way out: none of %s can be reached, so what is out there is unknown until one can",
            ", ".join(hosts),
        )
    elif is_open and before is False:
        log.info("the way out is open again")

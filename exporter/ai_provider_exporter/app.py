"""The composition root: settings, exporter, web, and the signals that end or reload them."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from ai_provider_exporter import catalog
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.model.observation import PageObservation, ProbeObservation
from ai_provider_exporter.model.shard import WHOLE, Shard
from ai_provider_exporter.probes import prices
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ApiOptions, ProbeOptions
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.runtime import backfill, egress, runner
from ai_provider_exporter.runtime.backfill import Past
from ai_provider_exporter.runtime.cost import plan
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.runtime.loop_lag import LoopLag
from ai_provider_exporter.runtime.reload import Reloader
from ai_provider_exporter.runtime.runner import HostHealth
from ai_provider_exporter.runtime.warm_up import clear_up, warm_up
from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.history.reader import read_history
from ai_provider_exporter.status_pages.options import REGIONAL, PageOptions
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.web.routes import WebContext, application
from ai_provider_exporter.web.server import WebServer

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005  # that the web's thread may keep the loop that probes waiting; Python's own is ten times that


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What the command line says."""

    config_file: Path | None = None
    listen_address: str = ":10190"
    web_config_file: Path | None = None
    route_prefix: str = ""
    enable_lifecycle: bool = False
    enable_auto_reload: bool = False
    shard: Shard = WHOLE


def check(config_file: Path, environ: Mapping[str, str]) -> str:
    """What a configuration would run, and what that may cost.

    Raises:
        ConfigErrors: it is wrong, or its probes may cost more than its budget.
    """
    settings = load_settings(config_file, environ)
    document = errors.read(config_file)
    over = plan.over_budget(settings, price)
    if over:
        raise ConfigErrors(errors.at(config_file, document, ("budget", key), said) for key, said in over.items())
    return plan.as_text(settings, price)


async def serve(options: ServeOptions, settings: Settings, secrets: Secrets, environ: Mapping[str, str]) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again.

    Raises:
        CannotListen: the address is taken, not ours to take, or not an address.
        ConfigErrors: the web configuration file is wrong.
        BudgetError: the budget's state file cannot be used.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with Engine.opened(settings, secrets, options.shard) as exporter:
        reloader = Reloader(exporter, partial(load_settings, options.config_file, environ))
        loop.add_signal_handler(signal.SIGHUP, reloader.ask)
        # The port first: who cannot have it asks nobody, and who asks whether we are ready hears that we are not yet.
        context = _web_context(exporter, reloader if options.enable_lifecycle else None)
        web = WebServer(application(context, options.route_prefix), options.listen_address, options.web_config_file)
        web.start()
        try:
            await exporter.prepare()
            clear_up()
            await exporter.begin()
            if options.enable_auto_reload and options.config_file is not None:
                reloader.watch(options.config_file)
            counts = len(exporter.settings.probes), len(exporter.settings.pages)
            log.info("listening on %s: %d probes, %d status pages", web.url, *counts)
            await _until(stopped, exporter)
        finally:
            await reloader.close()
            await exporter.end()
            await asyncio.to_thread(web.stop)


def _web_context(exporter: Engine, reloader: Reloader | None) -> WebContext:
    """What the thread that serves the web may see and ask for."""
    return WebContext(
        view=exporter.view,
        config=exporter.config_text,
        ready=lambda: exporter.is_ready,
        titles={name: provider.title for name, provider in catalog.shipped().items()},
        next_run=exporter.next_run,
        loop_silence=exporter.loop_silence,
        reload=_done_here(reloader.reload) if reloader else None,
        probe_target=_done_here(exporter.ask),
    )


def _done_here(work: Callable[Asked, Coroutine[Any, Any, Answer]]) -> Callable[Asked, Awaitable[Answer]]:
    """`work` for another thread to await: it is done on the loop that runs now."""
    loop = asyncio.get_running_loop()

    def ask(*asked: Asked.args, **named: Asked.kwargs) -> Awaitable[Answer]:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(*asked, **named), loop))

    return ask


async def _until(stopped: asyncio.Event, exporter: Engine) -> None:
    """Wait for the end; a job that ends before it is a defect, and raised."""
    defect = asyncio.create_task(exporter.wait_for_defect())
    defect.add_done_callback(lambda _: stopped.set())
    await stopped.wait()
    defect.cancel()
    with suppress(asyncio.CancelledError):
        await defect


def price(options: ApiOptions) -> Price | None:
    """What the model of a probe costs now, None if nobody knows."""
    return prices.quote(options.price, base_url=options.base_url, model=options.model, now=time.time()).price


async def probe_once(settings: Settings, name: str, secrets: Secrets) -> ProbeObservation:
    """Run one configured probe once, for the verb `probe`.

    Raises:
        LookupError: there is none of that name.
    """
    options = next((probe for probe in settings.probes if probe.name == name), None)
    if options is None:
        raise LookupError(name)
    check, lag = settings.egress, LoopLag(lambda _: None)

    async def is_egress_down(options: ProbeOptions) -> bool:
        return egress.is_on_the_way(options, check) and not await egress.is_open(check)

    async with ProbeContext.opened(secrets.read) as context:
        await warm_up([options], context)
        clear_up()
        health = HostHealth(
            worst_lag=lag.worst,
            egress_down=is_egress_down,
            names_resolve=lambda: egress.names_resolve(check),
            redact=secrets.redact,
        )
        watch = asyncio.create_task(lag.watch())
        try:
            return await runner.probe(options, context, health)
        finally:
            watch.cancel()


async def page_once(target: str, format_name: str | None) -> PageObservation:
    """Read the status page at a URL, or a saved document of one, once; for the verb `page`.

    Raises:
        OSError: there is no such file.
        ValueError: the URL is none that a page can be at; the message is a sentence.
    """
    if "://" not in target:
        payload = Payload(url="", content_type="", body=await asyncio.to_thread(Path(target).read_bytes))
        return runner.saved_page(payload, Path(target).stem, format_name)
    host = urlsplit(target).hostname or "page"
    regions = ("*",) if format_name in REGIONAL else ()
    try:
        options = PageOptions(provider=host, url=target, format=format_name, regions=regions)
    except ValidationError as error:
        raise ValueError(errors.sentence(error.errors()[0], PageOptions)) from None
    async with page_client() as client:
        return await runner.page(PageReader(options, client, any_region=True), HostHealth())


async def past_of(settings: Settings, provider: str, since: float) -> Past:
    """What a provider's status page said over the last `since` seconds, for the verb `backfill`.

    Raises:
        LookupError: no status page of that provider is configured.
        PageFailure: its history was not read.
        NothingToWrite: there is none, or too much.
    """
    options = next((page for page in settings.pages if page.provider == provider), None)
    if options is None:
        raise LookupError(provider)
    async with page_client() as client:
        source, history = await read_history(options, client)
    now = time.time()
    return backfill.past_of(provider, history, source, now - since, now)

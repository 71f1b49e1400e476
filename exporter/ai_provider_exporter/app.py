"""The composition root of `serve`: engine, reload, web, and the signals that end or reload them."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from ai_provider_exporter import catalog
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.model.shard import WHOLE, Shard
from ai_provider_exporter.runtime import logs
from ai_provider_exporter.runtime.cost.state_file import BudgetError
from ai_provider_exporter.runtime.deadline_exit import exit_within
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.runtime.reload import Reloader, log_warnings
from ai_provider_exporter.runtime.warm_up import clear_up
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web import prefix
from ai_provider_exporter.web.routes import WebContext, application
from ai_provider_exporter.web.server import CannotListen, WebServer
from ai_provider_exporter.wire import descriptors, event_loop

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

END_SECONDS = 2.9  # after a signal; what hangs beyond that is left behind
SWITCH_SECONDS = 0.0005  # that the web's thread may keep the loop that probes waiting; Python's own is ten times that


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What the command line says."""

    config_file: Path | None = None
    listen_addresses: tuple[str, ...] = (":10190",)
    web_config_file: Path | None = None
    route_prefix: str = ""
    enable_lifecycle: bool = False
    enable_auto_reload: bool = False
    shard: Shard = WHOLE


def main(arguments: argparse.Namespace) -> int:
    """The verb `serve`."""
    secrets = Secrets(os.environ)
    logs.set_up(arguments.log_level, arguments.log_format, secrets.redact)
    try:
        settings = load_settings(arguments.config, os.environ)
        log_warnings(settings)
        options = ServeOptions(
            config_file=arguments.config,
            listen_addresses=tuple(arguments.listen or (":10190",)),
            web_config_file=arguments.web_config,
            route_prefix=prefix.chosen(arguments.external_url, arguments.route_prefix),
            enable_lifecycle=arguments.lifecycle,
            enable_auto_reload=arguments.auto_reload,
            shard=arguments.shard,
        )
        event_loop.run(serve(options, settings, secrets, os.environ, on_stop=partial(exit_within, END_SECONDS)))
    except (ConfigErrors, CannotListen, BudgetError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def serve(
    options: ServeOptions,
    settings: Settings,
    secrets: Secrets,
    environ: Mapping[str, str],
    on_stop: Callable[[], None] = lambda: None,
) -> None:
    """Run until SIGTERM or SIGINT, which call `on_stop`; SIGHUP reads the configuration again.

    Raises:
        CannotListen: the address is taken, not ours to take, or not an address.
        ConfigErrors: the web configuration file is wrong.
        BudgetError: the budget's state file cannot be used.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    descriptors.raise_limit()
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        on_stop()
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with Engine.opened(settings, secrets, options.shard) as engine:
        reloader = Reloader(engine, partial(load_settings, options.config_file, environ))
        loop.add_signal_handler(signal.SIGHUP, reloader.reload_soon)
        # The port first: without it nothing is sent, and until the schedule runs /-/ready says so.
        context = _web_context(engine, reloader if options.enable_lifecycle else None)
        app = application(context, options.route_prefix)
        first, *others = options.listen_addresses
        web = WebServer(app, first, options.web_config_file, also=others)
        web.start()
        try:
            await engine.prepare()
            clear_up()
            await engine.begin()
            if options.enable_auto_reload and options.config_file is not None:
                reloader.watch(options.config_file)
            counts = len(engine.settings.probes), len(engine.settings.pages)
            log.info("listening on %s: %d probes, %d status pages", web.url, *counts)
            await asyncio.to_thread(app.state.preload)
            await _until(stopped, engine)
        finally:
            await reloader.close()
            await engine.end()
            await asyncio.to_thread(web.stop)


def _web_context(engine: Engine, reloader: Reloader | None) -> WebContext:
    """What the thread that serves the web may read and call."""
    return WebContext(
        view=engine.view,
        config=engine.config_text,
        ready=lambda: engine.is_ready,
        titles={name: provider.title for name, provider in catalog.shipped().items()},
        next_run=engine.next_run,
        loop_silence=engine.loop_silence,
        reload=_on_this_loop(reloader.reload) if reloader else None,
        probe_target=_on_this_loop(engine.probe_target),
    )


def _on_this_loop(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Awaitable[T]]:
    """`work` for another thread to await: it runs on the loop that runs now."""
    loop = asyncio.get_running_loop()

    def call(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(*args, **kwargs), loop))

    return call


async def _until(stopped: asyncio.Event, engine: Engine) -> None:
    """Wait for the end; a job that ends before it is a defect, and raised."""
    defect = asyncio.create_task(engine.wait_for_defect())
    defect.add_done_callback(lambda _: stopped.set())
    await stopped.wait()
    defect.cancel()
    with suppress(asyncio.CancelledError):
        await defect

"""The composition root: settings, exporter, web, and the signals that end or reload them."""

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
from ai_provider_exporter.runtime.cost.budget import BudgetError
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.runtime.reload import Reloader
from ai_provider_exporter.runtime.warm_up import clear_up
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web import prefix
from ai_provider_exporter.web.routes import WebContext, application
from ai_provider_exporter.web.server import CannotListen, WebServer
from ai_provider_exporter.wire import event_loop

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


def main(arguments: argparse.Namespace) -> int:
    """The verb `serve`."""
    secrets = Secrets(os.environ)
    logs.set_up(arguments.log_level, arguments.log_format, secrets.redact)
    try:
        settings = load_settings(arguments.config, os.environ)
        options = ServeOptions(
            config_file=arguments.config,
            listen_address=arguments.listen,
            web_config_file=arguments.web_config,
            route_prefix=prefix.chosen(arguments.external_url, arguments.route_prefix),
            enable_lifecycle=arguments.lifecycle,
            enable_auto_reload=arguments.auto_reload,
            shard=arguments.shard,
        )
        event_loop.run(serve(options, settings, secrets, os.environ))
    except (ConfigErrors, CannotListen, BudgetError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


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

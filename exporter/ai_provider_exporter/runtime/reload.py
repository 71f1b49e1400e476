"""Reads the configuration again: on a signal, on a request, or because the content of the file has changed.

Everything is validated before anything changes; a file that is wrong changes nothing, and is logged once.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.runtime.cost.state_file import BudgetError
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.wire import daemon

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
LOAD_SECONDS = 10.0  # a file that has not been read by then is on a file system that hangs


def log_warnings(settings: Settings) -> None:
    """What is in force, but will not work here."""
    for warning in settings.warnings:
        log.warning("%s", warning)


class Reloader:
    """Lives on the loop of its engine. `load` reads the file and may block: it runs in a thread.

    A file that is watched is looked at every `poll_seconds`.
    """

    def __init__(self, engine: Engine, load: Callable[[], Settings], *, poll_seconds: float = POLL_SECONDS) -> None:
        self._engine = engine
        self._load = load
        self._poll_seconds = poll_seconds
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[object]] = set()

    async def reload(self) -> str | None:
        """Go on under the file as it is now, or under the old settings; returns what is wrong with the new ones."""
        async with self._one_at_a_time:
            try:
                await self._engine.reload(await daemon.run(self._load, "reload", LOAD_SECONDS))
            except (ConfigErrors, BudgetError) as error:
                self._engine.record_failed_reload()
                log.error("the configuration was not reloaded, the old one stays: %s", error)  # noqa: TRY400
                return str(error)
            except TimeoutError:
                self._engine.record_failed_reload()
                sentence = f"reading the configuration hangs for {LOAD_SECONDS:.0f} s; is its file system reachable?"
                log.error("the configuration was not reloaded, the old one stays: %s", sentence)  # noqa: TRY400
                return sentence
            settings = self._engine.settings
            log_warnings(settings)
            log.info("reloaded: %d probes, %d status pages", len(settings.probes), len(settings.pages))
            return None

    def reload_soon(self) -> None:
        """Reload as soon as may be; for a signal handler, which cannot wait."""
        self._spawn(self.reload())

    def watch(self, path: Path) -> None:
        """Reload whenever the content of `path` has become another: also by a link that leads elsewhere now."""
        self._spawn(self._watch(path))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _digest(self, path: Path) -> bytes | None:
        """Waits as long as it takes, so that a file that hangs holds one thread and no more."""
        return await daemon.run(partial(digest, path), "config-watch")

    async def _watch(self, path: Path) -> None:
        loaded = await self._digest(path)
        while True:
            await asyncio.sleep(self._poll_seconds)
            present = await self._digest(path)
            # A file that is gone for a moment is being replaced: what comes after it is what counts.
            if present is not None and present != loaded:
                loaded = present
                await self.reload()


def digest(path: Path) -> bytes | None:
    """The hash of a file's content; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return None

"""The web server: uvicorn in a thread and an event loop of its own, away from the loop that times probes."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop
from starlette.types import ASGIApp

from ai_provider_exporter.web import listen as listening
from ai_provider_exporter.web.listen import CannotListen
from ai_provider_exporter.web.security.connection import DEFAULT_LIMITS, Connection, Limits
from ai_provider_exporter.web.security.log_limit import OncePerMinute

if TYPE_CHECKING:
    from ai_provider_exporter.web.security.protection import Protection

__all__ = ["CannotListen", "WebServer"]

SECONDS_TO_START = 10
_SECONDS_TO_CLEAN_UP = 0.8

_log = logging.getLogger(__name__)


class WebServer:
    """Serves `app` on `listen` (`HOST:PORT`, `:PORT` or `[IPV6]:PORT`; port 0 for any that is free) and on `also`.

    `port` and `url` are those of `listen`.

    Raises:
        CannotListen: the address cannot be listened on.
        ConfigErrors: the web configuration file is wrong.
    """

    def __init__(
        self,
        app: ASGIApp,
        listen: str,
        toolkit_path: Path | None,
        limits: Limits = DEFAULT_LIMITS,
        also: Sequence[str] = (),
    ) -> None:
        protection = None if toolkit_path is None else _protection(toolkit_path)
        self._sockets = _bound([listen, *also])
        self.port: int = self._sockets[0].getsockname()[1]
        host = listening.parse(listen).host
        self.url = _url(host, self.port, tls=protection is not None and protection.speaks_tls)
        plain = partial(Connection, limits, OncePerMinute(_log))
        protocol = plain if protection is None else protection.protocol(plain, limits)
        self._server = _Server(
            uvicorn.Config(
                app if protection is None else protection.guard(app),
                http=protocol,  # type: ignore[arg-type]  # it is only ever called
                loop="uvloop",
                ws="none",
                lifespan="off",
                log_config=None,
                workers=1,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=limits.seconds_idle,
            ),
            protection,
        )
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer; returns when it does."""
        self._thread.start()
        if not self._server.is_up.wait(SECONDS_TO_START):
            raise RuntimeError("the web server's thread has not come up; its log says why")

    def stop(self, grace: float = 2.0) -> None:
        """Take no more connections, let answers under way end within `grace` seconds, and cut off the rest."""
        if self._server.loop is None or not self._thread.is_alive():
            _close(self._sockets)
            return
        self._server.loop.call_soon_threadsafe(self._server.end, grace)
        self._thread.join(grace + _SECONDS_TO_CLEAN_UP)
        if self._thread.is_alive():
            _log.warning("the web server has not ended in time; its thread ends with the process")

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._server.serve(sockets=self._sockets))


def _bound(addresses: Sequence[str]) -> list[socket.socket]:
    """All of them, or none."""
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            sockets.append(listening.bind(address))  # noqa: PERF401  # the next one may fail
    except CannotListen:
        _close(sockets)
        raise
    return sockets


def _close(sockets: Sequence[socket.socket]) -> None:
    for listener in sockets:
        listener.close()


class _Server(uvicorn.Server):
    """Says when it is up, and leaves no connection open behind it."""

    def __init__(self, config: uvicorn.Config, protection: Protection | None) -> None:
        super().__init__(config)
        self._protection = protection
        self.is_up = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.grace = 0.0
        self._ended = asyncio.Event()

    def end(self, grace: float) -> None:
        self.should_exit, self.grace = True, grace
        self._ended.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # sets the time of the date header
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), timeout=1)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Unlike uvicorn's own, knows of handshakes, waits no longer than it must, and leaves nothing open."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.grace):
                await self._let_connections_end()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # for connection_lost() of each

    async def _let_connections_end(self) -> None:
        connections, tasks = self.server_state.connections, self.server_state.tasks
        while True:
            were_handshakes = self._protection is not None and self._protection.abort_handshakes()
            for connection in list(connections):
                connection.shutdown()  # at once if it is idle, else after its answer
            await asyncio.sleep(0.01)
            if not (connections or tasks or were_handshakes):
                return


def _protection(path: Path) -> Protection:
    from ai_provider_exporter.web.security.protection import Protection  # noqa: PLC0415  # what it imports is heavy

    return Protection(path)


def _url(host: str, port: int, *, tls: bool) -> str:
    shown = "localhost" if host in listening.EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{shown}:{port}"

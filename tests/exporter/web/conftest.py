from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import httpx2
import pytest
import trustme
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.exporter.serving import Pki, Run, Serve, Visit, output, tool
from tests.exporter.worlds import World


async def _hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello\n")(scope, receive, send)


@pytest.fixture(name="anyio_backend")
def _anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="serve")
def _serve() -> Iterator[Serve]:
    """Starts a server on a free port of loopback; stops it after the test."""
    with ExitStack() as stack:

        def serve(toolkit: Path | None = None, app: ASGIApp = _hello, **options: object) -> WebServer:
            server = WebServer(app, "127.0.0.1:0", toolkit, **options)  # type: ignore[arg-type]
            stack.callback(server.stop)
            server.start()
            return server

        yield serve


@pytest.fixture(name="visit", scope="session")
def _visit() -> Iterator[Visit]:
    """Serves the whole application over a world, once for all tests that look at it; gives a client of it."""
    with ExitStack() as stack:

        @cache
        def visit(world: Callable[[], World], prefix: str = "") -> httpx2.Client:
            server = WebServer(application(world().window(), prefix), "127.0.0.1:0", None)
            server.start()
            stack.callback(server.stop)
            return stack.enter_context(httpx2.Client(base_url=server.url, trust_env=False))

        yield visit


@pytest.fixture(name="curl", scope="session")
def _curl() -> Run:
    """Runs curl; gives its standard output, with the headers, followed by what it complained about."""
    program = tool("curl")

    def curl(*arguments: str | Path) -> str:
        command = [program, "--silent", "--show-error", "--include", "--noproxy", "*", "--max-time", "10"]
        return output([*command, *map(str, arguments)])

    return curl


@pytest.fixture(name="s_client", scope="session")
def _s_client() -> Run:
    """Runs `openssl s_client` for one handshake; gives all that it prints."""
    program = tool("openssl")

    def s_client(server: WebServer, *arguments: str | Path) -> str:
        connect = ["-connect", f"127.0.0.1:{server.port}"]
        return output([program, "s_client", *connect, *map(str, arguments)])

    return s_client


@pytest.fixture(name="openssl", scope="session")
def _openssl() -> Run:
    program = tool("openssl")

    def openssl(*arguments: str | Path) -> str:
        return output([program, *map(str, arguments)])

    return openssl


@pytest.fixture(name="pki")
def _pki(tmp_path: Path) -> Pki:
    """An authority `ca.pem` that has issued `server.pem` and `server.key` for localhost."""
    pki = Pki(tmp_path, trustme.CA())
    pki.authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    pki.issue("server", "localhost", "127.0.0.1")
    return pki

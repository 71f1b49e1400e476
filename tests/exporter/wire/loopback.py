"""Servers on loopback that do exactly what a test says, and what the tests need to speak to them."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import trustme
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire import Address, Request, Response, Route, exchange
from ai_provider_exporter.wire.descriptors import CONNECTIONS

T = TypeVar("T")
HANG = 60.0  # seconds after which something hangs, however busy the machine
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""The fixture `run`."""


async def to_loopback(_host: str, port: int, _family: int = 0) -> list[Address]:
    """Any name is this machine."""
    return [("127.0.0.1", port)]


PLAIN = Route(resolve=to_loopback)


def trusting(authority: trustme.CA, **more: Any) -> Route:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return replace(PLAIN, tls=context, **more)


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Yields the port; at the end the server's connections are gone, whatever the handler still wanted."""
    handlers: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            writer.transport.abort()
            handlers.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        unfinished = list(handlers)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)


async def asked(reader: asyncio.StreamReader) -> bytes:
    """The head of the request."""
    return await reader.readuntil(b"\r\n\r\n")


def saying(*pieces: bytes, then: Callable[[asyncio.StreamWriter], None] | None = None) -> Handler:
    """Answers with `pieces` and closes, by a reset if `then` is `reset`, or stays silent if it is `wait`."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then is wait:
            await reader.read()
        elif then is not None:
            then(writer)
        else:
            writer.close()
            await writer.wait_closed()

    return handler


def wait(_writer: asyncio.StreamWriter) -> None:
    """A marker for `saying`: neither close nor speak."""


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


def chunked(*bodies: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(body), body) for body in bodies) + b"0\r\n\r\n"


def get(port: int, scheme: str = "http", path: str = "/", **more: Any) -> Request:
    return Request(method="GET", url=f"{scheme}://provider.test:{port}{path}", headers={}, **more)


async def fetch(
    request: Request, route: Route = PLAIN, measurement: Measurement | None = None, **more: Any
) -> tuple[Response, bytes]:
    """The whole exchange, its body read as phase stream."""
    measurement = measurement or Measurement()
    async with exchange(request, route, measurement, **more) as response:
        measurement.enter("stream", response.headers_at)
        return response, await response.read(1 << 20)


def open_files() -> set[str]:
    """What this process has open, epoll and wake-up pipes left out: sockets by their inode."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(descriptor.readlink()))
        except FileNotFoundError:  # the listing's own
            continue
    return {name for name in found if name.startswith("socket:")}


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until `condition` holds."""
    async with asyncio.timeout(HANG):
        while not condition():  # noqa: ASYNC110  # there is nobody who could set an event
            await asyncio.sleep(0)


async def leaving_nothing(test: Coroutine[Any, Any, T]) -> T:
    """Run `test` and fail if a socket or a task of it lives on."""
    before = open_files()
    try:
        async with asyncio.timeout(HANG):
            return await test
    finally:
        await until(lambda: open_files() == before and len(asyncio.all_tasks()) == 1)
        assert CONNECTIONS.open == 0, "a connection that was counted has not been given back"

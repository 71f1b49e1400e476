"""The socket side, with handlers of the tests' own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx2
import pytest
import trustme
from ai_provider_exporter.simulator import Simulator, load
from ai_provider_exporter.simulator.server import MAX_BODY, Handler, Request, Responder, Server

from tests.exporter.wire.loopback import HANG

pytestmark = pytest.mark.anyio
GET = b"GET / HTTP/1.1\r\nhost: sim\r\n\r\n"


async def echo(request: Request, responder: Responder) -> None:
    body = request.body or request.method.encode()
    responder.head(200, [("content-length", str(len(body)))])
    responder.send(body)
    responder.finish()


@asynccontextmanager
async def speaking(
    handler: Handler,
) -> AsyncIterator[tuple[Server, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A server with `handler`, and the two ends of one connection to it."""
    server = Server(handler)
    host, port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(host, port)
    async with asyncio.timeout(HANG):
        yield server, reader, writer
    writer.close()
    with suppress(ConnectionError):  # the server may have broken it off
        await writer.wait_closed()
    await server.stop()


async def test_one_connection_serves_one_request_after_another() -> None:
    async with speaking(echo) as (_, reader, writer):
        writer.write(GET + GET)  # the second is there before the first is answered
        answers = [await reader.readuntil(b"GET") for _ in range(2)]

    assert all(answer.startswith(b"HTTP/1.1 200 OK\r\n") for answer in answers)


async def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    async with speaking(echo) as (_, reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: sim\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        told = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"ok")
        answer = await reader.readuntil(b"ok")

    assert told.startswith(b"HTTP/1.1 100 ")
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(
            b"POST / HTTP/1.1\r\nhost: sim\r\ncontent-length: %d\r\n\r\n" % (MAX_BODY + 1) + bytes(MAX_BODY + 1),
            id="a body that is too large",
        ),
    ],
)
async def test_what_is_no_request_is_refused_and_the_connection_closed(sent: bytes) -> None:
    async with speaking(echo) as (_, reader, writer):
        writer.write(sent)
        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_defect_breaks_the_connection_and_is_kept() -> None:
    async def broken(_: Request, __: Responder) -> None:
        raise ZeroDivisionError

    async with speaking(broken) as (server, reader, writer):
        writer.write(GET)
        answer = await reader.read()
        errors = server.errors

    assert answer == b""
    assert [type(error) for error in errors] == [ZeroDivisionError]


async def test_a_slow_reader_holds_the_writer_back() -> None:
    chunk, held, released = bytes(65_536), asyncio.Event(), asyncio.Event()

    async def flood(_: Request, responder: Responder) -> None:
        responder.head(200, [])
        while not held.is_set():
            responder.send(chunk)
            try:
                async with asyncio.timeout(0.05):
                    await responder.drained()
            except TimeoutError:
                held.set()
        await responder.drained()
        released.set()
        responder.finish()

    async with speaking(flood) as (_, reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n\r\n")
        await held.wait()

        assert not released.is_set()

        rest = await reader.read()

    assert rest.endswith(b"\r\n0\r\n\r\n")


async def test_a_server_that_stops_leaves_no_task_behind() -> None:
    asked = asyncio.Event()

    async def hang(_: Request, responder: Responder) -> None:
        asked.set()
        await responder.forever()

    async with speaking(hang) as (server, _, writer):
        writer.write(GET)
        await asked.wait()
        await server.stop()

        assert server.tasks == set()


async def test_the_simulator_can_speak_tls() -> None:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)

    async with Simulator(load("default"), tls=server) as simulator, httpx2.AsyncClient(verify=client) as asking:
        answer = await asking.get(f"{simulator.url}/-/healthy")

    assert simulator.url.startswith("https://127.0.0.1:")
    assert answer.json() == {"healthy": True}

"""Prints what it costs to measure: CPU per streaming probe and error of the stamps, of wire and of httpx2.

Run: .venv/bin/python tests/bench/wire.py [PROBES]

The server is a process of its own and writes into each of 20 chunks the `perf_counter` of the moment before it wrote
it: the clock is the machine's, so the client's stamp minus that is the error of the measurement, the way over
loopback included. All clients run on uvloop, make a fresh connection for each probe and read events with the same
reader. `bare` is a protocol that only parses and stamps: what any client in Python costs here at this moment.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import cast
from urllib.parse import urlsplit

import httptools
import httpx2
import trustme
import uvloop
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire import Request, Route, SseReader, exchange

CHUNKS = 20
GAP_SECONDS = 0.002
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
BODY = b'{"model": "bench", "stream": true, "messages": [{"role": "user", "content": "Reply with exactly: OK"}]}'
HEADERS = {"content-type": "application/json", "authorization": "Bearer none", "accept-encoding": "identity"}

Errors = list[float]
Client = Callable[[str, Errors], Awaitable[None]]


# --- the server, in a process of its own ------------------------------------------------------------------


async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(len(BODY) if b"content-length" in head.lower() else 0)
    writer.write(HEAD)
    for _ in range(CHUNKS):
        await asyncio.sleep(GAP_SECONDS)
        event = b'data: {"at": %.9f, "choices": [{"delta": {"content": "OK"}}]}\n\n' % perf_counter()
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    writer.close()


def serve(ports: Connection, certificate: Path) -> None:
    async def main() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        servers = [await asyncio.start_server(play, "127.0.0.1", 0, backlog=1024, ssl=tls) for tls in (None, context)]
        ports.send([server.sockets[0].getsockname()[1] for server in servers])
        await asyncio.gather(*(server.serve_forever() for server in servers))

    uvloop.run(main())


# --- the clients ------------------------------------------------------------------------------------------


def error(at: float, data: bytes) -> float:
    return at - float(data[len(b'{"at": ') : data.index(b",")])


class Bare(asyncio.Protocol):
    def __init__(self, done: asyncio.Future[None], errors: Errors) -> None:
        self.done = done
        self.errors = errors
        self.at = 0.0
        self.events = SseReader()
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(b"POST / HTTP/1.1\r\nhost: bench\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY))

    def data_received(self, data: bytes) -> None:
        self.at = perf_counter()
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.errors += [error(self.at, event.data) for event in self.events.feed(body)]

    def on_message_complete(self) -> None:
        self.transport.abort()
        self.done.set_result(None)


def bare_client(context: ssl.SSLContext) -> Client:
    async def probe(url: str, errors: Errors) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        parts = urlsplit(url)
        tls = context if parts.scheme == "https" else None
        await loop.create_connection(lambda: Bare(done, errors), parts.hostname or "", parts.port or 0, ssl=tls)
        await done

    return probe


def wire_client(context: ssl.SSLContext) -> Client:
    route = Route(tls=context)

    async def probe(url: str, errors: Errors) -> None:
        reader = SseReader()
        request = Request(method="POST", url=url, headers=HEADERS, body=BODY)
        async with exchange(request, route, Measurement()) as response:
            async for chunk in response.chunks():
                errors += [error(chunk.at, event.data) for event in reader.feed(chunk.data)]

    return probe


def httpx2_client(context: ssl.SSLContext) -> Client:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    client = httpx2.AsyncClient(verify=context, limits=limits, trust_env=False)

    async def probe(url: str, errors: Errors) -> None:
        reader = SseReader()
        async with client.stream("POST", url, headers=HEADERS, content=BODY) as response:
            async for data in response.aiter_bytes():
                at = perf_counter()
                errors += [error(at, event.data) for event in reader.feed(data)]

    return probe


# --- the comparison ---------------------------------------------------------------------------------------


@dataclass
class Score:
    """Of one client; the seconds are sums over its rounds."""

    cpu: float = 0.0
    probes: int = 0

    def __post_init__(self) -> None:
        self.errors: Errors = []

    async def round(self, client: Client, url: str, probes: int, at_once: int) -> None:
        todo = iter(range(probes))

        async def work() -> None:
            for _ in todo:
                await client(url, self.errors)

        gc.collect()
        before = process_time()
        await asyncio.gather(*(work() for _ in range(at_once)))
        self.cpu += process_time() - before
        self.probes += probes

    def row(self, name: str) -> str:
        errors = sorted(self.errors)
        median, p99 = (1000 * errors[int(len(errors) * share)] for share in (0.5, 0.99))
        cpu = 1000 * self.cpu / self.probes
        return f"  {name:8} {cpu:6.2f} ms CPU a probe   stamp error median {median:5.2f} ms  p99 {p99:5.2f} ms"


async def compare(title: str, url: str, context: ssl.SSLContext, probes: int, at_once: int) -> None:
    clients = {"bare": bare_client(context), "wire": wire_client(context), "httpx2": httpx2_client(context)}
    scores = {name: Score() for name in clients}
    for client in clients.values():  # imports and the like, once
        await Score().round(client, url, at_once, at_once)
    for _ in range(4):  # turn by turn, so that a busy moment of the machine strikes all
        for name, client in clients.items():
            await scores[name].round(client, url, probes // 4, at_once)
    print(f"{title}, {at_once} at once, {probes} probes each")
    for name, score in scores.items():
        print(score.row(name))


async def main(ports: list[int], authority: trustme.CA, probes: int) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    for title, url in (("http", f"http://127.0.0.1:{ports[0]}/"), ("https", f"https://localhost:{ports[1]}/")):
        for at_once in (1, 20):
            await compare(title, url, context, probes, at_once)


if __name__ == "__main__":
    authority = trustme.CA()
    with TemporaryDirectory() as directory:
        certificate = Path(directory) / "server.pem"
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, certificate), daemon=True)
        server.start()
        uvloop.run(main(ours.recv(), authority, int(sys.argv[1]) if len(sys.argv) > 1 else 200))
        server.terminate()
        server.join()

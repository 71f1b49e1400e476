from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from threading import Event

import httpx2
import pytest
from ai_provider_exporter.wire import Address
from ai_provider_exporter.wire.event_loop import Loop
from ai_provider_exporter.wire.resolve import _Lookups

from tests.exporter.wire.loopback import HANG, serving


async def _to_loopback(_host: str, port: int, _family: int = 0) -> Sequence[Address]:
    return [("127.0.0.1", port)]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    await writer.drain()


def test_who_connects_by_name_is_resolved_by_our_own_threads() -> None:
    async def get() -> str:
        async with serving(_answer) as port, httpx2.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://name.invalid:{port}/")).text

    with asyncio.Runner(loop_factory=lambda: Loop(_to_loopback)) as runner:
        assert runner.run(get()) == "ok"


@pytest.mark.parametrize("host", ["localhost", b"localhost"])
def test_a_name_has_the_addresses_that_the_system_knows(host: str | bytes) -> None:
    async def look() -> list[tuple[int, int, str | int]]:
        found = await asyncio.get_running_loop().getaddrinfo(host, 80, family=socket.AF_INET)
        return [(family, kind, address[0]) for family, kind, _, _, address in found]

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(look()) == [(socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1")]


def test_a_resolver_that_never_answers_does_not_hold_up_the_end() -> None:
    answer = Event()
    lookups = _Lookups(threads=1, look_up=lambda *_: [("127.0.0.1", 0)] if answer.wait(2 * HANG) else [])

    async def resolve(host: str, port: int, family: int = 0) -> Sequence[Address]:
        return await asyncio.wrap_future(lookups.submit(host, port, 4 if family == 4 else 0))

    async def ask() -> None:
        asking = asyncio.create_task(asyncio.get_running_loop().getaddrinfo("dead.invalid", 80))
        await asyncio.sleep(0)
        asking.cancel()

    began = time.monotonic()
    with asyncio.Runner(loop_factory=lambda: Loop(resolve)) as runner:
        runner.run(ask())
    took = time.monotonic() - began
    answer.set()

    assert took < HANG

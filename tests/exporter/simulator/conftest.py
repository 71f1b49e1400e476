from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
from ai_provider_exporter.simulator import Simulator
from ai_provider_exporter.simulator.loading import parse

from tests.exporter.wire.loopback import HANG

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # made once: a default one costs each test 30 ms
Playing = tuple[Simulator, httpx2.AsyncClient]
Play = Callable[..., Awaitable[Playing]]


@pytest.fixture(name="anyio_backend")
def _anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="play")
async def _play() -> AsyncIterator[Play]:
    """Plays a scenario given as YAML; returns the simulator and a client of it."""
    async with AsyncExitStack() as stack:

        async def play(text: str, **options: Any) -> Playing:
            simulator = await stack.enter_async_context(Simulator(parse(text, "test.yaml"), **options))
            client = httpx2.AsyncClient(base_url=simulator.url, verify=NO_TLS, trust_env=False, timeout=HANG)
            return simulator, await stack.enter_async_context(client)

        yield play

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from ai_provider_exporter.status_pages.fetch import page_client

from tests.exporter.status_pages.served import PageServer, page_server


@pytest.fixture(name="anyio_backend", scope="session")
def _anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="client", scope="session")
async def _client(anyio_backend: str) -> AsyncIterator[httpx2.AsyncClient]:
    """One for all, as in the program: it remembers nothing, and reading the certificates takes 30 ms each time."""
    async with page_client() as client:
        yield client


@pytest.fixture(name="server")
async def _server(anyio_backend: str) -> AsyncIterator[PageServer]:
    async with page_server() as server:
        yield server

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.status_pages.fetch import page_client

from tests.exporter.status_pages.served import PageServer, page_server

Reading = Callable[..., ReportsReader]


@pytest.fixture(name="anyio_backend")
def _anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="client")
async def _client(anyio_backend: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with page_client() as client:
        yield client


@pytest.fixture(name="server")
async def _server(anyio_backend: str) -> AsyncIterator[PageServer]:
    async with page_server() as server:
        yield server


@pytest.fixture(name="reading")
def _reading(client: httpx2.AsyncClient, server: PageServer) -> Reading:
    """Makes the reader of a source that is played by `server`; a secret is the name of its variable."""

    def make(source: str, now: Callable[[], float] = lambda: 0.0, **options: object) -> ReportsReader:
        raw = {"provider": "acme", "source": source, "base_url": f"{server.url}/api", **options}
        checked = SOURCES[source].OPTIONS.model_validate(raw, strict=False)
        return ReportsReader(checked, client, secret=_secret, now=now)

    return make


def _secret(secret: Secret) -> str:
    return f"the {secret.env}"

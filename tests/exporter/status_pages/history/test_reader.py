from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.history.reader import read_history
from ai_provider_exporter.status_pages.options import PageOptions, Source

from tests.exporter.status_pages.history.rows import incident, statuspage, update
from tests.exporter.status_pages.served import Answer, PageServer, page_server

pytestmark = pytest.mark.anyio
PARTS = ("incidents", "summary", "scheduled-maintenances")
DOCUMENTS = {
    f"/api/v2/{name}.json": Answer(body=part.body)
    for name, part in zip(
        PARTS, statuspage(incident("slow", update(0, "investigating"), update(1, "resolved"))), strict=True
    )
}


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


@pytest.mark.parametrize("name", ["statuspage", None], ids=["configured", "detected"])
async def test_the_history_of_a_page_is_read(client: httpx2.AsyncClient, server: PageServer, name: str | None) -> None:
    server.answers = dict(DOCUMENTS)

    source, history = await read_history(PageOptions(provider="acme", url=server.url, format=name), client)

    assert source.url == server.url
    assert [past.incident.id for past in history.past_incidents] == ["slow"]


async def test_incidents_are_enough_where_the_rest_is_missing(client: httpx2.AsyncClient, server: PageServer) -> None:
    path = "/api/v2/incidents.json"
    server.answers[path] = DOCUMENTS[path]

    _, history = await read_history(PageOptions(provider="acme", url=server.url, format="statuspage"), client)

    assert [past.incident.id for past in history.past_incidents] == ["slow"]


async def test_a_source_without_a_history_is_passed_over(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.answers = dict(DOCUMENTS)
    sources = (Source(url=server.url, format="rss"), Source(url=server.url, format="statuspage"))

    source, _ = await read_history(PageOptions(provider="acme", sources=sources), client)

    assert source.format == "statuspage"


async def test_a_page_without_a_history_is_told_with_the_formats_that_have_one(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    with pytest.raises(PageFailure, match="pages of the format rss publish no history that is read; those that do: "):
        await read_history(PageOptions(provider="acme", url=server.url, format="rss"), client)

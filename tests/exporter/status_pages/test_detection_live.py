"""Every saved page, served where its format has its documents and read by nothing but its address.

This is what `page URL` and a configured page without a format do. Formats are listed nowhere here: a new one is
served and detected by its saved pages, or has to say in `hosted` why it cannot be.
"""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from ai_provider_exporter.status_pages.detect import recognize
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.parsing import parse_page
from ai_provider_exporter.status_pages.reader import PageReader

from tests.exporter.status_pages.hosted import ELSEWHERE, FIRST_OF_ITS_KIND, NOT_SERVED, NOT_TOLD, SERVED, TOLD, put
from tests.exporter.status_pages.saved import saved_pages
from tests.exporter.status_pages.served import PageServer

pytestmark = pytest.mark.anyio

NOW = 1770143400.0  # 2026-02-03 18:30 UTC, in the hours of which most saved pages tell
EVERYWHERE = ("*",)  # a cloud is not read without regions


def reading(client: httpx2.AsyncClient, url: str, **more: Any) -> PageReader:
    return PageReader(PageOptions(provider="acme", url=url, **more), client, now=lambda: NOW, any_region=True)


@pytest.mark.parametrize("name", TOLD)
def test_a_document_says_which_format_it_has(name: str) -> None:
    assert recognize(SERVED[name].payloads[0]) == SERVED[name].format


@pytest.mark.parametrize("name", NOT_TOLD)
def test_a_document_that_could_be_anybodys_is_nobodys(name: str) -> None:
    assert recognize(SERVED[name].payloads[0]) is None


@pytest.mark.parametrize("under", [pytest.param("", id="at a host"), pytest.param("/eu/status", id="under a path")])
@pytest.mark.parametrize("name", FIRST_OF_ITS_KIND)
async def test_a_page_is_told_by_its_address_and_reads_as_it_was_saved(
    client: httpx2.AsyncClient, server: PageServer, name: str, under: str
) -> None:
    url, payloads = put(server, SERVED[name], under)

    read = await reading(client, url).read()

    assert (read.format, read.page) == (SERVED[name].format, as_of(parse_page(SERVED[name].format, payloads).page, NOW))


async def test_a_page_of_a_whole_cloud_is_refused_where_nobody_wrote_its_regions(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    url, _ = put(server, next(saved for saved in SERVED.values() if saved.format == "aws"))
    reader = PageReader(PageOptions(provider="acme", url=url), client, now=lambda: NOW)

    with pytest.raises(PageFailure, match="has the format aws: write it, and its regions"):
        await reader.read()


@pytest.mark.parametrize("name", NOT_TOLD)
async def test_a_page_that_could_be_anybodys_is_read_in_the_format_that_was_written(
    client: httpx2.AsyncClient, server: PageServer, name: str
) -> None:
    url, payloads = put(server, SERVED[name])

    read = await reading(client, url, format=SERVED[name].format, regions=EVERYWHERE).read()

    assert read.page == as_of(parse_page(SERVED[name].format, payloads, regions=EVERYWHERE).page, NOW)


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_a_page_whose_documents_are_elsewhere_is_not_told_by_itself(
    client: httpx2.AsyncClient, server: PageServer, name: str
) -> None:
    put(server, next(saved for saved in SERVED.values() if saved.format == name))

    with pytest.raises(PageFailure) as failure:
        await reading(client, server.url).read()

    assert failure.value.reason == "endpoint_not_found"


def test_every_format_is_served() -> None:
    assert {SERVED[name].format for name in FIRST_OF_ITS_KIND} == set(FORMATS)


def test_every_exception_is_one_of_a_saved_page() -> None:
    saved = {f"{saved.format}/{saved.state}" for saved in saved_pages()}

    assert NOT_TOLD.keys() | NOT_SERVED.keys() <= saved
    assert ELSEWHERE.keys() <= FORMATS.keys()

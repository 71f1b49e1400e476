from __future__ import annotations

from urllib.parse import urlsplit

import httpx2
import pytest
from ai_provider_exporter.status_pages.detect import candidates, detect
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.fetch import fetch
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved
from tests.exporter.status_pages.served import Answer, PageServer, html, said

pytestmark = pytest.mark.anyio

SUMMARY = Saved("statuspage", "operational").payloads[0].body
NATIVE = Saved("incidentio", "native_operational").payloads[0].body
EMULATED = Saved("incidentio", "emulation_without_the_empty_sections").payloads[0].body


async def detected(client: httpx2.AsyncClient, url: str) -> str:
    async def get(address: str) -> Payload:
        return (await fetch(client, address, timeout=5.0)).payload

    return await detect(url, get)


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        pytest.param("/api/v2/summary.json", SUMMARY, "statuspage", id="statuspage"),
        pytest.param("/proxy/127.0.0.1", NATIVE, "incidentio", id="incidentio by its own data"),
        pytest.param("/api/v2/summary.json", EMULATED, "incidentio", id="incidentio by the ids of its emulation"),
    ],
)
async def test_a_page_is_detected_by_its_best_document(
    client: httpx2.AsyncClient, server: PageServer, path: str, body: bytes, name: str
) -> None:
    server.answers[path] = said(body)

    assert await detected(client, server.url) == name


async def test_a_page_that_answers_html_to_everything_is_still_looked_through(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    server.answers["/api/v2/summary.json"] = said(SUMMARY)
    server.anything = html()

    assert await detected(client, server.url) == "statuspage"


async def test_a_document_given_as_the_address_is_asked_for_first(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    server.answers["/eu/api/v2/summary.json"] = said(SUMMARY)

    assert await detected(client, f"{server.url}/eu/api/v2/summary.json") == "statuspage"
    assert server.paths == ["/eu/api/v2/summary.json"]


async def test_nothing_is_asked_for_twice(client: httpx2.AsyncClient, server: PageServer) -> None:
    with pytest.raises(PageFailure):
        await detected(client, server.url)

    assert len(server.paths) == len(set(server.paths)) == len(candidates(server.url))


def test_nobody_but_the_host_is_asked() -> None:
    asked = {urlsplit(url).netloc for url in candidates("https://status.internal.example")}

    assert asked == {"status.internal.example"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Answer(status=404), "endpoint_not_found", id="nothing is there"),
        pytest.param(Answer(status=500), "server_error", id="everything fails"),
        pytest.param(html(status=403), "challenged", id="everything is challenged"),
        pytest.param(html(), "format_unknown", id="everything is HTML"),
        pytest.param(said({}), "format_unknown", id="everything is an empty object"),
    ],
)
async def test_a_page_that_cannot_be_told_has_a_reason(
    client: httpx2.AsyncClient, server: PageServer, answer: Answer, reason: str
) -> None:
    server.anything = answer

    with pytest.raises(PageFailure) as failure:
        await detected(client, server.url)

    assert failure.value.reason == reason


async def test_an_address_with_nothing_at_it_is_named_as_it_was_written(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    with pytest.raises(PageFailure, match=rf"no format has its document at {server.url}/eu; write the URL"):
        await detected(client, f"{server.url}/eu")


async def test_a_host_that_does_not_answer_is_asked_once(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.anything = Answer(status=429)

    with pytest.raises(PageFailure) as failure:
        await detected(client, server.url)

    assert (failure.value.reason, len(server.asked)) == ("rate_limited", 1)


async def test_a_document_is_only_shown_to_formats_that_would_fetch_it(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    server.answers["/index.json"] = said(SUMMARY)  # Statuspage keeps it elsewhere

    with pytest.raises(PageFailure) as failure:
        await detected(client, server.url)

    assert failure.value.reason == "format_unknown"

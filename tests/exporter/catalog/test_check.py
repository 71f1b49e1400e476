"""`providers --check` on pages and APIs of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from ai_provider_exporter.catalog import Provider
from ai_provider_exporter.catalog.check import Check, check, summary

from tests.exporter.status_pages.saved import Saved
from tests.exporter.status_pages.served import Answer, Answering, PageServer, html, page_server, said, sent_to

pytestmark = pytest.mark.anyio

FACT = {"source": "https://docs.acme.example", "checked": date(2026, 11, 28)}
SUMMARY = "/api/v2/summary.json"
GOOD = Answer(body=Saved("statuspage", "operational").payloads[0].body)
NATIVE = Answer(body=Saved("incidentio", "native_operational").payloads[0].body)


@pytest.fixture(name="anyio_backend", scope="session")
def _anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="server")
async def _server(anyio_backend: str) -> AsyncIterator[PageServer]:
    async with page_server() as server:
        yield server


def with_page(url: str, **more: Any) -> Provider:
    source = {"url": url, "format": "statuspage", "certainty": "high", **FACT, **more}
    return Provider.model_validate({"name": "acme", "title": "Acme", "status": [source]})


def with_api(url: str) -> Provider:
    return Provider.model_validate(
        {"name": "acme", "title": "Acme", "api": {"base_url": url, "dialect": "openai_chat", **FACT}}
    )


async def one(provider: Provider) -> Check:
    (checked,) = await check([provider])
    return checked


async def test_a_page_that_reads_as_the_catalog_says_is_ok(server: PageServer) -> None:
    server.answers[SUMMARY] = GOOD

    assert (await one(with_page(server.url))).verdict == "ok"


@pytest.mark.parametrize(
    ("answer", "verdict", "detail"),
    [
        pytest.param(Answer(status=404), "moved", "endpoint_not_found", id="not there"),
        pytest.param(html(), "moved", "unexpected_content_type", id="a web page"),
        pytest.param(Answer(status=401), "moved", "page_inactive", id="switched off"),
        pytest.param(Answer(status=503), "unchecked", "server_error", id="down"),
        pytest.param(html(status=403), "unchecked", "challenged", id="challenged"),
        pytest.param(Answer(status=429), "unchecked", "rate_limited", id="asked too often"),
    ],
)
async def test_a_page_that_answers_otherwise_has_moved_or_could_not_be_checked(
    server: PageServer, answer: Answering, verdict: str, detail: str
) -> None:
    server.anything = answer

    checked = await one(with_page(server.url))

    assert (checked.verdict, checked.detail.partition(":")[0]) == (verdict, detail)


async def test_a_page_on_another_platform_is_named_with_its_format(server: PageServer) -> None:
    server.answers["/proxy/127.0.0.1"] = NATIVE

    checked = await one(with_page(server.url))

    assert (checked.verdict, "; it reads as incidentio now" in checked.detail) == ("moved", True)


async def test_a_component_that_is_gone_has_moved(server: PageServer) -> None:
    server.answers[SUMMARY] = GOOD

    checked = await one(with_page(server.url, components=["Sora*"]))

    assert (checked.verdict, checked.detail) == ("moved", "has no component Sora*")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        pytest.param(Answer(status=401), "ok", id="a key is missing"),
        pytest.param(Answer(status=404), "ok", id="nothing at the root"),
        pytest.param(sent_to("/docs"), "ok", id="a redirect to its own docs"),
        pytest.param(Answer(status=410), "moved", id="gone"),
        pytest.param(sent_to("http://localhost:1/v1", 308), "moved", id="for good to another host"),
        pytest.param(sent_to("http://localhost:1/v1", 302), "ok", id="for now to another host"),
    ],
)
async def test_an_api_root_is_where_it_answers(server: PageServer, answer: Answering, verdict: str) -> None:
    server.anything = answer

    assert (await one(with_api(f"{server.url}/v1"))).verdict == verdict
    assert all("authorization" not in asked.headers for asked in server.asked)


async def test_an_api_whose_url_the_user_completes_is_not_checked() -> None:
    checked = await one(with_api("https://{resource}.acme.example/v1"))

    assert (checked.verdict, checked.detail) == ("unchecked", "resource is for the user to fill in")


async def test_a_host_that_refuses_has_not_moved() -> None:
    assert (await one(with_api("http://127.0.0.1:1/v1"))).verdict == "unchecked"


async def test_the_summary_counts_each_verdict(server: PageServer) -> None:
    server.answers = {SUMMARY: GOOD, "/v1": said({}, x="y")}
    providers = [with_page(server.url), with_page(f"{server.url}/gone"), with_api(f"{server.url}/v1")]

    assert summary(await check(providers)) == "3 addresses: 2 ok, 1 moved, 0 not checked"

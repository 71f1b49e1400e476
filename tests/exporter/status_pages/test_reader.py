from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.isolation import Run, run_here
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.status_pages.routes import BEST_AGAIN, PATIENCE

from tests.exporter.status_pages.saved import Saved
from tests.exporter.status_pages.served import (
    MISSING,
    Answer,
    Answering,
    Asked,
    Bytes,
    PageServer,
    html,
    page_server,
    said,
    sent_to,
)

pytestmark = pytest.mark.anyio

SUMMARY, ATOM, PROXY = "/api/v2/summary.json", "/history.atom", "/proxy/127.0.0.1"
NOON = 1770120000.0

Reading = Callable[..., PageReader]


def document(format_name: str, state: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Saved(format_name, state).payloads[0].body)
    return found


GOOD, BAD = document("statuspage", "operational"), document("statuspage", "major_outage")
NATIVE = document("incidentio", "native_operational")
FEED = Answer(body=Saved("statuspage", "feed_with_an_open_incident").payloads[0].body)


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        return self.time


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="reading")
def _reading(client: httpx2.AsyncClient, server: PageServer, clock: Clock) -> Reading:
    """Makes a reader of `server` as a Statuspage, unless told otherwise."""

    def reading(*, run: Run = run_here, **more: Any) -> PageReader:
        given = {"provider": "acme", "timeout": 5.0, **more}
        if "sources" not in given:
            given = {"url": server.url, "format": "statuspage", **given}
        return PageReader(PageOptions(**given), client, run=run, now=clock)

    return reading


@pytest.fixture(name="other")
async def _other(anyio_backend: str) -> AsyncIterator[PageServer]:
    """Somebody else's page."""
    async with page_server() as server:
        yield server


async def failed(reader: PageReader) -> PageFailure:
    with pytest.raises(PageFailure) as failure:
        await reader.read()
    return failure.value


async def test_a_page_is_read(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(BAD)

    read = await reading().read()

    assert (read.format, read.page.status, read.page.page_name) == ("statuspage", Status.MAJOR_OUTAGE, "Acme")
    assert (read.bytes_received, read.not_modified) == (len(json.dumps(BAD)), False)
    assert read.missing_components == ()


async def test_an_address_that_ends_in_the_document_is_taken_as_it_is(server: PageServer, reading: Reading) -> None:
    server.answers["/eu/api/v2/summary.json"] = said(GOOD)

    await reading(url=f"{server.url}/eu/api/v2/summary.json").read()

    assert server.paths == ["/eu/api/v2/summary.json"]


async def test_the_document_is_appended_to_an_address_under_a_path(server: PageServer, reading: Reading) -> None:
    server.answers["/eu/api/v2/summary.json"] = said(GOOD)

    assert (await reading(url=f"{server.url}/eu/").read()).page.status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(html(), "unexpected_content_type", id="html"),
        pytest.param(html(status=403), "challenged", id="challenge"),
        pytest.param(Answer(status=401), "page_inactive", id="401"),
        pytest.param(Answer(status=404), "endpoint_not_found", id="404"),
        pytest.param(Answer(status=500), "server_error", id="500"),
        pytest.param(said(b""), "empty_answer", id="empty document"),
        pytest.param(said({}), "malformed_response", id="empty object"),
        pytest.param(said({**GOOD, "components": []}), "components_vanished", id="no components"),
        pytest.param(said({**GOOD, "components": "none"}), "malformed_response", id="components are text"),
        pytest.param(Bytes(raw=b""), "server_disconnected", id="closed"),
        pytest.param(sent_to("/"), "redirected", id="redirect loop"),
        pytest.param(sent_to("/page-deleted"), "page_inactive", id="deleted"),
    ],
)
async def test_a_page_that_is_not_there_is_never_operational(
    server: PageServer, reading: Reading, answer: Answering, reason: str
) -> None:
    server.anything = answer

    assert (await failed(reading())).reason == reason


async def test_a_deleted_page_that_leads_to_html_is_inactive(server: PageServer, reading: Reading) -> None:
    server.answers["/page-deleted"] = html()
    server.anything = sent_to("/page-deleted")

    assert (await failed(reading())).reason == "page_inactive"


async def test_a_page_in_utf_16_is_read(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(json.dumps(GOOD).encode("utf-16"))

    assert (await reading().read()).page.status is Status.OPERATIONAL


async def test_an_unchanged_page_says_what_it_said(server: PageServer, reading: Reading) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(status=304) if asked.headers.get("if-none-match") == '"1"' else said(BAD, ETag='"1"')

    server.answers[SUMMARY] = answer
    reader = reading()
    first = await reader.read()

    second = await reader.read()

    assert (second.not_modified, second.bytes_received) == (True, 0)
    assert second.page == first.page
    assert len(server.asked) == 2


async def test_what_has_not_changed_is_not_parsed_again(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = lambda asked: (
        Answer(status=304) if "if-none-match" in asked.headers else said(BAD, ETag="1")
    )
    reader = reading()
    first = await reader.read()

    second = await reader.read()

    assert all(same is one for same, one in zip(second.page.incidents, first.page.incidents, strict=True))
    assert all(same is one for same, one in zip(second.page.components, first.page.components, strict=True))


async def test_a_broken_document_is_not_brought_back_by_not_modified(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(GOOD)
    reader = reading()
    await reader.read()
    server.answers[SUMMARY] = lambda asked: (
        Answer(status=304) if "if-none-match" in asked.headers else said({}, ETag='"broken"')
    )

    assert (await failed(reader)).reason == "malformed_response"
    assert (await failed(reader)).reason == "malformed_response"


async def test_a_page_that_hangs_ends_at_the_timeout(server: PageServer, reading: Reading) -> None:
    server.anything = Bytes(raw=b"", then="silence")

    assert (await failed(reading(timeout=0.1))).reason == "total_timeout"


@pytest.mark.parametrize("format_name", ["statuspage", None])
async def test_the_timeout_of_a_page_stands_still_while_it_waits_for_the_parser(
    server: PageServer, reading: Reading, monkeypatch: pytest.MonkeyPatch, format_name: str | None
) -> None:
    server.answers[SUMMARY] = said(GOOD)
    loop = asyncio.get_running_loop()

    async def run_an_hour_later(function: Callable[..., Any], /, *args: Any) -> Any:
        later = loop.time() + 3600
        monkeypatch.setattr(loop, "time", lambda: later)
        await asyncio.sleep(0)  # what is due by now happens
        await asyncio.sleep(0)
        return function(*args)

    read = await reading(run=run_an_hour_later, url=server.url, format=format_name).read()

    assert read.page.status is Status.OPERATIONAL


async def test_between_two_reads_nothing_is_held_of_a_page_that_was_not_read(
    server: PageServer, client: httpx2.AsyncClient
) -> None:
    server.anything = said({"junk": "x" * 100_000})
    before = held_bytes()

    reader = PageReader(PageOptions(provider="acme", url=server.url), client)
    await failed(reader)

    assert len(server.asked) > 10
    assert held_bytes() - before < 100_000


def held_bytes() -> int:
    """Of all documents in memory."""
    gc.collect()
    return sum(len(one.body) for one in gc.get_objects() if isinstance(one, Payload))


# --- whose page it is ------------------------------------------------------------------------------------


async def test_a_redirect_to_somebody_elses_page_is_not_this_page(
    server: PageServer, other: PageServer, reading: Reading
) -> None:
    other.answers[SUMMARY] = said(GOOD)
    server.anything = sent_to(f"{other.url}{SUMMARY}")

    assert (await failed(reading())).reason == "identity_mismatch"


async def test_a_redirect_to_a_page_that_was_named_is_followed(
    server: PageServer, other: PageServer, reading: Reading
) -> None:
    other.answers[SUMMARY] = said(GOOD)
    server.anything = sent_to(f"{other.url}{SUMMARY}")

    read = await reading(identity=("status.acme.example",)).read()

    assert read.page.status is Status.OPERATIONAL


async def test_a_page_that_becomes_somebody_elses_is_not_this_page(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(GOOD)
    reader = reading()
    await reader.read()
    server.answers[SUMMARY] = said({**GOOD, "page": {**GOOD["page"], "id": "another00000"}})

    assert (await failed(reader)).reason == "identity_mismatch"


async def test_components_that_vanish_all_at_once_are_no_recovery(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(BAD)
    reader = reading()
    await reader.read()
    server.answers[SUMMARY] = said({key: value for key, value in GOOD.items() if key != "components"})

    failure = await failed(reader)

    assert failure.reason == "components_vanished"


# --- routes -----------------------------------------------------------------------------------------------


async def test_where_the_json_is_challenged_the_feed_is_read(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = html(status=403)
    server.answers[ATOM] = FEED

    read = await reading().read()

    assert read.page.status is Status.DEGRADED_PERFORMANCE
    assert server.paths == [SUMMARY, ATOM]


async def test_the_feed_comes_first_for_those_who_prefer_it(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(GOOD)
    server.answers[ATOM] = FEED

    await reading(prefer_feed=True).read()

    assert server.paths == [ATOM]


async def test_a_good_route_is_not_left_for_a_single_failure(server: PageServer, reading: Reading) -> None:
    server.answers = {SUMMARY: said(GOOD), ATOM: FEED}
    reader = reading()
    await reader.read()
    server.answers[SUMMARY] = Answer(status=500)

    reasons = [(await failed(reader)).reason for _ in range(PATIENCE)]
    read = await reader.read()

    assert reasons == ["server_error"] * PATIENCE
    assert read.page.status is Status.DEGRADED_PERFORMANCE
    assert server.paths[-2:] == [SUMMARY, ATOM]


async def test_a_better_route_is_taken_again_once_it_is_mended(server: PageServer, reading: Reading) -> None:
    server.answers = {ATOM: FEED}
    reader = reading()
    await reader.read()
    server.answers[SUMMARY] = said(GOOD)

    statuses = [(await reader.read()).page.status for _ in range(BEST_AGAIN)]

    assert statuses == [Status.DEGRADED_PERFORMANCE] * (BEST_AGAIN - 1) + [Status.OPERATIONAL]


async def test_sources_are_asked_in_their_order(server: PageServer, other: PageServer, reading: Reading) -> None:
    other.answers[PROXY] = said(NATIVE)
    sources = [{"url": server.url, "format": "statuspage"}, {"url": other.url, "format": "incidentio"}]

    read = await reading(sources=sources).read()

    assert read.format == "incidentio"
    assert server.asked


async def test_a_dead_host_does_not_hide_the_next_source(
    server: PageServer, other: PageServer, reading: Reading
) -> None:
    server.anything = Answer(status=429)
    other.answers[SUMMARY] = said(GOOD)
    sources = [{"url": server.url, "format": "statuspage"}, {"url": other.url, "format": "statuspage"}]

    read = await reading(sources=sources).read()

    assert read.page.status is Status.OPERATIONAL
    assert server.paths == [SUMMARY]


async def test_of_several_failures_the_one_that_says_most_is_told(server: PageServer, reading: Reading) -> None:
    server.answers = {"/api/v2/components.json": Answer(status=500)}

    failure = await failed(reading(format="incidentio"))

    assert failure.reason == "server_error"


# --- detection -------------------------------------------------------------------------------------------


async def test_a_page_without_a_format_is_detected_once(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(GOOD)
    reader = reading(format=None)

    first = await reader.read()
    asked = len(server.asked)
    await reader.read()

    assert (first.format, reader.format) == ("statuspage", "statuspage")
    assert server.paths[asked:] == [SUMMARY]


async def test_what_was_fetched_to_detect_is_not_fetched_again_to_read(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(GOOD)

    await reading(format=None).read()

    assert server.paths.count(SUMMARY) == 1


async def test_a_page_that_moves_to_another_platform_is_detected_anew(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(GOOD)
    reader = reading(format=None)
    await reader.read()
    server.answers = {PROXY: said(NATIVE)}

    for _ in range(PATIENCE):
        await failed(reader)

    assert (await reader.read()).format == "incidentio"


async def test_a_page_that_no_format_knows_is_not_searched_at_every_read(server: PageServer, reading: Reading) -> None:
    server.anything = said({})
    reader = reading(format=None)
    reasons = [(await failed(reader)).reason for _ in range(PATIENCE)]
    asked = len(server.asked)

    await failed(reader)

    assert reasons == ["format_unknown"] * PATIENCE
    assert len(server.asked) == 2 * asked


async def test_a_host_that_was_away_is_detected_at_the_next_read(server: PageServer, reading: Reading) -> None:
    server.anything = Answer(status=429)
    reader = reading(format=None)
    await failed(reader)
    server.answers[SUMMARY] = said(GOOD)
    server.anything = MISSING

    assert (await reader.read()).format == "statuspage"


async def test_where_the_detected_format_cannot_be_read_the_next_one_is_tried(
    server: PageServer, reading: Reading
) -> None:
    summary = document("instatus", "operational")
    server.answers = {"/summary.json": said(summary), "/history.atom": FEED}  # the components of Instatus are missing

    read = await reading(format=None).read()

    assert read.format == "statuspage"


# --- what else is known ----------------------------------------------------------------------------------


async def test_only_the_components_that_were_asked_for_are_read(server: PageServer, reading: Reading) -> None:
    server.answers[SUMMARY] = said(BAD)

    read = await reading(components=("doc*", "Sora")).read()

    assert [component.name for component in read.page.components] == ["Docs"]
    assert read.missing_components == ("Sora",)


async def test_a_server_that_asks_for_a_pause_is_left_alone(server: PageServer, reading: Reading, clock: Clock) -> None:
    server.anything = Answer(status=429, headers={"Retry-After": "120"})
    reader = reading()
    await failed(reader)
    server.anything = said(GOOD)

    clock.time += 119
    failure = await failed(reader)
    clock.time += 2
    read = await reader.read()

    assert failure.reason == "rate_limited"
    assert read.page.status is Status.OPERATIONAL
    assert len(server.asked) == 2


async def test_a_reader_is_called_by_its_provider_and_by_the_format_that_was_configured(reading: Reading) -> None:
    assert (reading().provider, reading().format) == ("acme", "statuspage")
    assert reading(format=None).format == ""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest
from ai_provider_exporter.model.observation import Component, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.isolation import PAUSE, ParserProcess
from ai_provider_exporter.status_pages.parsing import parse_page
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved

pytestmark = pytest.mark.anyio

MAJOR = Saved("statuspage", "major_outage").payloads


@pytest.fixture(name="run")
async def _run(anyio_backend: str) -> AsyncIterator[ParserProcess]:
    async with ParserProcess(deadline=60.0) as run:
        yield run


async def test_a_page_reads_in_another_process_as_it_does_here(run: ParserProcess) -> None:
    assert await run(parse_page, "statuspage", MAJOR) == parse_page("statuspage", MAJOR)


async def test_a_mapping_that_cannot_change_comes_back_as_one(run: ParserProcess) -> None:
    uptime = MappingProxyType({"24h": 0.5})
    page = PageStatus(components=(Component(id="a", name="A", status=Status.OPERATIONAL, uptime=uptime),))

    assert await run(_same, repr(page)) == repr(page)
    assert isinstance((await run(_component)).uptime, MappingProxyType)


async def test_a_page_failure_comes_back_as_it_was_raised(run: ParserProcess) -> None:
    with pytest.raises(PageFailure, match="is not JSON") as failure:
        await run(parse_page, "statuspage", (Payload(body=b"{"),))

    assert failure.value.reason == "malformed_response"


async def test_the_process_is_started_by_the_first_call_and_serves_all(run: ParserProcess) -> None:
    before = run.pid
    pids = {await run(os.getpid), await run(os.getpid)}

    assert before is None
    assert pids == {run.pid}


async def test_what_overruns_its_deadline_is_killed_and_replaced() -> None:
    async with ParserProcess(deadline=60.0) as run:
        first = await run(os.getpid)
        run._deadline = 0.2
        with pytest.raises(PageFailure, match=r"took longer than 0.2 s and was given up"):
            await run(time.sleep, 3600)
        run._deadline = 60.0

        assert await run(os.getpid) != first
        assert not _is_alive(first)


async def test_the_loop_goes_on_while_a_document_is_parsed(run: ParserProcess) -> None:
    await run(os.getpid)  # started
    ticks = 0
    parsing = asyncio.create_task(run(time.sleep, 0.5))
    while not parsing.done():
        await asyncio.sleep(0.005)
        ticks += 1

    assert ticks > 3


async def test_a_page_that_overran_is_left_alone_for_a_while() -> None:
    async with ParserProcess(deadline=0.2) as run:
        with pytest.raises(PageFailure) as failure:
            await run(time.sleep, 3600)

    assert failure.value.retry_after_seconds == PAUSE


async def test_what_takes_too_much_memory_is_a_page_failure(run: ParserProcess) -> None:
    with pytest.raises(PageFailure, match="512 MiB"):
        await run(bytearray, 1 << 30)

    assert await run(abs, -1) == 1


async def test_a_process_that_is_killed_from_outside_is_replaced(run: ParserProcess) -> None:
    first = await run(os.getpid)
    with pytest.raises(PageFailure):
        await run(os.kill, first, 9)

    assert await run(os.getpid) != first


async def test_a_defect_is_called_one(run: ParserProcess, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="ended by a defect"):
        await run(divmod, 1, 0)

    assert "ZeroDivisionError" in capfd.readouterr().err


async def test_the_process_ends_with_whoever_started_it() -> None:
    async with ParserProcess(deadline=60.0) as run:
        pid = await run(os.getpid)

    assert not _is_alive(pid)


def _same(text: str) -> str:
    return text


def _component() -> Component:
    return Component(id="a", name="A", status=Status.OPERATIONAL, uptime=MappingProxyType({"24h": 0.5}))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

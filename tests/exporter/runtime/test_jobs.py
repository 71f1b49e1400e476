from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime.admission import Admission
from ai_provider_exporter.runtime.cost.budget import Budget
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.jobs import ProbeJob, fallback_probe
from ai_provider_exporter.runtime.store import Store
from freezegun import freeze_time

from tests.exporter.wire.loopback import leaving_nothing, serving

COST = 0.01
CHAT = b'data: {"choices":[{"delta":{"content":"OK"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
MODELS = b'{"data": [{"id": "m"}]}'


async def _api(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await reader.readuntil(b"\r\n\r\n")
    kind, body = (b"text/event-stream", CHAT) if asked.startswith(b"POST") else (b"application/json", MODELS)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s" % (kind, len(body), body))
    await writer.drain()


def _with_a_job(story: Callable[[ProbeJob, Store], Coroutine[Any, Any, None]], daily: float) -> None:
    """A chat that costs `COST` and may cost `daily` US dollars a day; the clock stands where the story puts it."""

    async def play() -> None:
        async with serving(_api) as port, ProbeContext.opened(lambda _: "") as context:
            price = {"price": {"per_request": COST}}
            who = {"name": "p", "provider": "acme", "model": "m", "base_url": f"http://127.0.0.1:{port}/v1"}
            options = ChatOptions.model_validate(who | price)
            store, budget = Store(), Budget.open(BudgetOptions(daily_usd=daily))
            job = ProbeJob(
                options,
                context=context,
                health=HostHealth(),
                store=store,
                admission=Admission(options.interval, budget=lambda: budget, max_cost=lambda: COST),
                fallback=fallback_probe(options),
            )
            job.begin()
            await story(job, store)
            await budget.close()

    asyncio.run(leaving_nothing(play()))


def _runs(store: Store) -> dict[str, int]:
    return {known.kind: state.attempts for known, state in store.state.probes.items()}


def test_what_is_free_stands_in_until_the_day_is_over() -> None:
    async def story(job: ProbeJob, store: Store) -> None:
        with freeze_time("2026-11-22T23:58:00Z", real_asyncio=True) as clock:
            await job.tick()
            assert _runs(store) == {"chat": 1}

            clock.tick(60)
            await job.tick()
            assert _runs(store) == {"chat": 1, "models": 1}

            clock.tick(60)
            await job.tick()
            assert _runs(store) == {"chat": 2}

    _with_a_job(story, daily=1.5 * COST)

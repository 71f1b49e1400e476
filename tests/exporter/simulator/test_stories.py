"""The shipped scenarios tell what they say that they tell; no time passes here."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx2
import pytest
from ai_provider_exporter.simulator import load, serve
from ai_provider_exporter.simulator.scenario import Scenario
from ai_provider_exporter.simulator.world import Caller, World

from tests.exporter.wire.loopback import HANG

MINUTE = 60.0


class Story:
    """The world of a shipped scenario, moved forward by hand."""

    def __init__(self, name: str) -> None:
        self.scenario: Scenario = load(name)
        self.world = World(self.scenario, unix=0.0, speed=1.0)

    def at(self, minutes: float) -> World:
        for step in self.world.due(minutes * MINUTE):
            self.world.apply(step, step.at)
        return self.world

    def failing(self, provider: str, tier: str, location: str, requests: int = 200) -> float:
        asker = Caller(provider, tier, location, "chat")
        return sum(self.world.fate(asker) is not None for _ in range(requests)) / requests


def incidents(world: World, provider: str) -> list[str]:
    return [incident.status for incident in world.pages[provider].open_incidents]


@pytest.fixture(name="february")
def _february() -> Story:
    return Story("2026-02-03")


@pytest.mark.parametrize("minutes", [30, 60])
def test_in_february_the_united_states_and_free_accounts_are_hit_hardest(february: Story, minutes: int) -> None:
    february.at(minutes)
    free, paid = february.failing("openai", "free", "us-east"), february.failing("openai", "paid", "us-east")
    abroad = february.failing("openai", "free", "fra1"), february.failing("openai", "paid", "fra1")

    assert free > paid > abroad[0] > abroad[1] == 0.0


def test_in_february_there_is_some_downtime_for_free_accounts(february: Story) -> None:
    february.at(45)

    assert february.failing("openai", "free", "us-east") == 1.0


def test_in_february_answers_are_slow_for_whom_it_hits(february: Story) -> None:
    usual = february.at(0).tempo(Caller("openai", "paid", "us-east", "chat")).first_token
    ill = february.at(45).tempo(Caller("openai", "paid", "us-east", "chat")).first_token

    assert ill > 5 * usual


def test_in_february_user_reports_peak_above_thirteen_thousand(february: Story) -> None:
    counts = [february.at(minute).reports["openai"].now for minute in range(361)]

    assert 13_000 < max(counts) < 14_000
    assert counts[0] == counts[-1] == 60


def test_in_february_the_page_admits_it_late_and_confirms_the_end_within_hours(february: Story) -> None:
    spoken = [incidents(february.at(minute), "openai") for minute in range(360)]
    failing = [step.at / MINUTE for step in february.scenario.timeline if step.fail]

    assert min(failing) == 20
    assert next(minute for minute, said in enumerate(spoken) if said) == 52
    assert spoken[151] == spoken[300] == []
    assert ["investigating"] in spoken[210:250]


def test_in_february_a_competitor_has_an_outage_too(february: Story) -> None:
    february.at(180)

    assert february.failing("anthropic", "paid", "fra1") == pytest.approx(0.4)
    assert incidents(february.world, "anthropic") == ["investigating"]


def test_after_february_it_is_slow_from_switzerland_while_the_page_is_green(february: Story) -> None:
    world = february.at(300)

    assert world.tempo(Caller("openai", "paid", "zrh1", "chat")).first_token > 5.0
    assert world.tempo(Caller("openai", "paid", "us-east", "chat")).first_token < 0.5
    assert world.pages["openai"].indicator == "none"


def test_every_step_in_february_that_claims_to_be_a_fact_says_what_of_it_is_assumed(february: Story) -> None:
    facts = [step for step in february.scenario.timeline if step.basis == "fact"]

    assert len(facts) == 3
    assert all("assumed" in step.note for step in facts)


def test_the_default_scenario_fails_is_admitted_later_and_recovers() -> None:
    story = Story("default")
    seen = []
    for minute in (1, 3, 6, 13, 16):
        world = story.at(minute)
        seen.append((story.failing("openai", "paid", "") > 0.5, world.pages["openai"].indicator))

    assert seen == [(False, "none"), (True, "none"), (True, "major"), (False, "minor"), (False, "none")]
    assert story.failing("anthropic", "paid", "") == 0.0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.anyio
async def test_a_scenario_is_served_until_it_is_cancelled() -> None:
    address = f"127.0.0.1:{free_port()}"
    serving = asyncio.create_task(serve("default", address, speed=2.0))
    async with httpx2.AsyncClient(trust_env=False, verify=False) as client, asyncio.timeout(HANG):
        described = await described_by(client, f"http://{address}/-/scenario")
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving

    assert (described["name"], described["speed"]) == ("default", 2.0)


async def described_by(client: Any, url: str) -> Any:
    while True:
        try:
            return (await client.get(url)).json()
        except httpx2.ConnectError:
            await asyncio.sleep(0.01)


@pytest.mark.anyio
async def test_an_address_that_is_none_is_told_with_an_example() -> None:
    with pytest.raises(OSError, match=r"write HOST:PORT, such as 127\.0\.0\.1:10191"):
        await serve("default", "nowhere")

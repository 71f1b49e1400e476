from __future__ import annotations

from typing import Any

import pytest

SCENARIO = """\
name: reports
description: users complain
providers:
  acme: {apis: [openai_chat], reports: {company_id: 7, baseline: 20, token: dd-token}}
  quiet: {apis: [openai_chat]}
timeline:
  - {at: 30m, provider: acme, reports: 13050}
"""
TOKEN = {"authorization": "Bearer dd-token"}
COMPANY = "/acme/reports/v2/companies/7"
pytestmark = pytest.mark.anyio


async def test_reports_rise_in_the_last_of_96_buckets(play: Any) -> None:
    clock = [0.0]
    _, client = await play(SCENARIO, epoch=1_770_076_800.0, clock=lambda: clock[0])
    before = (await client.get(COMPANY, headers=TOKEN)).json()
    clock[0] = 1800.0
    after = (await client.get(COMPANY, headers=TOKEN)).json()

    assert (before["status"], after["status"]) == ("success", "danger")
    assert (len(after["stats_24"]), after["stats_24"][-2:]) == (96, [20, 13050])
    assert after["baseline_current"] == 20


@pytest.mark.parametrize(("part", "expected"), [("/last_15", 20), ("/baseline/current", 20), ("/status", "success")])
async def test_a_part_is_a_bare_value(play: Any, part: str, expected: object) -> None:
    _, client = await play(SCENARIO)

    assert (await client.get(COMPANY + part, headers=TOKEN)).json() == expected


async def test_only_the_fields_that_were_asked_for_are_told(play: Any) -> None:
    _, client = await play(SCENARIO)

    answer = await client.get(COMPANY, params={"fields": "id,baseline_current"}, headers=TOKEN)

    assert answer.json() == {"id": 7, "baseline_current": 20}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (COMPANY, {}, 401),
        ("/acme/reports/v2/companies/8", TOKEN, 404),
        (f"{COMPANY}/nothing", TOKEN, 404),
        ("/quiet/reports/v2/companies/7", {}, 404),
    ],
)
async def test_who_asks_wrongly_is_told_nothing(play: Any, path: str, headers: dict[str, str], status: int) -> None:
    _, client = await play(SCENARIO)

    assert (await client.get(path, headers=headers)).status_code == status


async def test_many_reports_are_a_warning_before_they_are_a_danger(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "reports": 60})

    assert (await client.get(f"{COMPANY}/status", headers=TOKEN)).json() == "warning"

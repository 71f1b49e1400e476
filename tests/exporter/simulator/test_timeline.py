from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

SCENARIO = """\
name: story
description: fails at one minute, recovers at two
providers:
  acme: {apis: [openai_models], reports: {company_id: 7, baseline: 20}}
timeline:
  - {at: 2m, provider: acme, recover: true, reports: 20}
  - {at: 1m, provider: acme, fail: [{how: server_error}], reports: 900}
"""


@pytest.mark.parametrize(
    ("speed", "seconds", "status", "reports"),
    [
        pytest.param(1, 59.9, 200, 20, id="before"),
        pytest.param(1, 60.0, 500, 900, id="during"),
        pytest.param(1, 120.0, 200, 20, id="after"),
        pytest.param(60, 0.9, 200, 20, id="before, compressed"),
        pytest.param(60, 1.0, 500, 900, id="during, compressed"),
        pytest.param(60, 2.0, 200, 20, id="after, compressed"),
    ],
)
async def test_steps_happen_in_order_at_their_time(
    play: Any, speed: float, seconds: float, status: int, reports: int
) -> None:
    clock = [100.0]
    simulator, client = await play(SCENARIO, clock=lambda: clock[0], speed=speed)
    clock[0] += seconds

    assert (await client.get("/acme/v1/models")).status_code == status
    assert simulator.describe()["providers"]["acme"]["reports"] == reports


async def test_a_step_can_be_applied_from_outside(play: Any) -> None:
    _, client = await play(SCENARIO)

    applied = await client.post("/-/apply", json={"provider": "acme", "fail": [{"how": "overloaded"}]})

    assert applied.json()["providers"]["acme"]["troubles"] == [{"fail": [{"how": "overloaded"}], "pace": {}}]
    assert (await client.get("/acme/v1/models")).status_code == 503


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"provider": "acne"}, "is not a provider of this scenario; did you mean acme"),
        ({"provider": "acme", "page": {}}, "is not a page of this provider; write providers.acme.page"),
        ({"provider": "acme", "colour": "red"}, "colour"),
    ],
)
async def test_a_step_that_makes_no_sense_is_refused(play: Any, step: dict[str, Any], message: str) -> None:
    simulator, client = await play(SCENARIO)

    refused = await client.post("/-/apply", json=step)

    assert refused.status_code == 400
    assert message in refused.json()["error"]
    with pytest.raises(ValueError, match=message):
        simulator.apply(step)


async def test_a_pace_changes_only_what_it_names(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    simulator.apply({"provider": "acme", "pace": {"headers": "30ms"}})

    await client.get("/acme/v1/models")
    told = simulator.truth[0]

    assert 0.03 <= told.first_byte - told.received < 0.5


async def test_the_desk_answers_for_itself(play: Any) -> None:
    _, client = await play(SCENARIO)

    assert (await client.get("/-/healthy")).json() == {"healthy": True}
    assert (await client.get("/-/nothing")).status_code == 404

from __future__ import annotations

import pytest
from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.runtime.cost.budget import Budget
from ai_provider_exporter.runtime.cost.share import BudgetShare

pytestmark = pytest.mark.anyio
DAY = 86400.0


@pytest.fixture(name="anyio_backend")
def _anyio_backend() -> str:
    return "asyncio"


def _budget(usd: float = 1.0) -> Budget:
    return Budget.open(BudgetOptions(daily_usd=usd))


async def test_a_share_ends_before_the_budget_does() -> None:
    budget = _budget()
    share = BudgetShare(lambda: budget, lambda: 0.25)
    granted = [await share.reserve(0.1, 0.0) is not None for _ in range(4)]

    assert granted == [True, True, False, False]
    assert await budget.reserve(0.8, 0.0) is not None


async def test_a_share_gets_no_more_than_is_left_of_the_budget() -> None:
    budget = _budget()
    share = BudgetShare(lambda: budget, lambda: 1.0)
    await budget.reserve(0.95, 0.0)

    assert await share.reserve(0.1, 0.0) is None
    assert await share.reserve(0.05, 0.0) is not None


async def test_what_a_run_did_not_cost_is_free_again_and_the_next_day_begins_anew() -> None:
    budget = _budget()
    share = BudgetShare(lambda: budget, lambda: 0.1)
    first = await share.reserve(0.1, 0.0)
    assert first is not None
    share.settle(first, 0.02)

    assert await share.reserve(0.09, 0.0) is None
    assert await share.reserve(0.08, 0.0) is not None
    assert await share.reserve(0.1, DAY) is not None


async def test_a_run_that_costs_nothing_is_in_every_share() -> None:
    budget = _budget(0.0)

    assert await BudgetShare(lambda: budget, lambda: 0.0).reserve(0.0, 0.0) is not None


async def test_a_share_holds_the_runs_of_unknown_cost_as_well() -> None:
    budget = Budget.open(BudgetOptions(unpriced_runs_per_day=10))
    share = BudgetShare(lambda: budget, lambda: 0.2)
    granted = [await share.reserve(None, 0.0) for _ in range(3)]

    assert [reservation is not None for reservation in granted] == [True, True, False]
    assert budget.unpriced_runs(0.0) == 2

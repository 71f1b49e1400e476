from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.runtime.admission import Admission, Grant
from ai_provider_exporter.runtime.cost.budget import Budget

from tests.exporter.samples import NOW, RUN

REFUSED = replace(RUN, reason="key_rejected", fault=Fault.OURS)


def _ask(admission: Admission, now: float = NOW) -> Grant | str:
    return asyncio.run(admission.request(now, "acme-chat"))


def _admission(daily_usd: float = 1.0, *, is_paused: bool = False) -> tuple[Admission, Budget]:
    budget = Budget.open(BudgetOptions(daily_usd=daily_usd))
    admission = Admission(60.0, budget=lambda: budget, max_cost=lambda: 0.4, is_paused=lambda _: is_paused)
    return admission, budget


def test_a_run_that_may_take_place_has_its_highest_cost_set_aside_and_pays_what_it_cost() -> None:
    admission, budget = _admission()

    grant = _ask(admission)

    assert isinstance(grant, Grant)
    assert budget.spent("day", NOW) == pytest.approx(0.4)
    grant.settle(0.1)
    assert budget.spent("day", NOW) == pytest.approx(0.1)


def test_a_paused_probe_costs_nothing() -> None:
    admission, budget = _admission(is_paused=True)

    assert _ask(admission) == "paused"
    assert budget.spent("day", NOW) == 0


def test_without_room_in_the_budget_it_is_the_budget_that_refuses() -> None:
    admission, _ = _admission(daily_usd=0.3)

    assert _ask(admission) == "budget"


def test_a_run_whose_price_nobody_knows_is_held_by_their_number() -> None:
    budget = Budget.open(BudgetOptions(unpriced_runs_per_day=1))
    admission = Admission(60.0, budget=lambda: budget, max_cost=lambda: None)

    assert isinstance(_ask(admission), Grant)
    assert _ask(admission) == "budget"


def test_a_key_that_is_refused_again_and_again_makes_the_probe_back_off() -> None:
    admission, _ = _admission(daily_usd=100.0)
    for attempt in range(3):
        admission.record(replace(REFUSED, started_at=NOW + 60.0 * attempt))

    assert _ask(admission, NOW + 180.0) == "backoff"
    assert isinstance(_ask(admission, NOW + 600.0), Grant)


def test_while_the_refusals_are_laid_on_the_provider_nothing_waits() -> None:
    budget = Budget.open(BudgetOptions(daily_usd=100.0))
    admission = Admission(60.0, budget=lambda: budget, max_cost=lambda: 0.4, is_their_outage=lambda: True)
    for attempt in range(3):
        admission.record(replace(REFUSED, started_at=NOW + 60.0 * attempt))

    assert isinstance(_ask(admission, NOW + 180.0), Grant)

"""Service levels: which objectives are met, how much error budget is left, how fast it burns."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.frame import board, choice
from dashboards.src.queries import slo as promql

LEVEL = "{{provider}} {{location}} {{tier}}"
UNKNOWN = "unknown: nothing could be judged"
BUDGET_STEPS = looks.thresholds((None, looks.RED), (0.1, looks.ORANGE), (0.5, looks.GREEN))
BURN_STEPS = looks.thresholds((None, looks.GREEN), (1, looks.YELLOW), (6, looks.ORANGE), (14.4, looks.RED))


def dashboard() -> g.Json:
    return board(
        "slo",
        "SLO",
        "Which objectives providers meet, how much error budget is left and how fast it burns; failures of "
        "ours burn none.",
        g.grid(
            (4, [(6, met()), (6, missed()), (6, unjudged()), (6, lowest())]),
            (12, [(24, levels())]),
            (10, [(12, burn()), (12, budgets())]),
            (9, [(24, over_time())]),
        ),
        choices=(
            choice("objective", "Objective in percent", {"99": "99", "99.9": "99.9", "99.5": "99.5", "95": "95"}),
            choice("window", "Window", {"30 days": "30d", "28 days": "28d", "7 days": "7d", "1 day": "1d"}),
        ),
    )


def met() -> g.Json:
    return g.stat(
        1,
        "Objectives met",
        "Ways to a provider (by location and tier) whose availability over the window is at least the objective.",
        [g.instant(promql.MET)],
        none=UNKNOWN,
        thresholds=looks.thresholds((None, looks.GREY), (1, looks.GREEN)),
    )


def missed() -> g.Json:
    return g.stat(
        2,
        "Objectives missed",
        "Ways to a provider (by location and tier) whose availability over the window is below the objective.",
        [g.instant(promql.MISSED)],
        none=UNKNOWN,
        thresholds=looks.NONE_IS_WELL,
    )


def unjudged() -> g.Json:
    return g.stat(
        3,
        "Cannot be judged",
        "Ways to a provider with probes of which not one run in the window could tell anything about the provider.",
        [g.instant(promql.UNJUDGED)],
        none="unknown: no probe is set up",
        thresholds=looks.thresholds((None, looks.GREEN), (1, looks.GREY)),
    )


def lowest() -> g.Json:
    return g.stat(
        4,
        "Least budget left",
        "Share of the error budget of the window that the worst way to a provider has left; 0 when it is spent.",
        [g.instant(promql.LOWEST_BUDGET)],
        none=UNKNOWN,
        unit="percentunit",
        decimals=0,
        thresholds=BUDGET_STEPS,
    )


def levels() -> g.Json:
    named = {
        "provider": "Provider",
        "location": "Location",
        "tier": "Tier",
        "Value #A": "Availability",
        "Value #B": "Budget left",
        "Value #C": "Burn 1 h",
        "Value #D": "Burn 6 h",
        "Value #E": "Judged runs",
        "Value #F": "Fast enough",
    }
    shown = {"type": "color-background", "mode": "basic"}
    return g.table(
        5,
        "Levels, least budget first",
        "Availability and budget over the window; burn 1 spends the budget exactly in the window, 14.4 in a "
        "fiftieth of it.",
        [
            g.rows(expression)
            for expression in (
                promql.AVAILABILITY,
                promql.BUDGET_LEFT,
                promql.BURN_HOUR,
                promql.BURN_SIX_HOURS,
                promql.JUDGED,
                promql.FAST_ENOUGH,
            )
        ],
        none=UNKNOWN,
        overrides=[
            g.override("Provider", links=g.provider_link(g.OF_CELL)),
            g.column("Availability", 130, unit="percentunit", decimals=3),
            g.column(
                "Budget left",
                110,
                unit="percentunit",
                decimals=0,
                thresholds=BUDGET_STEPS,
                custom__cellOptions=shown,
            ),
            g.like(
                "^Burn", decimals=1, thresholds=BURN_STEPS, custom__cellOptions=shown, noValue="-", custom__width=90
            ),
            g.column("Judged runs", 110, unit="short", decimals=0),
            g.column("Fast enough", 120, unit="percentunit", decimals=1, noValue="no objective"),
        ],
        transformations=g.columns(named, "Budget left", "Availability"),
    )


def burn() -> g.Json:
    return g.rates(
        6,
        "Burn rate, worst ten",
        "How many times faster than allowed the budget is spent, over 5 minutes or one step; without a "
        "failure there is no line.",
        [g.query(promql.BURN, LEVEL)],
        none="no budget was burnt, or nothing could be judged",
        unit="none",
        decimals=1,
    )


def budgets() -> g.Json:
    return g.bars(
        7,
        "Budget left, least first",
        "Share of the error budget of the window that is left; 0 when it is spent.",
        [g.instant(f"sort({promql.WORST_BUDGETS})", LEVEL)],
        none=UNKNOWN,
        unit="percentunit",
        decimals=0,
        max=1,
        thresholds=BUDGET_STEPS,
    )


def over_time() -> g.Json:
    return g.rates(
        8,
        "Budget left over time, worst ten",
        "How the budget of the window that ends at each moment was spent; without a failure in this time "
        "range there is no line.",
        [g.query(promql.BUDGET_OVER_TIME, LEVEL)],
        none="no budget was burnt, or nothing could be judged",
        unit="percentunit",
        max=1,
        interval="15m",
    )

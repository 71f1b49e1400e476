"""Random failures page nobody, and an outage in the middle of them pages within the stated time."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.alerts import noise
from tests.alerts.world import Series, promtool, written

pytestmark = pytest.mark.e2e

BEGIN, END, LENGTH = 65, 85, 125  # minutes
NETWORK = "connect_timeout"

# What fails; the alert that has to page, within so many minutes of the first failure; the reason.
OUTAGES: dict[str, tuple[dict[str, str], str, int, str]] = {
    "everything": ({}, "AIProviderDown", 5, "server_error"),
    "everything overloaded": ({}, "AIProviderDown", 5, "overloaded"),
    "one location": ({"location": "us-east"}, "AIProviderLocationDown", 7, "server_error"),
    "the other location": ({"location": "fra1"}, "AIProviderLocationDown", 7, "overloaded"),
    "one model": ({"model": "m2"}, "AIProviderModelDown", 7, "server_error"),
    "another model": ({"model": "m3"}, "AIProviderModelDown", 7, "stream_truncated"),
    "one region": ({"model": "m0"}, "AIProviderRegionDown", 7, "server_error"),
    "one tier": ({"model": "m4"}, "AIProviderTierDown", 7, "overloaded"),
    "the way there": ({"location": "us-east"}, "AIProviderUnreachable", 7, NETWORK),
    "the other way there": ({"location": "fra1"}, "AIProviderUnreachable", 7, NETWORK),
}
SEEDED = [(kind, seed) for kind in OUTAGES for seed in (1, 2)]  # twenty


def runs_with(kind: str, seed: int) -> noise.Runs:
    hit, _, _, reason = OUTAGES[kind]
    runs = noise.quiet_runs(random.Random(seed), LENGTH)  # noqa: S311  the same in every run
    for (model, place), outcomes in runs.items():
        if {"model": model, "location": place}.items() >= hit.items():
            outcomes[BEGIN:END] = [reason] * (END - BEGIN)
    return runs


def pages(provider: str) -> str:
    return f'ALERTS{{alertstate="firing", severity="critical", provider="{provider}"}}'


def due(index: int, kind: str) -> list[dict[str, Any]]:
    """Silent before, paged in time by the right alert, and over in the end."""
    _, alert, minutes, _ = OUTAGES[kind]
    provider = f"p{index}"
    by_name = pages(provider).replace("ALERTS{", f'ALERTS{{alertname="{alert}", ')
    return [
        {"expr": f"count_over_time({pages(provider)}[{BEGIN}m])", "eval_time": f"{BEGIN}m"},
        {
            "expr": f"count({by_name})",
            "eval_time": f"{BEGIN + minutes}m",
            "exp_samples": [{"labels": "{}", "value": 1}],
        },
        {"expr": pages(provider), "eval_time": f"{LENGTH - 1}m"},
    ]


def test_twenty_seeded_outages_each_page_in_time_and_end(tmp_path: Path) -> None:
    world: Series = {}
    tests: list[dict[str, Any]] = []
    for index, (kind, seed) in enumerate(SEEDED):
        world |= noise.series(f"p{index}", runs_with(kind, seed))
        tests += due(index, kind)

    trial = {"interval": "1m", "input_series": written(world), "promql_expr_test": tests}

    assert promtool(tmp_path, noise.RULES, [trial]) == ""


def test_the_worst_stretches_of_thirty_noisy_days_page_nobody() -> None:
    pairs, burn = noise.month()

    assert len(pairs) > noise.BATCH
    assert burn < noise.BURN_HOUR / 2
    assert noise.judged(pairs[: noise.BATCH]) == ""


def test_what_judges_the_stretches_sees_a_page_where_there_is_one() -> None:
    stretch = noise.Stretch(provider=0, end=noise.BEFORE, worst=20)

    assert "AIProviderDown" in noise.judged([(stretch, runs_with("everything", 1))])

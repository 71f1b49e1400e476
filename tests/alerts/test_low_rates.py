"""Burn rates at low probe rates: one failed probe never pages, at any supported interval and objective.

At one probe a minute and 99.9 %, 14.4 times the budget over an hour is 0.86 failures: the textbook's rule pages for one
failed run. Every cell of that table is walked here, with the rules built for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.src import build
from alerts.src.values import load, seconds
from tests.alerts.world import OK, observed, probe, promtool, written

pytestmark = pytest.mark.e2e

OBJECTIVES = (0.9, 0.99, 0.995, 0.999, 0.9999)
INTERVALS = (1, 2, 5, 15)  # minutes
PAGES = 'ALERTS{alertstate="firing", severity="critical"}'
LATER = 12  # runs after the failures


def world(failed: int, interval: int) -> tuple[list[dict[str, str]], int]:
    """One probe that fails `failed` times in a row, and for how many minutes it is watched."""
    before, after = 70 // interval + 1, LATER + failed
    runs = [OK] * before + ["server_error"] * failed + [OK] * after
    outcomes = [run for run in runs for _ in range(interval)]
    made = probe(outcomes, interval, provider="acme") | observed([outcomes], provider="acme")
    return written(made), len(outcomes)


def case(failed: int, interval: int, expected: int) -> dict[str, Any]:
    series, length = world(failed, interval)
    ever = f"count(count_over_time({PAGES}[{length}m])) > bool 0 or vector(0)"
    samples = [{"labels": "{}", "value": expected}]
    return {
        "name": f"{failed} failed",
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [{"expr": ever, "eval_time": f"{length - 1}m", "exp_samples": samples}],
    }


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_one_failed_probe_never_pages_and_an_outage_does(objective: float, interval: int, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(build.rules(load([], [f"objective={objective}", f"probe_interval={interval}m"])))

    assert promtool(tmp_path, rules, [case(1, interval, expected=0), case(5, interval, expected=1)]) == ""


@pytest.mark.parametrize("interval", INTERVALS)
def test_windows_hold_at_least_three_probes(interval: int) -> None:
    texts = load([], [f"probe_interval={interval}m"]).texts()

    for window in ("short_window", "long_window", "page_short", "page2_short", "ticket_short"):
        assert seconds(texts[window]) >= 3 * interval * 60


def test_a_window_that_holds_too_few_probes_is_refused_with_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"page_short: 5m holds fewer than 3 probes .* write 15m or more"):
        load([], ["probe_interval=5m", "page_short=5m"])

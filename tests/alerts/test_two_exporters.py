"""Two exporters that probe the same thing are one witness, also while one of them restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.alerts.test_cases import rules_for
from tests.alerts.world import Series, minutes, probe, promtool, written

END = 70
QUIET = "30 ok, 2 server_error, 40 ok"
OUTAGE = "30 ok, 20 server_error, 22 ok"


def exporters(*stories: str) -> Series:
    """The same probe run by as many exporters as there are stories."""
    made: Series = {}
    for number, story in enumerate(stories):
        made |= probe(minutes(story), provider="acme", location="fra1", instance=f"exporter-{number}:10190")
    return made


def down(series: Series, expected: int) -> dict[str, Any]:
    ever = f'count(count_over_time(ALERTS{{alertname="AIProviderDown", alertstate="firing"}}[{END}m])) or vector(0)'
    test = {"expr": ever, "eval_time": f"{END}m", "exp_samples": [{"labels": "{}", "value": expected}]}
    return {"interval": "1m", "input_series": written(series), "promql_expr_test": [test]}


@pytest.mark.parametrize(
    ("stories", "alerts"),
    [
        pytest.param([QUIET, QUIET], 0, id="two failures seen by both are not four"),
        pytest.param([OUTAGE], 1, id="one sees an outage"),
        pytest.param([OUTAGE, OUTAGE], 1, id="both see one outage"),
        pytest.param(["30 ok, 5 server_error, 37 -", "35 -, 15 server_error, 22 ok"], 1, id="a restart in an outage"),
    ],
)
def test_two_exporters_are_one_witness(stories: list[str], alerts: int, tmp_path: Path) -> None:
    assert promtool(tmp_path, rules_for("AIProviderDown", tmp_path), [down(exporters(*stories), alerts)]) == ""

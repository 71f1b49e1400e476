"""Every alert, silent, pending, firing and resolved, in an idle world and in a noisy one: alerts/tests/NAME.yaml.

A case says what happened; world.py makes of it the series that an exporter would have shown.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.alerts.world import OK, Series, minutes, observed, probe, promtool, written

ALERTS = Path(__file__).parents[2] / "alerts"
RULES = ALERTS / "rules" / "ai-provider.yaml"
GROUPS = [
    group
    for path in [
        RULES,
        *sorted((ALERTS / "rules" / "traffic").glob("[!a]*.yaml")),
        ALERTS / "rules/traffic/alerts.yaml",
    ]
    for group in yaml.safe_load(path.read_text())["groups"]
]
ALERT_ROWS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule
}
CASES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((ALERTS / "tests").glob("*.yaml"))}

each_case = pytest.mark.parametrize("name", CASES)


def series(case: dict[str, Any]) -> list[dict[str, str]]:
    made: Series = {}
    stories: dict[tuple[str, str], list[list[str]]] = {}
    for row in case.get("probes", []):
        labels = {key: value for key, value in row.items() if key not in {"runs", "interval", "region"}}
        outcomes = minutes(row["runs"])
        made |= probe(outcomes, row.get("interval", 1), row.get("region", ""), **labels)
        stories.setdefault((row["provider"], row.get("location", "")), []).append(outcomes)
    for (provider, location), place_stories in stories.items() if case.get("observed") else ():
        made |= observed(place_stories, provider=provider, location=location)
    written_by_hand = [{"series": name, "values": str(values)} for name, values in case.get("series", {}).items()]
    return written(made) + written_by_hand


def idle(length: int) -> list[dict[str, str]]:
    made = probe([OK] * length, provider="idle", location="fra9", model="m", tier="paid")
    made |= observed([[OK] * length], provider="idle", location="fra9")
    made |= {'ai_exporter_build_info{job="exporter", instance="idle:1"}': [1.0] * length}
    made |= {'ai_status_page_status{provider="idle"}': [0.0] * length}
    return written(made)


def noisy(length: int) -> list[dict[str, str]]:
    """Twelve probes of four providers that fail at random for every reason, and a page that is read now and then."""
    chance = random.Random(12)  # noqa: S311  the same noise in every run
    reasons = ["overloaded", "connect_timeout", "rate_limited", "throttled", "key_rejected", "egress_down"]
    made: Series = {}
    for provider in ("noise-a", "noise-b", "noise-c", "noise-d"):
        stories = [[OK if chance.random() > 0.02 else chance.choice(reasons) for _ in range(length)] for _ in range(3)]
        for index, story in enumerate(stories):
            made |= probe(story, provider=provider, probe=f"{provider}-{index}", location="lon1", model=f"m{index}")
        made |= observed(stories, provider=provider, location="lon1")
        made |= {f'ai_status_page_up{{provider="{provider}", format="rss"}}': _flapping(chance, length)}
    return idle(length) + written(made)


def _flapping(chance: random.Random, length: int) -> list[float | None]:
    return [float(chance.random() > 0.1) for _ in range(length)]


WORLDS = {"idle": idle, "noisy": noisy}
each_world = pytest.mark.parametrize("world", ["idle", pytest.param("noisy", marks=pytest.mark.e2e)])


def rules_for(name: str, directory: Path) -> Path:
    """The alert with the recordings that it stands on: the others would cost most of the time."""
    wanted = {name}
    groups: list[dict[str, Any]] = []
    for group in reversed(GROUPS):
        needed: list[dict[str, Any]] = []
        for rule in reversed(group["rules"]):
            if {rule.get("alert"), rule.get("record")} & wanted:
                wanted |= set(re.findall(r"\w+:\w+:\w+", str(rule)))
                needed.insert(0, rule)
        groups.insert(0, group | {"rules": needed})
    path = directory / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [group for group in groups if group["rules"]]}))
    return path


def expected(case: dict[str, Any], name: str) -> dict[str, Any]:
    """The alert as promtool has to find it: every label and every annotation."""
    rule = ALERT_ROWS[name]
    annotations = rule["annotations"] | {"description": case["description"]}
    if "page" in annotations:
        annotations["page"] = case.get("page", "Unknown.")
    for label, value in case["labels"].items():
        annotations = {key: text.replace(f"{{{{ $labels.{label} }}}}", value) for key, text in annotations.items()}
    return {"exp_labels": rule["labels"] | case["labels"], "exp_annotations": annotations}


def trial(case: dict[str, Any], name: str, background: list[dict[str, str]]) -> dict[str, Any]:
    def at(minute: int, *alerts: dict[str, Any]) -> dict[str, Any]:
        return {"eval_time": f"{minute}m", "alertname": name, "exp_alerts": list(alerts)}

    alert = expected(case, name)
    labels = {"alertname": name, "alertstate": "pending"} | alert["exp_labels"]
    pairs = ", ".join(f'{key}="{value}"' for key, value in labels.items())
    return {
        "name": name,
        "interval": "1m",
        "input_series": series(case) + background,
        "alert_rule_test": [
            at(case["silent"]),
            at(case["pending"]),
            at(case["firing"], alert),
            at(case["resolved"]),
        ],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{name}", alertstate="pending"}}',
                "eval_time": f"{case['pending']}m",
                "exp_samples": [{"labels": f"ALERTS{{{pairs}}}", "value": 1}],
            },
            {
                # Whatever its description says by then, it is the one alert that it was.
                "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}})',
                "eval_time": f"{case['firing']}m",
                "exp_samples": [{"labels": "{}", "value": 1}],
            },
        ],
    }


def test_every_alert_has_a_case_and_every_case_an_alert() -> None:
    assert sorted(CASES) == sorted(ALERT_ROWS)


@each_case
def test_a_case_shows_its_alert_silent_then_pending_then_firing_then_resolved(name: str) -> None:
    case = CASES[name]

    assert case["silent"] < case["pending"] < case["firing"] < case["resolved"]


@each_world
@each_case
def test_an_alert_does_what_its_case_says(name: str, world: str, tmp_path: Path) -> None:
    case = CASES[name]
    background = [] if case.get("idle") == "nothing" else WORLDS[world](case["resolved"] + 1)

    assert promtool(tmp_path, rules_for(name, tmp_path), [trial(case, name, background)], case.get("every", "1m")) == ""


@each_world
def test_nothing_fires_in_a_world_without_trouble(world: str, tmp_path: Path) -> None:
    length = 240
    silent = [{"eval_time": f"{minute}m", "alertname": name} for name in ALERT_ROWS for minute in range(10, length, 10)]

    assert (
        promtool(
            tmp_path, RULES, [{"interval": "1m", "input_series": WORLDS[world](length), "alert_rule_test": silent}]
        )
        == ""
    )

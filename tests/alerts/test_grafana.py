"""The same alerts as Grafana-managed rules: complete, and in the words of Grafana's templates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.tools.monitoring import run

ALERTS = Path(__file__).parents[2] / "alerts"
PROMETHEUS = yaml.safe_load((ALERTS / "rules" / "ai-provider.yaml").read_text())["groups"]
GRAFANA = yaml.safe_load((ALERTS / "grafana" / "ai-provider.yaml").read_text())
RULES: dict[str, dict[str, Any]] = {rule["title"]: rule for group in GRAFANA["groups"] for rule in group["rules"]}
ALERT_ROWS = {rule["alert"]: rule for group in PROMETHEUS for rule in group["rules"] if "alert" in rule}
FUNCTIONS = {
    "humanize",
    "humanizePercentage",
    "humanizeDuration",
    "printf",
    "if",
    "else",
    "end",
    "with",
    "eq",
    "gt",
    "or",
}

each_rule = pytest.mark.parametrize("name", RULES)


def test_the_set_is_the_same() -> None:
    assert set(RULES) == set(ALERT_ROWS)


def test_identities_are_unique_and_short_enough() -> None:
    uids = [rule["uid"] for rule in RULES.values()]

    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[\w-]{1,40}", uid) for uid in uids)


@each_rule
def test_a_rule_asks_what_prometheus_asks_and_waits_as_long(name: str) -> None:
    rule, original = RULES[name], ALERT_ROWS[name]
    query = rule["data"][0]["model"]["expr"]

    assert promql_parser.parse(query).prettify() == promql_parser.parse(original["expr"]).prettify()
    assert (rule["for"], rule.get("keepFiringFor")) == (original["for"], original.get("keep_firing_for"))
    assert rule["labels"] == original["labels"]
    assert rule["condition"] in {data["refId"] for data in rule["data"]}


@each_rule
def test_a_rule_shows_the_panel_that_its_annotations_name(name: str) -> None:
    rule = RULES[name]

    assert rule["dashboardUid"] == rule["annotations"]["__dashboardUid__"]
    assert str(rule["panelId"]) == rule["annotations"]["__panelId__"]


@each_rule
def test_a_text_uses_only_what_grafanas_templates_have(name: str) -> None:
    texts = " ".join(RULES[name]["annotations"].values())
    actions = re.findall(r"\{\{-?(.*?)-?\}\}", texts)
    names = {
        word
        for action in actions
        for word in re.findall(r"(?<![.$\w\"%])[a-zA-Z]+(?![\w.\"])", re.sub(r'"[^"]*"', "", action))
    }

    assert names <= FUNCTIONS
    assert not re.search(r"\$value\b(?!s)", texts), "Grafana's number is $values.A.Value"


def test_what_prometheus_keeps_for_them_is_valid_and_complete() -> None:
    path = ALERTS / "grafana" / "recordings.yaml"
    recorded = {rule["record"] for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]}
    checked = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", path)

    assert checked.returncode == 0, checked.stderr
    assert recorded == {rule["record"] for group in PROMETHEUS for rule in group["rules"] if "record" in rule}

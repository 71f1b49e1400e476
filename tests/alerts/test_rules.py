"""The rules against promtool, against the contract of metrics, and against what stands beside them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.tools.monitoring import run
from tests.tools.promql import offences, readings

if TYPE_CHECKING:
    from collections.abc import Iterator

ALERTS = Path(__file__).parents[2] / "alerts"
RULES = ALERTS / "rules" / "ai-provider.yaml"
SUITES = sorted((ALERTS / "tests").glob("*.yaml"))
RULE_ROWS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
]
ALERT_ROWS = {rule["alert"]: rule for rule in RULE_ROWS if "alert" in rule}
RECORDED = frozenset(rule["record"] for rule in RULE_ROWS if "record" in rule)

each_alert = pytest.mark.parametrize("name", ALERT_ROWS)


def histories(name: str) -> Iterator[list[bool]]:
    """For each test case of an alert, whether it fires at its evaluation times, in their order."""
    for suite in SUITES:
        for case in yaml.safe_load(suite.read_text())["tests"]:
            rows = [row for row in case.get("alert_rule_test", []) if row["alertname"] == name]
            if rows:
                yield [bool(row.get("exp_alerts")) for row in rows]


def test_the_rules_are_valid_and_free_of_lint() -> None:
    checked = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", RULES)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_the_alerts_do_what_their_cases_say(suite: Path) -> None:
    tested = run("promtool", "test", "rules", suite)

    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_the_cases_name_only_alerts_that_exist() -> None:
    # promtool finds nothing wrong with an alert that does not exist and does not fire.
    named = {name for suite in SUITES for name in re.findall(r"alertname: (\w+)", suite.read_text())}

    assert named == set(ALERT_ROWS)
    assert [suite.stem for suite in SUITES] == sorted(ALERT_ROWS)


@each_alert
def test_an_alert_is_shown_silent_then_firing_then_silent_again(name: str) -> None:
    assert any("-+-" in re.sub(r"(.)\1+", r"\1", _drawn(history)) for history in histories(name))


@each_alert
def test_silence_is_tested_before_noise(name: str) -> None:
    first = next(histories(name))

    assert first
    assert not any(first)


def _drawn(history: list[bool]) -> str:
    return "".join("+" if fires else "-" for fires in history)


@pytest.mark.parametrize("rule", RULE_ROWS, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_reads_only_what_the_exporter_exposes(rule: dict[str, Any]) -> None:
    assert offences(rule["expr"], RECORDED) == []


def test_every_recording_is_read_by_an_alert() -> None:
    read = {metric for rule in ALERT_ROWS.values() for reading in readings(rule["expr"]) for metric in reading.metrics}

    assert read >= RECORDED


@each_alert
def test_an_alert_says_what_it_is_and_where_to_go(name: str) -> None:
    annotations = ALERT_ROWS[name]["annotations"]

    assert set(annotations) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert re.fullmatch(r"[A-Z][^{}]+\.", annotations["summary"])
    assert annotations["description"].endswith(".")
    assert annotations["runbook_url"] == f"alerts/runbooks/{name}.md"


def test_only_a_provider_that_is_down_pages() -> None:
    severities = {name: rule["labels"]["severity"] for name, rule in ALERT_ROWS.items()}

    assert set(severities.values()) <= {"critical", "warning", "info"}
    assert [name for name, severity in severities.items() if severity == "critical"] == ["AIProviderDown"]

"""The rules against the contract of metrics, against their source, and against what stands beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ai_provider_exporter.model.verdict import Verdict

from alerts.src import build
from alerts.src.values import load
from tests import contract
from tests.tools.monitoring import run
from tests.tools.promql import offences, readings

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "alerts" / "rules").rglob("*.yaml"))
RULE_ROWS: list[dict[str, Any]] = [
    rule for path in FILES for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]
]
# What others expose, whose labels our contract knows nothing of; a real LiteLLM proxy is asked in test_traffic.py.
TRAFFIC = {
    "litellm_deployment_total_requests_total",
    "litellm_deployment_failure_responses_total",
    "gen_ai_client_operation_duration_seconds_count",
    "gen_ai_server_request_duration_seconds_count",
}
ALERT_ROWS = {rule["alert"]: rule for rule in RULE_ROWS if "alert" in rule}
RECORDED = frozenset(rule["record"] for rule in RULE_ROWS if "record" in rule)
# Read by sloth's dashboards and by ours, not by an alert.
FOR_DASHBOARDS = {name for name in RECORDED if name.startswith(("slo:", "sloth_"))}
BOARDS = {
    board["uid"]: board for board in map(json.loads, (p.read_text() for p in (ROOT / "dashboards").glob("*.json")))
}
QUERY = re.compile(r'range printf "((?:[^"\\]|\\.)*)"|with printf "((?:[^"\\]|\\.)*)"')

each_alert = pytest.mark.parametrize("name", ALERT_ROWS)
each_rule = pytest.mark.parametrize("rule", RULE_ROWS, ids=lambda rule: rule.get("alert") or rule["record"])


def test_the_rules_are_valid_and_free_of_lint() -> None:
    checked = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *FILES)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@each_rule
def test_a_rule_reads_only_what_the_exporter_exposes(rule: dict[str, Any]) -> None:
    assert offences(rule["expr"], RECORDED | TRAFFIC | {"ALERTS"}) == []


@each_alert
def test_a_description_asks_only_for_what_the_exporter_exposes(name: str) -> None:
    texts = ALERT_ROWS[name]["annotations"].values()
    queries = [match[0] or match[1] for text in texts for match in QUERY.findall(text)]
    filled = [query.replace('\\"', '"').replace("%q", '"x"') for query in queries]

    assert [offences(query, RECORDED) for query in filled] == [[] for _ in filled]


@each_alert
def test_an_alert_compares_something(name: str) -> None:
    expression = ALERT_ROWS[name]["expr"]

    # What is recorded or joined exists only while it is true; everything else has to be compared.
    assert any(sign in expression for sign in (">", "<", "==", "unless")), expression


@each_rule
def test_a_rule_matches_only_verdicts_that_there_are(rule: dict[str, Any]) -> None:
    verdicts = re.findall(r'verdict=~?"([^"]+)"', rule["expr"])

    assert {part for verdict in verdicts for part in verdict.split("|")} <= set(contract.VERDICTS)


def test_the_verdicts_of_the_contract_are_the_exporters() -> None:
    assert list(contract.VERDICTS) == list(Verdict)


def test_every_recording_is_read_by_another_rule() -> None:
    read = {
        metric
        for rule in RULE_ROWS
        for reading in readings(rule["expr"])
        for metric in reading.metrics
        if metric != rule.get("record")
    }

    assert read >= RECORDED - FOR_DASHBOARDS


@each_alert
def test_an_alert_says_whose_it_is(name: str) -> None:
    labels = ALERT_ROWS[name]["labels"]

    assert set(labels) == {"severity", "fault", "team"}
    assert labels["severity"] in {"critical", "warning", "info"}
    assert labels["fault"] in contract.FAULTS


@each_alert
def test_an_alert_says_what_it_is_and_where_to_go(name: str) -> None:
    annotations = ALERT_ROWS[name]["annotations"]

    assert re.fullmatch(r"[A-Z][^{}]+\.", annotations["summary"])
    assert annotations["runbook_url"] == f"alerts/runbooks/{name}.md"
    assert annotations["board_url"].startswith("/")
    assert set(annotations) - {"page"} == {
        "summary", "description", "runbook_url", "dashboard_url", "board_url", "__dashboardUid__", "__panelId__",
    }  # fmt: skip


@each_alert
def test_no_link_of_an_alert_is_dead(name: str) -> None:
    annotations = ALERT_ROWS[name]["annotations"]
    board = BOARDS[annotations["__dashboardUid__"]]
    link = re.fullmatch(r"/d/([\w-]+)(?:\?var-(\w+)=.*)?", annotations["dashboard_url"])

    assert (ROOT / annotations["runbook_url"]).exists()
    assert link
    assert link[1] == board["uid"]
    assert link[2] in {None, *(variable["name"] for variable in board["templating"]["list"])}
    assert int(annotations["__panelId__"]) in {panel["id"] for panel in board["panels"]}


@each_alert
def test_a_link_carries_only_labels_that_the_alert_has(name: str) -> None:
    rule = ALERT_ROWS[name]
    linked = set(
        re.findall(r"\$labels\.(\w+)", rule["annotations"]["board_url"] + rule["annotations"]["dashboard_url"])
    )
    case = yaml.safe_load((ROOT / "alerts" / "tests" / f"{name}.yaml").read_text())

    assert linked <= set(case["labels"])


@each_alert
def test_what_flaps_is_held_and_what_may_change_is_no_label(name: str) -> None:
    labels = set(yaml.safe_load((ROOT / "alerts" / "tests" / f"{name}.yaml").read_text())["labels"])

    assert labels.isdisjoint({"reason", "name", "title", "status", "impact", "url", "verdict", "http_status"})


def test_only_what_users_feel_pages() -> None:
    pages = {name for name, rule in ALERT_ROWS.items() if rule["labels"]["severity"] == "critical"}

    assert pages == {
        "AIProviderDown", "AIProviderLocationDown", "AIProviderModelDown", "AIProviderRegionDown", "AIProviderTierDown",
        "AIProviderUnreachable", "AIProviderNothingWorks", "AIProviderErrorBudgetBurnFast",
    }  # fmt: skip


def test_what_is_ours_or_the_probers_pages_nobody() -> None:
    ours = [rule["labels"] for rule in ALERT_ROWS.values() if rule["labels"]["fault"] in {"ours", "prober"}]

    assert {labels["team"] for labels in ours} == {"owners"}
    assert "critical" not in {labels["severity"] for labels in ours}


@pytest.mark.parametrize("output", build.OUTPUTS)
def test_what_is_committed_is_what_the_source_makes(output: str) -> None:
    name, builder = build.OUTPUTS[output]

    assert (build.ALERTS / name).read_text() == builder(load([], [])), "run: make bundle"

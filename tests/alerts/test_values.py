"""The values of the rules: what they change, and what a wrong one says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.src import build
from alerts.src.values import load
from tests.tools.monitoring import run


def alerts(*settings: str) -> dict[str, dict[str, Any]]:
    text = build.rules(load([], list(settings)))
    return {
        rule["alert"]: rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"] if "alert" in rule
    }


def test_an_alert_can_be_left_out() -> None:
    assert "AIProviderSlow" not in alerts("alerts.AIProviderSlow.enabled=false")


def test_severity_wait_and_threshold_of_an_alert_can_be_changed() -> None:
    changed = alerts("alerts.AIProviderSlow={severity: critical, for: 7m, keep_firing_for: 1h, share: 0.75}")

    slow = changed["AIProviderSlow"]
    assert (slow["labels"]["severity"], slow["for"], slow["keep_firing_for"]) == ("critical", "7m", "1h")
    assert ">= 0.75" in slow["expr"]


def test_labels_and_annotations_reach_every_alert() -> None:
    changed = alerts("labels.namespace=monitoring", "annotations.owner=sre", "alerts.AIProviderDown.labels.pager=loud")

    assert {rule["labels"]["namespace"] for rule in changed.values()} == {"monitoring"}
    assert {rule["annotations"]["owner"] for rule in changed.values()} == {"sre"}
    assert changed["AIProviderDown"]["labels"]["pager"] == "loud"


def test_a_prefix_makes_every_link_absolute() -> None:
    prefixes = (
        "runbook_prefix=https://git.example/",
        "dashboard_prefix=https://grafana.example",
        "board_prefix=https://exporter.example",
    )
    links = [
        rule["annotations"][link]
        for rule in alerts(*prefixes).values()
        for link in ("runbook_url", "dashboard_url", "board_url")
    ]

    assert [link for link in links if not re.match(r"https://(git|grafana|exporter)\.example/\w", link + "x")] == []


def test_a_selector_stands_in_every_selector_of_a_metric_and_the_rules_stay_valid(tmp_path: Path) -> None:
    values = load([], ['selector=cluster="eu1"', "group_labels=[cluster]"])
    path = tmp_path / "rules.yaml"
    path.write_text(build.rules(values))
    checked = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", path)
    expressions = re.findall(r"(?<![\w:])ai_\w+\{?[^}]*\}?", " ".join(rule["expr"] for rule in _rules(path)))

    assert checked.returncode == 0, checked.stderr
    assert [one for one in expressions if "cluster='eu1'" not in one] == []


def _rules(path: Path) -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def test_two_clusters_are_judged_apart() -> None:
    expressions = [rule["expr"] for rule in alerts("group_labels=[cluster]").values()]
    groupings = [labels for one in expressions for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", one)]

    assert [labels for labels in groupings if not labels.startswith("cluster")] == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(["objektive=1"], "objektive: no such value; alerts/src/values.yaml lists them", id="a wrong key"),
        pytest.param(["objective=2"], "objective: Input should be less than 1", id="an objective above 1"),
        pytest.param(["failures=1"], "failures: Input should be greater than or equal to 2", id="one failure"),
        pytest.param(["probe_interval=soon"], "probe_interval: String should match pattern", id="no duration"),
        pytest.param(["objective"], "--set objective: write KEY=VALUE", id="no value"),
        pytest.param(
            ["alerts.AIProviderDown.severity=loud"],
            "alerts.AIProviderDown.severity: String should match pattern",
            id="no severity",
        ),
        pytest.param(
            ["alerts.AIProviderUp.enabled=false"], "alerts.AIProviderUp: no such alert; one of", id="no alert"
        ),
        pytest.param(
            ["alerts.AIProviderSlow.sahre=1"],
            "alerts.AIProviderSlow.sahre: the alert has no such value",
            id="no value of it",
        ),
    ],
)
def test_a_wrong_value_says_where_and_what(settings: list[str], message: str) -> None:
    arguments = [part for setting in settings for part in ("--set", setting)]

    with pytest.raises(ValueError, match=re.escape(message)):
        build.main([*arguments, "--print", "prometheus"])


def test_what_is_printed_is_what_would_be_written() -> None:
    assert build.main(["--print", "prometheus"]) == (build.ALERTS / "rules" / "ai-provider.yaml").read_text()


def test_help_names_the_values() -> None:
    with pytest.raises(SystemExit, match="0"):
        build.main(["--help"])
    assert "alerts/src/values.yaml" in (build.__doc__ or "")

"""The example for Alertmanager: valid, and every alert goes to whom it concerns, with a text that can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.monitoring import run

ALERTS = Path(__file__).parents[2] / "alerts"
CONFIG = ALERTS / "alertmanager" / "alertmanager.yaml"
LABELS: dict[str, dict[str, str]] = {
    rule["alert"]: rule["labels"]
    for group in yaml.safe_load((ALERTS / "rules" / "ai-provider.yaml").read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
}


def receiver(labels: dict[str, str]) -> str:
    """Who is to be notified, by severity and team alone."""
    if labels.get("drill"):
        return "drill"
    if labels["severity"] == "info":
        return "channel"
    if labels["team"] == "owners":
        return "owners"
    return "on-call" if labels["severity"] == "critical" else "on-call-chat"


def routed(labels: dict[str, str]) -> str:
    pairs = [f"{key}={value}" for key, value in labels.items()]
    tested = run("amtool", "config", "routes", "test", f"--config.file={CONFIG}", *pairs)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    return tested.stdout.strip()


def test_the_example_is_valid() -> None:
    checked = run("amtool", "check-config", CONFIG)

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("alert", LABELS)
def test_an_alert_goes_to_whom_it_concerns(alert: str) -> None:
    labels = {"alertname": alert, "provider": "acme"} | LABELS[alert]

    assert routed(labels) == receiver(labels)


@pytest.mark.parametrize("alert", ["AIProviderDown", "AIProviderKeyRejected", "AIProviderOfficialIncident"])
def test_a_drill_goes_to_the_drill_receiver_only(alert: str) -> None:
    assert routed({"alertname": alert, "provider": "acme", "drill": "true"} | LABELS[alert]) == "drill"


def test_a_key_is_its_owners_whatever_severity_the_values_give_it() -> None:
    labels = {"alertname": "AIProviderKeyRejected", "provider": "acme"} | LABELS["AIProviderKeyRejected"]

    assert routed(labels | {"severity": "critical"}) == "owners"


def inhibitions() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = yaml.safe_load(CONFIG.read_text())["inhibit_rules"]
    return rules


@pytest.mark.parametrize("rule", inhibitions(), ids=lambda rule: rule["source_matchers"][0])
def test_an_inhibition_names_only_alerts_that_there_are(rule: dict[str, Any]) -> None:
    matchers = [*rule["source_matchers"], *rule["target_matchers"]]
    patterns = [matcher.partition('"')[2].removesuffix('"') for matcher in matchers if "alertname" in matcher]

    for pattern in patterns:
        assert any(_matches(pattern, alert) for alert in LABELS), pattern


def _matches(pattern: str, alert: str) -> bool:
    return re.fullmatch(pattern, alert) is not None

"""The example for Alertmanager: valid, and every alert goes to whom it concerns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.monitoring import run

CONFIG = Path(__file__).parents[2] / "alerts" / "alertmanager" / "alertmanager.yaml"


def test_the_example_is_valid() -> None:
    checked = run("amtool", "check-config", CONFIG)

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("alert", "severity", "receiver"),
    [
        ("AIProviderDown", "critical", "pager"),
        ("AIProviderIncidentConfirmed", "warning", "team"),
        ("AIProviderUnacknowledged", "warning", "team"),
        ("AIProviderKeyRejected", "warning", "key-owner"),
        # Should anyone raise its severity: a key is still not an outage.
        ("AIProviderKeyRejected", "critical", "key-owner"),
        ("AIProviderExporterAbsent", "warning", "team"),
    ],
)
def test_an_alert_goes_to_whom_it_concerns(alert: str, severity: str, receiver: str) -> None:
    labels = [f"alertname={alert}", f"severity={severity}", "provider=acme"]

    routed = run(
        "amtool", "config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receiver}", *labels
    )

    assert routed.returncode == 0, routed.stdout + routed.stderr

"""What one alert explains is not notified in other words: the example's inhibition in a real Alertmanager."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.alerts.test_cases import ALERT_ROWS
from tests.tools.monitoring import Alertmanager, alertmanager, until

pytestmark = pytest.mark.e2e

CONFIG = Path(__file__).parents[2] / "alerts" / "alertmanager" / "alertmanager.yaml"
ACME = {"provider": "acme"}
HERE = {"location": "fra1"}

# source, its labels, target, its labels, whether the target is silent
ROWS = [
    ("AIProviderEgressDown", HERE, "AIProviderUnreachable", ACME | HERE, True),
    ("AIProviderEgressDown", HERE, "AIProviderUnreachable", ACME | {"location": "zrh1"}, False),
    ("AIProviderEgressDown", HERE, "AIProviderKeyRejected", ACME | HERE, False),
    ("AIProviderDown", ACME, "AIProviderModelDown", ACME | {"model": "small"}, True),
    ("AIProviderDown", ACME, "AIProviderModelDown", {"provider": "beta", "model": "small"}, False),
    ("AIProviderDown", ACME, "AIProviderErrorBudgetBurnFast", ACME, True),
    ("AIProviderDown", ACME, "AIProviderKeyRejected", ACME, False),
    ("AIProviderDown", ACME, "AIProviderOfficialIncident", ACME | {"incident_id": "x"}, False),
    ("AIProviderTierDown", ACME | {"tier": "free"}, "AIProviderErrorBudgetBurnFast", ACME, True),
    ("AIProviderTierDown", ACME | {"tier": "free"}, "AIProviderDown", ACME, False),
    ("AIProviderNothingWorks", HERE, "AIProviderUnreachable", ACME | HERE, True),
    ("AIProviderNothingWorks", HERE, "AIProviderUnreachable", ACME | {"location": "zrh1"}, False),
    ("AIProviderModelDown", ACME | {"model": "small"}, "AIProviderSlow", ACME, True),
    ("AIProviderNothingWorks", HERE, "AIProviderEventLoopLag", {}, False),
    ("AIProviderIncidentConfirmed", ACME, "AIProviderOfficialIncident", ACME | {"incident_id": "x"}, True),
    ("AIProviderIncidentConfirmed", ACME, "AIProviderUnacknowledged", ACME, True),
    ("AIProviderIncidentConfirmed", ACME, "AIProviderDown", ACME, False),
    ("AIProviderExporterAbsent", {"job": "j"}, "AIProviderProbeStale", ACME | {"probe": "a"}, True),
    ("AIProviderExporterAbsent", {"job": "j"}, "AIProviderDown", ACME, False),
]


@pytest.fixture(name="notifier")
def _notifier(tmp_path: Path) -> Iterator[Alertmanager]:
    """With the example's inhibition and nobody to notify."""
    rules = yaml.safe_load(CONFIG.read_text())["inhibit_rules"]
    config = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}], "inhibit_rules": rules}
    with alertmanager(tmp_path, config) as running:
        yield running


def _labels(alert: str, more: dict[str, str]) -> dict[str, str]:
    own: dict[str, str] = ALERT_ROWS[alert]["labels"]
    return {"alertname": alert} | own | more


def _states(notifier: Alertmanager, alerts: list[dict[str, str]]) -> dict[str, str]:
    """Posts the alerts, and returns the state of each by its row once all are there."""
    body = [{"labels": labels} for labels in alerts]
    httpx2.post(f"{notifier.url}/api/v2/alerts", json=body, trust_env=False).raise_for_status()
    held = until(lambda: _held(notifier, len(alerts)))
    return {one["labels"]["row"]: one["status"]["state"] for one in held}


def _held(notifier: Alertmanager, count: int) -> list[dict[str, Any]]:
    held = [one for one in notifier.alerts() if one["status"]["state"] != "unprocessed"]
    return held if len(held) == count else []


@pytest.mark.parametrize(
    ("source", "at", "target", "where", "silent"),
    ROWS,
    ids=[
        f"{source} on {target} {'silences' if silent else 'does not silence'}" for source, _, target, _, silent in ROWS
    ],
)
def test_an_alert_silences_what_it_explains_and_nothing_else(
    notifier: Alertmanager, source: str, at: dict[str, str], target: str, where: dict[str, str], *, silent: bool
) -> None:
    alerts = [_labels(source, at) | {"row": "source"}, _labels(target, where) | {"row": "target"}]
    states = _states(notifier, alerts)

    assert states["target"] == ("suppressed" if silent else "active")

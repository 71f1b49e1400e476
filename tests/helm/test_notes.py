"""What Helm says after an install: what to do next, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helm.charts import minimal, rendered, values

NO_KEY = "NO KEY IS SET"
NOT_SCRAPED = "NO PROMETHEUS SCRAPES IT"
NOT_PICKED_UP = "PROMETHEUS MAY NOT PICK IT UP"
NO_ALERT = "No alert can fire"
NO_VOLUME = "The budget is forgotten with the pod"
NEW_POD = "A changed key needs a new pod"
EACH_SHARD = "config.budget holds for each of the 2 shards"
ALL = (NO_KEY, NOT_SCRAPED, NOT_PICKED_UP, NO_ALERT, NO_VOLUME, NEW_POD, EACH_SHARD)

KEYS = {"keys": {"existingSecret": "ours"}}
MONITOR = {"serviceMonitor": {"enabled": True, "labels": {"release": "ours"}}}
RULES = {"prometheusRule": {"enabled": True, "labels": {"release": "ours"}}}
BUDGET = {"config": {"budget": {"state_file": "/var/lib/ai-provider-exporter/budget.json"}}}


def notes(given: dict[str, Any]) -> str:
    return rendered(given)["NOTES.txt"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({}, {NO_KEY, NOT_SCRAPED}, id="bare"),
        pytest.param({**KEYS, "scrape": {"annotations": True}}, {NEW_POD}, id="keys and annotations"),
        pytest.param({"keys": {**KEYS["keys"], "env": False, "files": True}}, {NOT_SCRAPED}, id="keys as files"),
        pytest.param({"extraEnv": [{"name": "OPENAI_API_KEY", "value": "x"}]}, {NOT_SCRAPED}, id="other keys"),
        pytest.param({**KEYS, **MONITOR, **RULES}, {NEW_POD}, id="all that is needed"),
        pytest.param({**KEYS, **MONITOR}, {NEW_POD, NO_ALERT}, id="no rules"),
        pytest.param(
            {**KEYS, **RULES, "serviceMonitor": {"enabled": True}}, {NEW_POD, NOT_PICKED_UP}, id="a bare monitor"
        ),
        pytest.param(
            {**KEYS, **MONITOR, "prometheusRule": {"enabled": True}}, {NEW_POD, NOT_PICKED_UP}, id="bare rules"
        ),
        pytest.param(
            {**KEYS, "releaseLabel": True, "podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}},
            {NEW_POD},
            id="the label of the release",
        ),
        pytest.param({**KEYS, **MONITOR, **RULES, **BUDGET}, {NEW_POD, NO_VOLUME}, id="a budget without a volume"),
        pytest.param(
            {**KEYS, **MONITOR, **RULES, **BUDGET, "state": {"existingClaim": "x"}}, {NEW_POD}, id="a budget with one"
        ),
        pytest.param({**KEYS, **MONITOR, **RULES, "sharding": {"enabled": True}}, {NEW_POD, EACH_SHARD}, id="shards"),
    ],
)  # fmt: skip
def test_notes_say_what_is_missing_and_nothing_else(given: dict[str, Any], said: set[str]) -> None:
    assert {sentence for sentence in ALL if sentence in notes(minimal(**given))} == said


def test_notes_say_how_to_open_the_board() -> None:
    assert "kubectl --namespace sre port-forward service/demo-ai-provider-exporter 10190" in notes(minimal())
    assert "https://127.0.0.1:10190/ai/" in notes(values("protected"))
    assert "kubectl --namespace monitoring port-forward service/probes-fra1 8080" in notes(values("full"))

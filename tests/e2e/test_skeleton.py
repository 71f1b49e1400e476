"""One probe and one status page travel the whole way, to a panel and to a pager."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.dashboards.boards import BOARDS, everything, panels
from tests.dashboards.grafana import filled
from tests.e2e.programs import Running, running
from tests.tools.loopback import Inbox, webhooks
from tests.tools.monitoring import alertmanager, hasten, prometheus, run, until

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
RULES = ROOT / "alerts/rules/ai-provider.yaml"
DISAGREED = "Time in which probes and page disagreed"  # not while the page speaks of an incident
HASTE = 60  # a minute of the rules is a second here

CONFIG = """
defaults: {{interval: 1s, timeout: 900ms, location: here}}
probes:
  - name: openai-chat
    provider: openai
    kind: chat
    base_url: {simulator}/openai/v1
    api_key: {{env: SIMULATED_KEY}}
    tier: paid
status_pages:
  - {{provider: openai, url: "{simulator}/openai/status"}}
"""
SCENARIO = """
name: one-provider
description: One provider that is well until it is told otherwise.
assumptions: [Everything.]
providers:
  openai:
    apis: [openai_chat]
    keys: [{key: sim-key, tier: paid}]
    models: [{id: gpt-6-luna}]
    pace: {headers: 10ms, first_token: 30ms, gap: 5ms}
    page:
      format: incidentio
      name: OpenAI
      components: [{name: Chat Completions, group: APIs}]
timeline:
  - at: 0s
    provider: openai
    page:
      incidents:
        - {id: slow, name: Slow answers, status: monitoring, impact: none, text: We are watching.}
"""


@contextmanager
def _exporter(directory: Path) -> Iterator[tuple[Running, Running]]:
    """The simulator, and the exporter that watches it."""
    scenario, config = directory / "scenario.yaml", directory / "config.yaml"
    scenario.write_text(SCENARIO)
    with running(directory, "simulate", scenario) as simulator:
        config.write_text(CONFIG.format(simulator=simulator.url))
        with running(directory, "serve", "--config.file", config, env={"SIMULATED_KEY": "sim-key"}) as exporter:
            yield simulator, exporter


def _apply(simulator: Running, step: dict[str, Any]) -> None:
    httpx2.post(f"{simulator.url}/-/apply", json=step, trust_env=False).raise_for_status()


def _sum(samples: dict[str, float], name: str) -> float:
    return sum(value for series, value in samples.items() if series.startswith(f"{name}{{"))


def test_every_run_of_a_probe_and_the_first_read_of_a_page_fill_their_metrics(tmp_path: Path) -> None:
    with _exporter(tmp_path) as (_, exporter):
        until(lambda: exporter.metric("ai_probe_duration_seconds_count", probe="openai-chat"))
        until(lambda: exporter.metric("ai_status_page_up", provider="openai"))
        samples = exporter.metrics()
        successes = _sum(samples, "ai_probe_attempts_total") - _sum(samples, "ai_probe_failures_total")
        lint = run("promtool", "check", "metrics", text=exporter.get("/metrics").text)

        assert _sum(samples, "ai_probe_duration_seconds_count") == successes
        assert not _sum(samples, "ai_status_page_failures_total")
        assert exporter.metric("ai_probe_success", probe="openai-chat") == 1
        assert exporter.metric("ai_probe_time_to_first_token_seconds_count", probe="openai-chat")
        assert exporter.metric("ai_probe_phase_seconds", phase="first_token")
        assert exporter.metric("ai_component_status", component="Chat Completions", group="APIs") == 0
        assert exporter.metric("ai_incidents_active", impact="major") == 0
        assert exporter.metric("ai_incident_info", name="Slow answers", status="monitoring") == 1
        assert (lint.stdout + lint.stderr, lint.returncode) == ("", 0)
        assert not [series for series in samples if "sim-key" in series]


def test_every_panel_of_the_overview_is_answered_from_what_the_exporter_really_says(tmp_path: Path) -> None:
    values = everything("overview") | {"__rate_interval": "10s", "__interval": "10s", "__range": "60s"}
    asked = {
        panel["title"]: [filled(target["expr"], values) for target in panel["targets"]]
        for panel in panels(BOARDS["overview"])
    }
    with _exporter(tmp_path) as (simulator, exporter), prometheus(tmp_path, {"exporter": [exporter.host]}) as server:
        _apply(simulator, {"provider": "openai", "fail": [{"how": "server_error", "share": 0.5}]})

        unanswered = set(asked)

        def are_answered() -> bool:
            unanswered.difference_update(title for title in [*unanswered] if any(map(server.instant, asked[title])))
            return not unanswered

        with suppress(TimeoutError):
            until(lambda: are_answered() or unanswered == {DISAGREED}, seconds=60)
        assert unanswered <= {DISAGREED}

        _apply(simulator, {"provider": "openai", "page": {"incidents": [{"id": "slow", "status": "resolved"}]}})
        until(are_answered, seconds=60)


def test_an_outage_reaches_the_pager_and_its_end_does_too(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(hasten(RULES.read_text(), HASTE))
    with _exporter(tmp_path) as (simulator, exporter), webhooks() as inbox:
        routes = {
            "route": {"receiver": "pager", "group_wait": "10ms", "group_interval": "1s", "group_by": ["alertname"]},
            "receivers": [{"name": "pager", "webhook_configs": [{"url": f"{inbox.url}/pager", "send_resolved": True}]}],
        }
        with (
            alertmanager(tmp_path, routes) as pager,
            prometheus(tmp_path, {"exporter": [exporter.host]}, rules=[rules], notifier=pager) as server,
        ):
            until(lambda: server.value("min(up)") == 1)
            _apply(simulator, {"provider": "openai", "fail": [{"how": "server_error", "share": 1.0}]})
            down = until(lambda: _told(inbox, "AIProviderDown", "firing"), seconds=60)
            _apply(simulator, {"provider": "openai", "fail": []})
            over = until(lambda: _told(inbox, "AIProviderDown", "resolved"), seconds=60)

            assert down["labels"]["provider"] == over["labels"]["provider"] == "openai"
            assert down["labels"]["severity"] == "critical"
            assert down["annotations"]["runbook_url"].endswith("AIProviderDown.md")


def _told(inbox: Inbox, alert: str, status: str) -> dict[str, Any]:
    letters = [one for _, letter in inbox.letters for one in letter["alerts"]]
    found = [one for one in letters if one["labels"]["alertname"] == alert and one["status"] == status]
    return found[-1] if found else {}

"""The harness itself: it starts real programs, and its failures are sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tools.loopback import exposition, webhooks
from tests.tools.monitoring import alertmanager, hasten, prometheus, tool, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

RULES = """
groups:
  - name: test
    rules:
      - alert: Always
        expr: vector(1) > 0
        for: 2m
"""
ROUTES: dict[str, Any] = {
    "route": {"receiver": "inbox", "group_wait": "100ms", "group_interval": "1s"},
}


def test_a_missing_tool_names_the_command_that_brings_it() -> None:
    with pytest.raises(FileNotFoundError, match="nosuchtool is missing: run make tools"):
        tool("nosuchtool")


def test_waiting_ends_with_the_last_answer() -> None:
    with pytest.raises(TimeoutError, match=r"not true within 0 s; the last answer was \[\]"):
        until(list, seconds=0)


@pytest.mark.parametrize(
    ("document", "hastened"),
    [
        pytest.param("for: 2m", "for: 2000ms", id="a wait"),
        pytest.param("rate(x[10m])", "rate(x[10000ms])", id="a range"),
        pytest.param("repeat_interval: 4h\n", "repeat_interval: 240000ms\n", id="a line"),
        pytest.param("x:increase10m >= 3", "x:increase10m >= 3", id="a name is no duration"),
    ],
)
def test_haste_shortens_durations_only(document: str, hastened: str) -> None:
    assert hasten(document, 60) == hastened


def test_a_config_that_prometheus_refuses_fails_with_its_own_words(tmp_path: Path) -> None:
    with (
        pytest.raises(ChildProcessError, match="not a valid duration string"),
        prometheus(tmp_path, {}, every="soon"),
    ):
        pass


def test_a_scraped_alert_reaches_a_webhook(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(hasten(RULES, 600))
    with webhooks() as inbox, exposition(lambda: "answer 42\n") as target:
        receivers = [{"name": "inbox", "webhook_configs": [{"url": f"{inbox.url}/pager"}]}]
        with (
            alertmanager(tmp_path, ROUTES | {"receivers": receivers}) as notifier,
            prometheus(tmp_path, {"job": [target]}, rules=[rules], notifier=notifier, every="200ms") as server,
        ):
            until(lambda: server.value("answer"))
            until(lambda: inbox.alerts("/pager"))

            assert server.value('answer{job="job"}') == 42
            assert [target["health"] for target in server.targets()] == ["up"]
            assert inbox.alerts("/pager") == [{"alertname": "Always"}]
            assert [alert["status"]["state"] for alert in notifier.alerts()] == ["active"]

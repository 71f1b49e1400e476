"""A runbook for every alert, of one shape, with commands and queries that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.tools.promql import offences

ALERTS = Path(__file__).parents[2] / "alerts"
RUNBOOKS = sorted((ALERTS / "runbooks").iterdir())
VERBS = {"probe NAME --config.file FILE", "page URL", "check-config FILE", "providers --check"}
FILES = (ALERTS / "rules").rglob("*.yaml")
RULES = [rule for path in FILES for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]
RECORDED = frozenset(rule["record"] for rule in RULES if "record" in rule)
PROMETHEUS_OWN = ("process_start_time_seconds", "process_cpu_seconds_total")

each_runbook = pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.stem)


def blocks(runbook: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", runbook.read_text(), re.DOTALL)


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    alerts = {rule["alert"] for rule in RULES if "alert" in rule}

    assert [runbook.name for runbook in RUNBOOKS] == sorted(f"{alert}.md" for alert in alerts)


@each_runbook
def test_a_runbook_has_the_headings_that_a_woken_reader_expects(runbook: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", runbook.read_text(), re.MULTILINE)

    assert headings == [
        runbook.stem, "Impact", "First three checks", "What to do", "What not to do", "When it resolves",
    ]  # fmt: skip


@each_runbook
def test_a_runbook_begins_with_what_its_alert_means(runbook: Path) -> None:
    title, meaning, *_ = runbook.read_text().split("\n\n")

    assert title == f"# {runbook.stem}"
    assert meaning.endswith(".")


@each_runbook
def test_a_runbook_has_three_checks_each_with_a_query_or_a_command(runbook: Path) -> None:
    checks = runbook.read_text().partition("## First three checks")[2].partition("## What to do")[0]

    assert re.findall(r"^(\d)\.", checks, re.MULTILINE) == ["1", "2", "3"]
    assert all("```" in check for check in re.split(r"^\d\.", checks, flags=re.MULTILINE)[1:])


@each_runbook
def test_a_runbook_uses_only_verbs_that_there_are(runbook: Path) -> None:
    ours = re.findall(r"^\s*ai-provider-exporter (.+)$", runbook.read_text(), re.MULTILINE)

    assert set(ours) <= VERBS


@each_runbook
def test_a_runbook_queries_only_what_the_exporter_exposes(runbook: Path) -> None:
    queries = [query for query in blocks(runbook, "promql") if not any(own in query for own in PROMETHEUS_OWN)]

    assert [offences(query, RECORDED) for query in queries] == [[] for _ in queries]


@each_runbook
def test_a_runbook_names_only_alerts_that_there_are(runbook: Path) -> None:
    named = set(re.findall(r"AIProvider\w+", runbook.read_text()))

    assert named <= {runbook.stem for runbook in RUNBOOKS}

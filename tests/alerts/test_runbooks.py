"""A runbook for every alert, of one shape, with commands and queries that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.tools.promql import offences

ALERTS = Path(__file__).parents[2] / "alerts"
RUNBOOKS = sorted((ALERTS / "runbooks").iterdir())
VERBS = {"probe NAME", "page URL", "check-config FILE"}

each_runbook = pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.stem)


def blocks(runbook: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", runbook.read_text(), re.DOTALL)


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    groups = yaml.safe_load((ALERTS / "rules" / "ai-provider.yaml").read_text())["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}

    assert [runbook.name for runbook in RUNBOOKS] == sorted(f"{alert}.md" for alert in alerts)


@each_runbook
def test_a_runbook_has_the_headings_that_a_woken_reader_expects(runbook: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", runbook.read_text(), re.MULTILINE)

    assert headings == [runbook.stem, "First five minutes", "Them or us", "Tell users", "What ends it"]


@each_runbook
def test_a_runbook_says_what_its_alert_means_in_one_line(runbook: Path) -> None:
    title, _, meaning, blank, *_ = runbook.read_text().splitlines()

    assert title == f"# {runbook.stem}"
    assert meaning.endswith(".")
    assert blank == ""


@each_runbook
def test_a_runbook_asks_the_provider_and_its_page(runbook: Path) -> None:
    ours = re.findall(r"^\s*ai-provider-exporter (.+)$", runbook.read_text(), re.MULTILINE)

    assert {"probe NAME", "page URL"} <= set(ours) <= VERBS


@each_runbook
def test_a_runbook_queries_only_what_the_exporter_exposes(runbook: Path) -> None:
    queries = blocks(runbook, "promql")

    assert queries
    assert [offences(query) for query in queries] == [[] for _ in queries]

"""Every metric of the contract is on a panel or in a rule: what nobody reads need not be measured."""

from __future__ import annotations

import re

import pytest

from tests import contract
from tests.dashboards.boards import ROOT, TARGETS, Target
from tests.dashboards.test_rules import parsed, plain
from tests.tools.promql import made_labels, readings

UNREAD: dict[str, str] = {}
"""Metrics that no panel and no rule reads, each with its reason."""


def names(target: Target) -> set[str]:
    return {contract.family(metric) for reading in parsed(target) for metric in reading.metrics}


READ = set().union(*(names(target) for target in TARGETS))
RULES = " ".join(path.read_text() for path in (ROOT / "alerts" / "rules").rglob("*.yaml"))


@pytest.mark.parametrize("metric", contract.METRICS)
def test_a_metric_is_on_a_panel_or_in_a_rule(metric: str) -> None:
    read = metric in READ or re.search(rf"\b{metric}\b", RULES) is not None

    assert read != (metric in UNREAD)


def test_reasons_for_what_is_not_read_are_sentences_about_metrics_that_exist() -> None:
    assert UNREAD.keys() <= contract.METRICS.keys()
    assert all(reason.endswith(".") for reason in UNREAD.values())


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_legend_names_labels_that_its_query_gives(target: Target) -> None:
    named = set(re.findall(r"{{(\w+)}}", target.query["legendFormat"]))
    expression = plain(target.expression)
    recorded = {"provider"}
    carried = recorded.union(
        made_labels(expression),
        *(
            contract.labels(metric)
            for reading in readings(expression)
            for metric in reading.metrics
            if ":" not in metric
        ),
    )

    assert named <= carried

"""The rules of Grafana's dashboard-linter 0.2.0, all of them with no exclusion and for every kind of panel.

https://github.com/grafana/dashboard-linter, read in November 2026; its rules are written anew here, since it needs Go.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from dashboards.src.build import BUILT, COPIED
from tests import contract
from tests.dashboards.boards import (
    ANNOTATIONS,
    BOARDS,
    PANELS,
    RECORDED,
    TARGETS,
    VARIABLES,
    Target,
    selector,
)
from tests.dashboards.grafana import filled
from tests.tools.promql import Reading, offences, readings

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
QUERY_VARIABLES = [(name, row) for name, rows in VARIABLES.items() for row in rows.values() if row["type"] == "query"]
SHARED = ["datasource", "cluster", "job", "instance", "provider", "location", "model", "tier", "probe"]
RATE_INTERVAL, INTERVAL, RANGE = "11m11s", "7m7s", "13h13m"
UNITS = {"none", "short", "s", "percentunit", "dateTimeFromNow", "currencyUSD", "reqps", "rpm", "bytes", "Bps"}
RATES = {"rate", "irate", "increase"}

each_board = pytest.mark.parametrize("name", BOARDS)
each_panel = pytest.mark.parametrize(
    ("name", "panel"), [pytest.param(name, panel, id=f"{name} {panel['id']}") for name, panel in PANELS]
)
each_variable = pytest.mark.parametrize(
    ("name", "variable"), [pytest.param(name, row, id=f"{name} {row['name']}") for name, row in QUERY_VARIABLES]
)
each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
each_annotation = pytest.mark.parametrize(
    ("name", "band"), [pytest.param(name, band, id=f"{name} {band['name']}") for name, band in ANNOTATIONS]
)


def plain(expression: str) -> str:
    """With durations that no board would use in place of Grafana's, and label variables left as they are."""
    values = {
        "__rate_interval": RATE_INTERVAL,
        "__interval": INTERVAL,
        "__range": RANGE,
        "window": "30d",
        "objective": "99",
    }
    names = {name: f"${name}" for name in [*SHARED, "others"]}
    return filled(expression, names | values)


def parsed(target: Target) -> list[Reading]:
    return readings(plain(target.expression))


@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.name)
def test_a_built_file_equals_its_source(path: Path) -> None:
    assert path.read_text() == BUILT[path], "run make bundle"


@pytest.mark.parametrize("original", COPIED, ids=lambda path: path.name)
def test_the_chart_has_the_same_bytes(original: Path) -> None:
    assert COPIED[original].read_bytes() == original.read_bytes(), "run make bundle"


# template-datasource-rule


@each_board
def test_the_data_source_is_a_variable(name: str) -> None:
    sources = [row for row in VARIABLES[name].values() if row["type"] == "datasource"]

    assert [(row["name"], row["label"], row["query"]) for row in sources] == [
        ("datasource", "Data source", "prometheus")
    ]


# template-job-rule, template-instance-rule; the same for ours


@each_variable
def test_a_variable_takes_many_values_or_all(name: str, variable: dict[str, Any]) -> None:
    absent = {"cluster", "location", "model", "tier"}

    assert variable["label"] == variable["name"].capitalize()
    assert variable["datasource"] == DATASOURCE
    assert variable["multi"]
    assert variable["includeAll"]
    # A series without that label has none to match.
    assert variable["allValue"] == (".*" if variable["name"] in absent else ".+")


@each_board
def test_every_board_has_the_shared_variables_so_that_links_carry_them(name: str) -> None:
    assert list(VARIABLES[name])[: len(SHARED)] == SHARED


@each_board
def test_a_variable_in_sight_is_one_that_the_board_reads(name: str) -> None:
    expressions = " ".join(target.expression for target in TARGETS if target.board == name)
    # The data source is read by every query; a cluster is chosen before the job.
    idle = [row for row, variable in VARIABLES[name].items() if not re.search(rf"\${row}\b", expressions)]

    assert [row for row in idle if VARIABLES[name][row]["hide"] == 0] == ["datasource"]


# template-label-promql-rule


@each_variable
def test_a_variable_asks_for_a_label_in_valid_promql(name: str, variable: dict[str, Any]) -> None:
    assert offences(plain(selector(variable)), RECORDED) == []
    assert variable["query"]["query"] == variable["definition"]


# template-on-time-change-reload-rule


@each_variable
def test_a_variable_is_read_again_when_the_time_range_changes(name: str, variable: dict[str, Any]) -> None:
    assert variable["refresh"] == 2


@each_variable
def test_a_variable_depends_only_on_those_before_it(name: str, variable: dict[str, Any]) -> None:
    before = list(itertools.takewhile(lambda row: row != variable["name"], VARIABLES[name]))

    assert set(re.findall(r"\$(\w+)", variable["definition"])) <= set(before)


# panel-datasource-rule


@each_panel
def test_panels_and_queries_use_the_chosen_data_source(name: str, panel: dict[str, Any]) -> None:
    assert panel["datasource"] == DATASOURCE
    assert all(target["datasource"] == DATASOURCE for target in panel["targets"])


# panel-title-description-rule


@each_panel
def test_a_panel_has_a_title_and_a_description_of_one_sentence(name: str, panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert re.fullmatch(r"[A-Z][^.]*(\.\d[^.]*)*\.", panel["description"])


# panel-units-rule


@each_panel
def test_a_panel_has_a_unit(name: str, panel: dict[str, Any]) -> None:
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS


# panel-no-targets-rule


@each_panel
def test_a_panel_asks_something(name: str, panel: dict[str, Any]) -> None:
    letters = [target["refId"] for target in panel["targets"]]

    assert letters
    assert letters == sorted(set(letters))


# target-logql-rule, target-logql-auto-rule


@each_panel
def test_no_query_is_of_loki(name: str, panel: dict[str, Any]) -> None:
    assert {target["datasource"]["type"] for target in panel["targets"]} == {"prometheus"}


# target-promql-rule


@each_target
def test_a_query_is_valid_promql(target: Target) -> None:
    assert parsed(target)


# target-rate-interval-rule, and more


@each_target
def test_a_rate_looks_back_by_the_rate_interval_and_by_nothing_else(target: Target) -> None:
    looks = [str(look) for look in re.findall(r"\brate\([^\[]*\[([^\]]+)\]", target.expression)]

    assert set(looks) <= {"$__rate_interval"}


@each_target
def test_a_count_looks_back_by_one_step_or_by_a_window_that_is_named(target: Target) -> None:
    looks = set(re.findall(r"\bincrease\([^\[]*\[([^\]]+)\]", target.expression))
    named = {"$__range", "$window", "15m", "1h", "6h", "24h"}

    assert looks <= ({"$__interval"} | named)
    assert "$__interval" not in looks or not target.query["instant"]


@each_target
def test_a_window_that_is_fixed_stands_in_the_title_or_the_description(target: Target) -> None:
    spelled = {"15m": "15 min", "1h": "1 h", "6h": "6 h", "24h": "24 h", "$window": "window"}
    shown = " ".join([target.panel["title"], target.panel["description"], str(target.panel.get("transformations", ""))])
    fixed = set(re.findall(r"\[([^\]]+)\]", target.expression)) & set(spelled)

    assert [window for window in fixed if spelled[window] not in shown] == []


@each_target
def test_the_smallest_step_stands_on_the_panel_and_never_on_a_query(target: Target) -> None:
    assert "interval" not in target.query
    read = {reading.functions[-1] for reading in parsed(target) if reading.range}
    assert target.query["instant"] or not read & RATES or target.panel["interval"]


# target-job-rule, target-instance-rule; the same for ours


@each_target
def test_a_query_reads_only_what_the_variables_choose(target: Target) -> None:
    for reading in parsed(target):
        recorded = RECORDED.issuperset(reading.metrics)
        carried = {"provider"} if recorded else set().union(*(contract.labels(metric) for metric in reading.metrics))
        names = ["cluster", "job", "instance", *(name for name in SHARED[4:] if name in carried)]

        # Where a missing label stands for all its values, `|` lets it pass.
        matched = {matcher.replace('|"', '"') for matcher in reading.matchers}
        assert matched >= {f'{name}=~"${name}"' for name in names}


# target-counter-agg-rule, and the reverse


@each_target
def test_counters_and_only_counters_are_read_as_rates(target: Target) -> None:
    for reading in parsed(target):
        if RECORDED.isdisjoint(reading.metrics) and not counts_series(target, reading):
            grows = {contract.READABLE[contract.family(metric)][0] != "gauge" for metric in reading.metrics}
            assert grows == {bool(RATES.intersection(reading.functions))}


def counts_series(target: Target, reading: Reading) -> bool:
    """Whether only the presence of the series matters, not its value."""
    (metric,) = reading.metrics if len(reading.metrics) == 1 else ("",)
    bare = re.escape(metric) + r"\{[^}]*\}\)"
    return (
        not reading.range
        and re.search(rf"(count|count by \([^)]*\)|max by \([^)]*\)) \({bare}", target.expression) is not None
    )


# uneditable-dashboard


@each_board
def test_a_board_is_changed_in_its_source_only(name: str) -> None:
    assert BOARDS[name]["editable"] is False

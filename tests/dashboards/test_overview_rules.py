"""The rules of Grafana's dashboard-linter 0.2.0, all of them and no exclusions, and a few of our own.

https://github.com/grafana/dashboard-linter, read in August 2026; its rules are written anew here, since it needs Go.
"""

from __future__ import annotations

import itertools
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.src.build import BUILT, COPIED, ROOT
from tests import contract
from tests.tools.promql import Reading, offences, readings

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "dashboards" / "overview.json").read_text()
BOARD: dict[str, Any] = json.loads(TEXT)
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
VARIABLES = {row["name"]: row for row in BOARD["templating"]["list"]}
QUERY_VARIABLES = [row for row in VARIABLES.values() if row["type"] == "query"]
UNITS = {"none", "short", "s", "percentunit", "dateTimeFromNow"}
# A duration that no dashboard would use stands for $__rate_interval where PromQL is parsed.
RATE_INTERVAL = timedelta(minutes=11, seconds=11)
RATES = {"rate", "irate", "increase"}

each_panel = pytest.mark.parametrize("panel", BOARD["panels"], ids=lambda panel: panel["title"])
each_variable = pytest.mark.parametrize("variable", QUERY_VARIABLES, ids=lambda row: row["name"])
each_query = pytest.mark.parametrize(
    "query",
    [
        pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
        for panel in BOARD["panels"]
        for target in panel["targets"]
    ]
    + [pytest.param(band["expr"], id=f"annotation {band['name']}") for band in BOARD["annotations"]["list"]],
)


def parsed(query: str) -> list[Reading]:
    return readings(plain(query))


def plain(query: str) -> str:
    return query.replace("$__rate_interval", "11m11s")


def selector(variable: dict[str, Any]) -> str:
    found = re.fullmatch(r"label_values\((.+), \w+\)", variable["definition"])
    assert found, variable["definition"]
    return found[1]


@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.name)
def test_a_built_file_equals_its_source(path: Path) -> None:
    assert path.read_text() == BUILT[path](), "run make bundle"


@pytest.mark.parametrize("original", COPIED, ids=lambda path: path.name)
def test_the_chart_has_the_same_bytes(original: Path) -> None:
    assert COPIED[original].read_bytes() == original.read_bytes(), "run make bundle"


# template-datasource-rule


def test_the_data_source_is_a_variable() -> None:
    assert [row["name"] for row in VARIABLES.values() if row["type"] == "datasource"] == ["datasource"]
    assert VARIABLES["datasource"]["label"] == "Data source"
    assert VARIABLES["datasource"]["query"] == "prometheus"


# template-job-rule, template-instance-rule; the same for ours


@pytest.mark.parametrize("name", ["job", "instance", "provider", "location"])
def test_a_variable_of_that_name_takes_many_values_or_all(name: str) -> None:
    variable = VARIABLES[name]

    assert variable["label"] == name.capitalize()
    assert variable["type"] == "query"
    assert variable["datasource"] == DATASOURCE
    assert variable["multi"]
    assert variable["includeAll"]
    # A series without a location has none to match.
    assert variable["allValue"] == (".*" if name == "location" else ".+")


# template-label-promql-rule


@each_variable
def test_a_variable_asks_for_a_label_in_valid_promql(variable: dict[str, Any]) -> None:
    assert offences(selector(variable)) == []
    assert variable["query"]["query"] == variable["definition"]


# template-on-time-change-reload-rule


@each_variable
def test_a_variable_is_read_again_when_the_time_range_changes(variable: dict[str, Any]) -> None:
    assert variable["refresh"] == 2


@each_variable
def test_a_variable_depends_only_on_those_before_it(variable: dict[str, Any]) -> None:
    before = list(itertools.takewhile(lambda name: name != variable["name"], VARIABLES))

    assert set(re.findall(r"\$(\w+)", variable["definition"])) <= set(before)


# panel-datasource-rule


@each_panel
def test_panels_and_queries_use_the_chosen_data_source(panel: dict[str, Any]) -> None:
    assert panel["datasource"] == DATASOURCE
    assert all(target["datasource"] == DATASOURCE for target in panel["targets"])


# panel-title-description-rule


@each_panel
def test_a_panel_has_a_title_and_a_description_of_sentences(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert re.fullmatch(r"[A-Z].*\.", panel["description"])


# panel-units-rule


@each_panel
def test_a_panel_has_a_unit(panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]

    assert defaults["unit"] in UNITS
    assert defaults["unit"] != "none" or defaults.get("mappings") or panel["type"] == "table"


# panel-no-targets-rule


@each_panel
def test_a_panel_asks_something(panel: dict[str, Any]) -> None:
    letters = [target["refId"] for target in panel["targets"]]

    assert letters
    assert len(letters) == len(set(letters))


# target-logql-rule, target-logql-auto-rule


@each_panel
def test_no_query_is_of_loki(panel: dict[str, Any]) -> None:
    assert {target["datasource"]["type"] for target in panel["targets"]} == {"prometheus"}


# target-promql-rule


@each_query
def test_a_query_is_valid_promql(query: str) -> None:
    assert parsed(query)


# target-rate-interval-rule


@each_query
def test_rates_and_only_rates_look_back_by_the_rate_interval(query: str) -> None:
    ranged = [reading for reading in parsed(query) if reading.range is not None]

    assert {reading.range for reading in ranged} <= {RATE_INTERVAL}
    assert {reading.functions[-1] for reading in ranged} <= RATES


# target-job-rule, target-instance-rule; the same for ours


@each_query
def test_a_query_reads_only_what_the_variables_choose(query: str) -> None:
    for reading in parsed(query):
        located = all("location" in contract.labels(metric) for metric in reading.metrics)
        chosen = ["job", "instance", "provider", *(["location"] if located else [])]

        assert reading.matchers >= {f'{name}=~"${name}"' for name in chosen}


# target-counter-agg-rule, and the reverse


@each_query
def test_counters_and_only_counters_are_read_as_rates(query: str) -> None:
    for reading in parsed(query):
        grows = {contract.METRICS[contract.family(metric)][0] != "gauge" for metric in reading.metrics}

        assert grows == {bool(RATES.intersection(reading.functions))}


# uneditable-dashboard


def test_the_dashboard_is_changed_in_its_source_only() -> None:
    assert BOARD["editable"] is False


# Ours


@each_query
def test_a_query_reads_only_what_the_exporter_exposes(query: str) -> None:
    assert offences(plain(query)) == []


def test_panels_have_numbers_of_their_own() -> None:
    assert sorted(panel["id"] for panel in BOARD["panels"]) == [1, 2, 3, 4, 5, 6]


def test_no_panel_covers_another() -> None:
    covered = [
        (x, y)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(covered) == len(set(covered))
    assert max(x for x, _ in covered) < 24


def test_the_dashboard_asks_nothing_of_whoever_provisions_it() -> None:
    assert BOARD["__inputs"] == BOARD["__requires"] == []
    assert "DS_PROMETHEUS" not in TEXT


def test_alerts_link_to_this_dashboard_and_to_variables_that_it_has() -> None:
    rules = (ROOT / "alerts" / "rules" / "ai-provider.yaml").read_text()
    links = re.findall(r"dashboard_url: /d/([\w-]+)(?:\?var-(\w+)=)?", rules)

    assert len(links) == rules.count("dashboard_url:")
    assert {uid for uid, _ in links} == {BOARD["uid"]}
    assert {name for _, name in links if name} <= set(VARIABLES)

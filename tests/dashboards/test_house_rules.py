"""What the house asks of its boards beyond the linter: links, empty panels, ids, places, and what alerts point at."""

from __future__ import annotations

import json
import re
from typing import Any

from dashboards.src.grafana import CARRIED
from dashboards.src.names import TAG, UIDS
from tests.dashboards.boards import ANNOTATIONS, BOARDS, FILES, PANELS, RECORDED, ROOT, Target, panels
from tests.dashboards.test_rules import SHARED, each_annotation, each_board, each_panel, each_target, plain
from tests.tools.promql import offences


@each_target
def test_a_query_reads_only_what_can_be_read(target: Target) -> None:
    assert offences(plain(target.expression), RECORDED) == []


@each_annotation
def test_an_annotation_reads_only_what_the_variables_choose(name: str, band: dict[str, Any]) -> None:
    expression = plain(band["expr"])

    assert 'job=~"$job' in expression
    assert 'provider=~"$provider' in expression
    assert expression.startswith("ALERTS{") or offences(expression) == []


@each_board
def test_only_critical_and_major_incidents_and_alerts_that_page_tint_a_board_at_first(name: str) -> None:
    shown = [band["name"] for board, band in ANNOTATIONS if board == name and band["enable"]]

    assert shown == ["Critical incidents", "Major incidents", "Our alerts that page"]


@each_panel
def test_an_empty_panel_says_what_is_not_known_and_never_sounds_well(name: str, panel: dict[str, Any]) -> None:
    text = panel["fieldConfig"]["defaults"]["noValue"]

    assert re.match(r"(unknown|no|not|neither|install)\b", text)
    assert "No data" not in text


@each_board
def test_ids_are_unique_and_so_are_titles(name: str) -> None:
    ids = [panel["id"] for panel in BOARDS[name]["panels"]]
    titles = [panel["title"] for panel in BOARDS[name]["panels"]]

    assert len(set(ids)) == len(ids)
    assert len(set(titles)) == len(titles)


@each_board
def test_no_panel_covers_another(name: str) -> None:
    covered = [
        (x, y)
        for place in (panel["gridPos"] for panel in BOARDS[name]["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(covered) == len(set(covered))
    assert max(x for x, _ in covered) == 23


@each_board
def test_a_board_asks_nothing_of_whoever_provisions_it(name: str) -> None:
    assert BOARDS[name]["__inputs"] == BOARDS[name]["__requires"] == []
    assert "DS_PROMETHEUS" not in FILES[name].read_text()
    assert BOARDS[name]["id"] is None
    assert len(BOARDS[name]["uid"]) <= 40


@each_board
def test_the_menu_of_boards_carries_time_and_variables(name: str) -> None:
    (link,) = BOARDS[name]["links"]

    assert (link["type"], link["tags"], link["keepTime"], link["includeVars"]) == ("dashboards", [TAG], True, True)
    assert BOARDS[name]["tags"] == [TAG]


def test_links_between_boards_lead_to_boards_that_are_shipped_and_keep_the_time() -> None:
    links = [
        (uid, rest)
        for path in FILES.values()
        for uid, rest in re.findall(r'"url": "/d/([\w-]+)\?([^"]*)"', path.read_text())
    ]

    assert links
    assert {uid for uid, _ in links} <= set(UIDS.values())
    assert all("${__url_time_range}" in rest for _, rest in links)
    assert all(f"${{{name}:queryparam}}" in rest for _, rest in links for name in CARRIED)


def test_a_table_names_its_columns_in_sentences_and_sorts_by_columns_that_it_has() -> None:
    for name, panel in PANELS:
        if panel["type"] == "table":
            shown = set(panel["transformations"][1]["options"]["renameByName"].values())
            sorts = [step["options"]["sort"] for step in panel["transformations"] if step["id"] == "sortBy"]
            sorted_by = {column["field"] for (column,) in sorts}
            styled = {
                rule["matcher"]["options"]
                for rule in panel["fieldConfig"]["overrides"]
                if rule["matcher"]["id"] == "byName"
            }

            assert sorted_by | styled <= shown, f"{name} {panel['title']}"


def test_alerts_link_to_boards_that_are_shipped_and_to_variables_that_they_have() -> None:
    rules = "".join(path.read_text() for path in (ROOT / "alerts" / "rules").rglob("*.yaml"))
    links = re.findall(r"/d/([\w-]+)(?:\?var-(\w+)=)?", rules)

    assert links
    assert {uid for uid, _ in links} <= set(UIDS.values())
    assert {name for _, name in links if name} <= set(SHARED)


def test_alerts_point_at_panels_that_there_are() -> None:
    rules = json.loads((ROOT / "alerts" / "rules" / "templates.json").read_text())
    annotations = [rule["annotations"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    pointed = {(one["__dashboardUid__"], int(one["__panelId__"])) for one in annotations}
    shown = {(board["uid"], panel["id"]) for board in BOARDS.values() for panel in panels(board)}

    assert pointed
    assert pointed <= shown


def test_panels_are_of_kinds_that_every_grafana_has() -> None:
    core = {"stat", "timeseries", "table", "state-timeline", "heatmap", "bargauge"}

    assert {panel["type"] for board in BOARDS.values() for panel in panels(board)} <= core

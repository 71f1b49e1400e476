"""Pieces of Grafana's classic dashboard JSON: queries, panels of each kind, their fields, and the grid."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any, Final

from dashboards.src.names import RATE_INTERVAL, UIDS

Json = dict[str, Any]

DATASOURCE: Final[Json] = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS: Final = 24
MOST_POINTS: Final = 240
"""How many points a graph of rates has at most: more cannot be told apart, and over a month each costs a second."""


# Queries


def query(expression: str, legend: str = "", **more: Any) -> Json:
    """A query over the dashboard's time range; its refId is set where the panel is made."""
    one_line = " ".join(expression.split())
    return {"datasource": DATASOURCE, "expr": one_line, "legendFormat": legend, "range": True, "instant": False} | more


def instant(expression: str, legend: str = "", **more: Any) -> Json:
    """A query of the range's last moment."""
    return query(expression, legend, range=False, instant=True) | more


def rows(expression: str) -> Json:
    """An instant query whose labels become the columns of a table."""
    return instant(expression, format="table")


def buckets(expression: str) -> Json:
    return query(expression, "{{le}}", format="heatmap")


# Fields


def override(field: str, **properties: Any) -> Json:
    """Properties of the field of that name. `custom__width=90` stands for `custom.width`."""
    listed = [{"id": name.replace("__", "."), "value": value} for name, value in properties.items()]
    return {"matcher": {"id": "byName", "options": field}, "properties": listed}


def like(pattern: str, **properties: Any) -> Json:
    """As `override`, for all fields whose names match."""
    # Without slashes Grafana takes a pattern for the whole name.
    return override(pattern, **properties) | {"matcher": {"id": "byRegexp", "options": f"/{pattern}/"}}


def fixed(color: str) -> Json:
    return {"mode": "fixed", "fixedColor": color}


def column(field: str, width: int, **properties: Any) -> Json:
    """A column of a table with a width in pixels, so that the columns that matter stay in sight."""
    return override(field, custom__width=width, **properties)


def status_column(field: str, width: int, mappings: list[Json], **properties: Any) -> Json:
    """A column whose numbers become words on their colour."""
    cell = {"type": "color-background", "mode": "basic"}
    return column(field, width, mappings=mappings, custom__cellOptions=cell, custom__align="center", **properties)


def wrapped(field: str) -> Json:
    """A column of long texts that takes the width that is left and breaks its lines."""
    # Where the switch stands has changed: in the cell's options until Grafana 12, beside them since.
    return override(field, custom__wrapText=True, custom__cellOptions={"type": "auto", "wrapText": True})


# Links


CARRIED: Final = ("datasource", "cluster", "job", "instance", "location")
"""The variables that a link takes along; a model, tier or probe that was chosen is seldom one of the next provider."""


def board_link(board: str, title: str, **variables: str) -> Json:
    """A link to another board at the same time, with `variables` set to Grafana's expressions of what was clicked."""
    chosen = "".join(f"&var-{name}={value}" for name, value in variables.items())
    carried = "".join(f"&${{{name}:queryparam}}" for name in CARRIED)
    return {"title": title, "url": f"/d/{UIDS[board]}?${{__url_time_range}}{carried}{chosen}"}


def provider_link(value: str) -> list[Json]:
    """The way from a provider's name to its board; `value` is Grafana's expression for the name."""
    return [board_link("provider", "Open this provider", provider=value)]


OF_LABEL: Final = "${__field.labels.provider}"
OF_CELL: Final = "${__value.raw}"


# Panels


def panel(
    number: int, kind: str, title: str, description: str, targets: list[Json], *, none: str, unit: str, **more: Any
) -> Json:
    """A panel of any kind.

    Args:
        number: its id, which stays when panels move.
        kind: Grafana's name of the panel plugin.
        title: a few words.
        description: one sentence.
        targets: queries; their refIds are A, B, C … in this order.
        none: what stands there when the queries have no answer; it must not sound as if all were well.
        unit: Grafana's name of a unit.
        more: `overrides`, `options`, `interval`, `transformations`, `custom` (the kind's own field settings), and
            whatever else goes into the defaults of fields.
    """
    outer = {key: more.pop(key) for key in ("interval", "maxDataPoints", "transformations") if key in more}
    overrides, options = more.pop("overrides", []), more.pop("options", {})
    return {
        "id": number,
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": [{"refId": letter} | target for letter, target in zip(ascii_uppercase, targets, strict=False)],
        "fieldConfig": {"defaults": {"unit": unit, "noValue": none} | more, "overrides": overrides},
        "options": options,
    } | outer


def stat(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """One figure, or one a series, without a graph behind it."""
    shown = {
        "colorMode": "background_solid",
        "graphMode": "none",
        "justifyMode": "center",
        "textMode": "auto",
        "wideLayout": True,
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }
    more["options"] = shown | more.get("options", {})
    style: Json = {"unit": "short"}
    return panel(number, "stat", title, description, targets, **(style | more))


LEGEND: Final[Json] = {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["lastNotNull"]}
LINE: Final[Json] = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto", "spanNulls": False}
BARS: Final[Json] = {
    "drawStyle": "bars",
    "lineWidth": 0,
    "fillOpacity": 80,
    # Without a failure there would be an axis up to 100.
    "axisSoftMax": 1,
    "stacking": {"mode": "normal", "group": "A"},
}


def graph(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """Lines over time, from 0 up unless told otherwise; a gap stays a gap."""
    style: Json = {
        "custom": LINE,
        "min": 0,
        "options": {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    }
    return panel(number, "timeseries", title, description, targets, **(style | more))


def rates(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """A graph of rates. The smallest step stands on the panel: on a query Grafana takes it for the scrape interval."""
    style: Json = {"interval": RATE_INTERVAL, "maxDataPoints": MOST_POINTS}
    return graph(number, title, description, targets, **(style | more))


def counts(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """Stacked bars; each counts what was added since the bar before, so that the bars add up to what happened."""
    return rates(number, title, description, targets, **({"custom": BARS, "unit": "short"} | more))


BELOW: Final[Json] = {
    "legend": LEGEND | {"displayMode": "list", "placement": "bottom", "calcs": []},
    "tooltip": {"mode": "multi", "sort": "desc"},
}
"""Options of a graph of a third of the width: beside it a legend would take more room than the lines."""


def table(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    # What stands for an empty table would otherwise stand in every empty cell too.
    more["overrides"] = [like(".*", noValue="-"), *more.get("overrides", [])]
    more["options"] = {"showHeader": True, "cellHeight": "sm"} | more.get("options", {})
    return panel(number, "table", title, description, targets, **({"unit": "none"} | more))


def columns(names: dict[str, str], *order: str) -> list[Json]:
    """Transformations that join the answers of a table's queries, and show and sort their fields.

    Args:
        names: field to column; in this order, and no others.
        order: columns to sort by, the most important first; one that begins with a minus has the greatest first.
    """
    wanted = {
        "indexByName": {field: place for place, field in enumerate(names)},
        "renameByName": names,
        "includeByName": dict.fromkeys(names, True),
    }
    # One at a time and the least important first: the transformation takes one column, and keeps the order of equals.
    sorts = [
        {"id": "sortBy", "options": {"sort": [{"field": name.removeprefix("-"), "desc": name.startswith("-")}]}}
        for name in reversed(order)
    ]
    return [{"id": "merge", "options": {}}, {"id": "organize", "options": wanted}, *sorts]


def timeline(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """A row a series, coloured by its state."""
    shown: Json = {
        "mergeValues": True,
        "showValue": "never",
        "rowHeight": 0.85,
        "perPage": 20,
        "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom"},
    }
    style: Json = {
        "custom": {"fillOpacity": 85, "lineWidth": 0},
        "options": shown,
        "interval": "1m",
        "maxDataPoints": 400,
        "unit": "none",
    }
    return panel(number, "state-timeline", title, description, targets, **(style | more))


def heatmap(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """Buckets of a histogram over time; the darker a cell, the more runs were in it."""
    shown: Json = {
        "calculate": False,
        "cellGap": 1,
        "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5, "scale": "exponential"},
        "yAxis": {"axisPlacement": "left", "unit": "s"},
        "rowsFrame": {"layout": "auto"},
        "legend": {"show": False},
        "tooltip": {"mode": "single", "yHistogram": False},
    }
    style: Json = {"options": shown, "interval": RATE_INTERVAL, "maxDataPoints": 60, "unit": "short"}
    return panel(number, "heatmap", title, description, targets, **(style | more))


def bars(number: int, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """A horizontal bar a series, of the last moment."""
    shown = {
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "text",
        "showUnfilled": True,
        "minVizHeight": 16,
        "maxVizHeight": 28,
        "sizing": "auto",
        "namePlacement": "left",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }
    style: Json = {"options": shown, "min": 0}
    return panel(number, "bargauge", title, description, targets, **(style | more))


# The grid


def row(number: int, title: str) -> Json:
    return {"id": number, "type": "row", "title": title, "collapsed": False, "panels": []}


def grid(*lines: Json | tuple[int, list[tuple[int, Json]]]) -> list[Json]:
    """Panels with their places: each line is a row's title, or a height and panels with their widths of 24."""
    placed: list[Json] = []
    top = 0
    for line in lines:
        height, members = (1, [(COLUMNS, line)]) if isinstance(line, dict) else line
        left = 0
        for width, member in members:
            placed.append(member | {"gridPos": {"x": left, "y": top, "w": width, "h": height}})
            left += width
        top += height
    return placed

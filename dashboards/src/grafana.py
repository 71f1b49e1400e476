"""Pieces of Grafana's classic dashboard JSON: queries, panels in a grid, fields, variables."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

DATASOURCE: Final[Json] = {"type": "prometheus", "uid": "${datasource}"}


def target(expression: str, legend: str, **more: Any) -> Json:
    """One query of a panel; its refId is set where the panel is made."""
    lines = " ".join(expression.split())
    return {"datasource": DATASOURCE, "expr": lines, "legendFormat": legend, "range": True} | more


def panel(number: int, kind: str, title: str, description: str, targets: list[Json], **more: Any) -> Json:
    """A panel in a grid of two columns and three rows; `number` counts from 1, line by line."""
    column, row = (number - 1) % 2, (number - 1) // 2
    return {
        "id": number,
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "gridPos": {"x": 12 * column, "y": 9 * row, "w": 12, "h": 9},
        "targets": [{"refId": letter} | query for letter, query in zip("AB", targets, strict=False)],
    } | more


def fields(unit: str, *, overrides: list[Json] | None = None, **defaults: Any) -> Json:
    return {"defaults": {"unit": unit} | defaults, "overrides": overrides or []}


def override(field: str, **properties: Any) -> Json:
    listed = [{"id": name, "value": value} for name, value in properties.items()]
    return {"matcher": {"id": "byName", "options": field}, "properties": listed}


def words(options: dict[str, tuple[str, str]]) -> list[Json]:
    mapped = {value: {"text": text, "color": color} for value, (text, color) in options.items()}
    return [{"type": "value", "options": mapped}]


def lines(**more: Any) -> Json:
    """Lines with a point for each value, because a slow probe may have only one; gaps stay gaps."""
    style = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "auto", "spanNulls": False}
    return style | more


def variable(name: str, query: str, every: str = ".+") -> Json:
    """A variable of which many values or all can be chosen; `every` is the pattern that all of them match."""
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": every,
        "current": {"text": ["All"], "value": ["$__all"]},
    }

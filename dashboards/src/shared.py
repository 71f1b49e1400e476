"""Pieces of panels that several boards share."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src.looks import FAULT_NAMES, FAULTS, GREEN, IMPACT_MAPPING, mapping


def faults(*more: str) -> list[g.Json]:
    """The names and colours of series that are called after faults; `more` are further names, for what is well."""
    colors = FAULTS | dict.fromkeys(more, GREEN)
    return [g.override(fault, displayName=FAULT_NAMES[fault], color=g.fixed(color)) for fault, color in colors.items()]


def incident_columns() -> list[g.Json]:
    """The columns that every table of incidents has, from the link to the provider's own account on."""
    link = [{"title": "Open the provider's own account", "url": g.OF_CELL, "targetBlank": True}]
    shown = [{"type": "regex", "options": {"pattern": ".+", "result": {"text": "open"}}}]
    return [
        g.column("Link", 50, links=link, mappings=shown),
        g.column("Provider", 100, links=g.provider_link(g.OF_CELL)),
        g.status_column("Impact", 70, [*IMPACT_MAPPING, *mapping({0: ("-", "transparent")})]),
        g.column("Began", 100, unit="dateTimeFromNow"),
        g.column("Status", 95),
        g.wrapped("Incident"),
    ]

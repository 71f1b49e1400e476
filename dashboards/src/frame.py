"""What every board has around its panels: variables, annotations, links to the other boards."""

from __future__ import annotations

from typing import Final

from dashboards.src.grafana import DATASOURCE, Json
from dashboards.src.looks import BLUE, ORANGE, PURPLE, RED, YELLOW
from dashboards.src.names import (
    ALERTS,
    CLUSTER_LABEL,
    DEFAULT_RANGE,
    REFRESH,
    TAG,
    TITLE_PREFIX,
    TRAFFIC_REQUESTS,
    UIDS,
)
from dashboards.src.queries.common import EXPORTER, PLACE, PROBE, PROVIDER

_ANY: Final = ".+"
_ANY_OR_NONE: Final = ".*"
"""What All means. Where a label may be missing it must match its absence too."""


def _variable(name: str, selector: str, every: str = _ANY_OR_NONE, *, hidden: bool = False) -> Json:
    """A variable of which many values or all can be chosen; it depends only on those before it."""
    definition = f"label_values({selector}, {name})"
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": DATASOURCE,
        "definition": definition,
        "query": {"query": definition, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": every,
        "current": {"text": ["All"], "value": ["$__all"]},
        "hide": 2 if hidden else 0,
    }


def choice(name: str, label: str, options: dict[str, str]) -> Json:
    """A variable with fixed values: shown text to value; the first is chosen at first."""
    listed = [
        {"text": text, "value": value, "selected": index == 0} for index, (text, value) in enumerate(options.items())
    ]
    return {
        "name": name,
        "label": label,
        "type": "custom",
        "query": ", ".join(f"{text} : {value}" for text, value in options.items()),
        "options": listed,
        "multi": False,
        "includeAll": False,
        "current": {"text": listed[0]["text"], "value": listed[0]["value"]},
        "hide": 0,
    }


def _either(*metrics: str, matchers: str) -> str:
    return f'{{__name__=~"{"|".join(metrics)}", {matchers}}}'


def _before(matchers: str, name: str) -> str:
    """The matchers that stand before the variable's own: it cannot depend on itself or on a later one."""
    return matchers.partition(f', {name}=~"')[0]


_PROBE_INFO: Final = "ai_probe_attempts_total"
_JOBS: Final = _either("ai_exporter_build_info", TRAFFIC_REQUESTS, matchers=f'{CLUSTER_LABEL}=~"$cluster"')


def variables(unused: tuple[str, ...]) -> list[Json]:
    """The variables of every board, so that links carry all of them; those that a board does not use are hidden."""
    watched = _either("ai_provider_observed_status", "ai_status_page_status", matchers=EXPORTER)
    listed = [
        ("cluster", "ai_exporter_build_info", _ANY_OR_NONE),
        ("job", _JOBS, _ANY),
        ("instance", f"ai_exporter_build_info{{{_before(EXPORTER, 'instance')}}}", _ANY),
        ("provider", watched, _ANY),
        ("location", f"{_PROBE_INFO}{{{_before(PLACE, 'location')}}}", _ANY_OR_NONE),
        ("model", f"{_PROBE_INFO}{{{_before(PROBE, 'model')}}}", _ANY_OR_NONE),
        ("tier", f"{_PROBE_INFO}{{{_before(PROBE, 'tier')}}}", _ANY_OR_NONE),
        ("probe", f"{_PROBE_INFO}{{{_before(PROBE, 'probe')}}}", _ANY),
    ]
    source = {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "default", "value": "default"},
        "hide": 0,
    }
    return [source] + [
        _variable(name, selector, every, hidden=name in unused or name == "instance")
        for name, selector, every in listed
    ]


def _annotation(name: str, color: str, expression: str, title: str, text: str, *, shown: bool) -> Json:
    """Shaded while the expression has samples above zero; `shown` is whether it is switched on at first."""
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": shown,
        "hide": False,
        "iconColor": color,
        "expr": expression,
        "step": "60s",
        "titleFormat": title,
        "textFormat": text,
        "tagKeys": "provider",
        "useValueForTime": False,
    }


def _incidents(impacts: str) -> str:
    """By identity alone: a new title or status of an incident begins no new band."""
    return f'max by (provider, incident_id) (ai_incident_info{{{PROVIDER}, impact=~"{impacts}"}})'


def bands() -> list[Json]:
    incident = ("{{provider}}", "incident {{incident_id}}")
    alerts = (
        f'ALERTS{{alertname=~"{ALERTS}", alertstate="firing", severity="critical", job=~"$job|",'
        ' provider=~"$provider|"}'
    )
    maintenance = f"max by (provider) (ai_maintenances_active{{{PROVIDER}}}) > 0"
    return [
        _annotation("Critical incidents", RED, _incidents("critical"), *incident, shown=True),
        _annotation("Major incidents", ORANGE, _incidents("major"), *incident, shown=True),
        _annotation("Minor incidents", YELLOW, _incidents("minor|none"), *incident, shown=False),
        _annotation("Maintenance", BLUE, maintenance, "{{provider}}", "maintenance under way", shown=False),
        _annotation("Our alerts that page", PURPLE, alerts, "{{alertname}}", "{{provider}}", shown=True),
    ]


def board(
    name: str,
    title: str,
    description: str,
    panels: list[Json],
    *,
    choices: tuple[Json, ...] = (),
    unused: tuple[str, ...] = (),
) -> Json:
    """A whole dashboard.

    Args:
        name: key of its uid in `names.UIDS`.
        title: what stands after the prefix that all boards share.
        description: one sentence.
        panels: placed in the grid.
        choices: variables of its own.
        unused: names of the shared variables that no panel reads; they are hidden.
    """
    return {
        # Nothing to ask whoever imports it: the data source is a variable.
        "__inputs": [],
        "__requires": [],
        "id": None,
        "uid": UIDS[name],
        "title": TITLE_PREFIX + title,
        "description": description,
        "tags": [TAG],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "refresh": REFRESH,
        "time": {"from": DEFAULT_RANGE, "to": "now"},
        "links": [
            {
                "type": "dashboards",
                "title": "AI provider boards",
                "tags": [TAG],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
                "targetBlank": False,
                "icon": "external link",
                "tooltip": "The other boards, with the same time range and variables.",
                "url": "",
            }
        ],
        "templating": {"list": [*variables(unused), *choices]},
        "annotations": {"list": bands()},
        "panels": panels,
    }

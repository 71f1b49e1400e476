"""The Overview dashboard, in Grafana's classic JSON: the one form that every way of provisioning still loads.

Six panels, for a reader at three in the morning: who is down for me and what do they admit, whose fault is it,
which incidents are open, how many of my requests fail, how slow are the others, and what does nobody admit.
"""

from __future__ import annotations

import json
from typing import Final

from dashboards.src.grafana import DATASOURCE, Json, fields, lines, override, panel, target, variable, words

UID: Final = "ai-provider-overview"

EXPORTER: Final = 'job=~"$job", instance=~"$instance"'
PROVIDER: Final = f'{EXPORTER}, provider=~"$provider"'
PLACE: Final = f'{PROVIDER}, location=~"$location"'

# The smallest step of a query: a probe runs once a minute or less, so rates look at five minutes or more.
STATUS_STEP: Final = "1m"
RATE_STEP: Final = "5m"

# The numbers and words of the status scale, which probes and pages share.
STATUSES: Final = {
    -1: ("unknown", "#8e8e8e"),
    0: ("operational", "#56a64b"),
    1: ("under_maintenance", "#3274d9"),
    2: ("degraded_performance", "#f2cc0c"),
    3: ("partial_outage", "#ff780a"),
    4: ("major_outage", "#c4162a"),
}
FAULTS: Final = {
    "provider": "#c4162a",
    "ours": "#3274d9",
    "network": "#8f3bb8",
    "prober": "#8e8e8e",
    "unknown": "#f2cc0c",
}

STATUS_QUERY: Final = f"""
max by (provider, seen) (label_replace(
  ai_provider_observed_status{{{PLACE}}}, "seen", "our probes $1", "location", "(.*)"
))
or
max by (provider, seen) (label_replace(
  ai_status_page_status{{{PROVIDER}}}, "seen", "their page", "", ""
))
"""
FAULT_QUERY: Final = f"sum by (fault) (increase(ai_probe_failures_total{{{PLACE}}}[$__rate_interval]))"
# A page that does not say when an incident began must not hide it: such a row has the value 0.
INCIDENT_QUERY: Final = f"""
max by (provider, incident_id, name, impact, status, url) (ai_incident_info{{{PROVIDER}}})
  * on (provider, incident_id) group_left ()
    max by (provider, incident_id) (ai_incident_started_timestamp_seconds{{{PROVIDER}}}) * 1000
or on (provider, incident_id)
max by (provider, incident_id, name, impact, status, url) (ai_incident_info{{{PROVIDER}}}) * 0
"""
FAILURE_SHARE_QUERY: Final = f"""
sum by (provider, location, tier) (rate(ai_probe_failures_total{{{PLACE}, fault="provider"}}[$__rate_interval]))
/ (
  sum by (provider, location, tier) (rate(ai_probe_attempts_total{{{PLACE}}}[$__rate_interval]))
  - sum by (provider, location, tier) (rate(ai_probe_failures_total{{{PLACE}, fault!="provider"}}[$__rate_interval]))
)
"""
FIRST_TOKEN_QUERY: Final = f"""
histogram_quantile(%s,
  sum by (provider, le) (rate(ai_probe_time_to_first_token_seconds_bucket{{{PLACE}}}[$__rate_interval]))
)
"""
UNACKNOWLEDGED_QUERY: Final = f"""
max by (provider, location) (
  rate(ai_provider_disagreement_seconds_total{{{PLACE}, kind="unacknowledged"}}[$__rate_interval])
)
"""


LEGEND: Final[Json] = {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["lastNotNull"]}
ALL_SERIES: Final[Json] = {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
SHARE: Final[Json] = {"min": 0, "max": 1}


def panels() -> list[Json]:
    return [status(), faults(), incidents(), failure_share(), first_token(), unacknowledged()]


def status() -> Json:
    mapped = words({str(value): word for value, word in STATUSES.items()})
    return panel(
        1,
        "state-timeline",
        "Who is down for me, and what they admit",
        "For each provider, what our probes see from each location and below it what its status page says. "
        "Unknown means that nobody could look, or that what was seen is too old: neither up nor down.",
        [target(STATUS_QUERY, "{{provider}}: {{seen}}", interval=STATUS_STEP)],
        fieldConfig=fields("none", mappings=mapped, custom={"fillOpacity": 80, "lineWidth": 0}),
        options={"mergeValues": True, "showValue": "never", "rowHeight": 0.85, "perPage": 20},
    )


def faults() -> Json:
    colors = [override(fault, color={"mode": "fixed", "fixedColor": color}) for fault, color in FAULTS.items()]
    bars = lines(drawStyle="bars", fillOpacity=80, lineWidth=0, stacking={"mode": "normal", "group": "A"})
    return panel(
        2,
        "timeseries",
        "Whose fault",
        "Failed probes by who can mend it: the provider, we ourselves (key, bill, request), the network between, "
        "this prober or its host, or nobody knows. Only the provider's count against it.",
        [target(FAULT_QUERY, "{{fault}}", interval=RATE_STEP)],
        fieldConfig=fields("short", overrides=colors, min=0, decimals=0, custom=bars),
        options=ALL_SERIES,
    )


def incidents() -> Json:
    link = [{"title": "Open the provider's own account", "url": "${__value.raw}", "targetBlank": True}]
    names = {"provider": "Provider", "name": "Incident", "impact": "Impact", "status": "Status"}
    columns = names | {"Value": "Began", "url": "Link"}
    organize = {
        "indexByName": {column: place for place, column in enumerate(columns)},
        "renameByName": columns,
        "excludeByName": {"Time": True, "incident_id": True},
    }
    return panel(
        3,
        "table",
        "Open incidents",
        "Incidents that status pages hold open now, oldest first, with links to what the providers say.",
        [target(INCIDENT_QUERY, "", range=False, instant=True, format="table")],
        fieldConfig=fields(
            "none",
            overrides=[
                override("Began", unit="dateTimeFromNow", mappings=words({"0": ("not said", "text")})),
                override("Link", links=link),
            ],
        ),
        options={"showHeader": True, "sortBy": [{"displayName": "Began", "desc": False}]},
        transformations=[{"id": "organize", "options": organize}],
    )


def failure_share() -> Json:
    return panel(
        4,
        "timeseries",
        "Error rate",
        "Share of probes that fail through the provider's fault, of those that could tell, by provider, location "
        "and tier. Failures that are not the provider's count on neither side.",
        [target(FAILURE_SHARE_QUERY, "{{provider}} {{location}} {{tier}}", interval=RATE_STEP)],
        fieldConfig=fields("percentunit", custom=lines(), **SHARE),
        options=ALL_SERIES,
    )


def first_token() -> Json:
    return panel(
        5,
        "timeseries",
        "Time to first token",
        "How long successful probes waited for the first token: one half waited no longer than p50, nineteen of "
        "twenty no longer than p95. A provider that fails everything has no line here.",
        [
            target(FIRST_TOKEN_QUERY % "0.5", "{{provider}} p50", interval=RATE_STEP),
            target(FIRST_TOKEN_QUERY % "0.95", "{{provider}} p95", interval=RATE_STEP),
        ],
        fieldConfig=fields("s", min=0, custom=lines(fillOpacity=0)),
        options=ALL_SERIES,
    )


def unacknowledged() -> Json:
    return panel(
        6,
        "timeseries",
        "Unacknowledged",
        "Share of the time in which our probes failed while the provider's status page was green. High from one "
        "location only: look at that location first.",
        [target(UNACKNOWLEDGED_QUERY, "{{provider}} {{location}}", interval=RATE_STEP)],
        fieldConfig=fields("percentunit", custom=lines(), **SHARE),
        options=ALL_SERIES,
    )


def variables() -> list[Json]:
    either = f'{{__name__=~"ai_provider_observed_status|ai_status_page_status", {EXPORTER}}}'
    return [
        {
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "current": {"text": "default", "value": "default"},
        },
        variable("job", "label_values(ai_exporter_build_info, job)"),
        variable("instance", 'label_values(ai_exporter_build_info{job=~"$job"}, instance)'),
        variable("provider", f"label_values({either}, provider)"),
        # Probes without a location have no such label: all of them includes none.
        variable("location", f"label_values(ai_provider_observed_status{{{PROVIDER}}}, location)", every=".*"),
    ]


def incident_bands() -> list[Json]:
    """Open incidents as shaded bands: a sample above zero begins one, and its absence ends it."""
    return [
        {
            "name": "Incidents",
            "datasource": DATASOURCE,
            "enable": True,
            "iconColor": STATUSES[3][1],
            "expr": f"max by (provider, incident_id, name, url) (ai_incident_info{{{PROVIDER}}})",
            "step": "60s",
            "titleFormat": "{{provider}}: {{name}}",
            "textFormat": "{{url}}",
            "tagKeys": "provider",
            "useValueForTime": False,
        }
    ]


def dashboard() -> Json:
    return {
        # Nothing to ask whoever imports it: the data source is a variable.
        "__inputs": [],
        "__requires": [],
        "id": None,
        "uid": UID,
        "title": "AI providers / Overview",
        "description": "What probes see of AI providers, beside what their status pages admit.",
        "tags": ["ai-provider-exporter"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": variables()},
        "annotations": {"list": incident_bands()},
        "panels": panels(),
    }


def text() -> str:
    """The file, byte for byte."""
    return json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n"

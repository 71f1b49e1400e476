"""What the board of incidents asks: what pages say, and whether they tell the truth."""

from __future__ import annotations

from typing import Final

from dashboards.src.queries.common import NO_INCIDENT, PLACE, PROVIDER, STEP, began, or_calm, strongest

OPEN_INCIDENTS: Final = NO_INCIDENT
BEGAN: Final = began()
UPDATED: Final = began("ai_incident_updated_timestamp_seconds")
UPDATES: Final = f"max by (provider, incident_id) (ai_incident_updates{{{PROVIDER}}})"
TOUCHED: Final = strongest("provider, incident_id", "component", f"ai_incident_component{{{PROVIDER}}}")
TOUCHED_COUNT: Final = f"""
count by (provider, incident_id) (max by (provider, incident_id, component) (ai_incident_component{{{PROVIDER}}}))
"""

# A page that cannot be read is no evidence that nothing is open: what it held is not counted.
_READ: Final = f"and on (provider) max by (provider) (ai_status_page_up{{{PROVIDER}}}) == 1"
BY_IMPACT: Final = f"sum by (impact) (max by (provider, impact) (ai_incidents_active{{{PROVIDER}}}) {_READ})"
UNDER_WAY: Final = f"sum(max by (provider) (ai_maintenances_active{{{PROVIDER}}}) {_READ})"
ANNOUNCED: Final = f"sum(max by (provider) (ai_maintenances_scheduled{{{PROVIDER}}}) {_READ})"

_MAINTENANCE: Final = "provider, maintenance_id, name"
MAINTENANCE_BEGINS: Final = or_calm(
    f"max by ({_MAINTENANCE}) (ai_maintenance_start_timestamp_seconds{{{PROVIDER}}}) * 1000",
    "name",
    "none announced",
    f"count(ai_status_page_up{{{PROVIDER}}} == 1)",
)
MAINTENANCE_ENDS: Final = f"max by ({_MAINTENANCE}) (ai_maintenance_end_timestamp_seconds{{{PROVIDER}}}) * 1000"

# Every component; those that were in trouble in the range come first.
_COMPONENT: Final = "provider, group, component, region"
_ALL: Final = f"max by ({_COMPONENT}) (ai_component_status{{{PROVIDER}}})"
_TROUBLED: Final = f"""
max by ({_COMPONENT}) (max_over_time(ai_component_status{{{PROVIDER}}}[$__range] @ end())) >= 1
"""
COMPONENTS_TROUBLED: Final = f"{_ALL} and on ({_COMPONENT}) {_TROUBLED}"
COMPONENTS_OTHERS: Final = f"{_ALL} unless on ({_COMPONENT}) {_TROUBLED}"

# Which pages tell the truth.
LAG: Final = f"max by (provider, location) (ai_provider_acknowledgement_lag_seconds{{{PLACE}}})"
DISAGREEMENT: Final = f"""
max by (provider, kind) (increase(ai_provider_disagreement_seconds_total{{{PLACE}}}[$__range])) > 0
"""
OPENED: Final = f"sum by (impact) (increase(ai_incidents_opened_total{{{PROVIDER}}}[{STEP}]))"
RESOLVED: Final = f"sum by (impact) (increase(ai_incidents_resolved_total{{{PROVIDER}}}[{STEP}]))"
STATUS: Final = f"max by (provider) (ai_status_page_status{{{PROVIDER}}})"
INDICATOR: Final = f"max by (provider) (ai_status_page_indicator{{{PROVIDER}}})"
CHANGED: Final = f"max by (provider) (ai_status_page_last_change_timestamp_seconds{{{PROVIDER}}}) * 1000"
OBSERVED: Final = f"max by (provider) (ai_provider_observed_status{{{PLACE}}})"
UPTIMES: Final = f"""
bottomk(20, min by (provider, group, component, window) (ai_component_uptime_ratio{{{PROVIDER}}}))
"""

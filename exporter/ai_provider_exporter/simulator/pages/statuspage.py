"""Atlassian Statuspage, API v2.

Source: the API page that every such status page carries at `/api/v2`, read 2026-11.
"""

from collections.abc import Callable
from typing import Any

from ai_provider_exporter.simulator.clock import rfc3339
from ai_provider_exporter.simulator.pages.feed import atom
from ai_provider_exporter.simulator.pages.ids import short
from ai_provider_exporter.simulator.pages.state import IncidentState, MaintenanceState, PageState, Update
from ai_provider_exporter.simulator.scenario import Component

Part = Callable[[PageState, str], dict[str, Any]]
DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}


def document(state: PageState, base: str, path: str) -> dict[str, Any] | str | None:
    """Return what the page at `base` has at `path`, a dict as JSON, a str as Atom; None: nothing."""
    if path == "/history.atom":
        return atom(state, base, "Statuspage")
    if path not in DOCUMENTS:
        return None
    parts = (part(state, base) for part in (_page, *DOCUMENTS[path]))
    return {name: value for part in parts for name, value in part.items()}


def page_id(state: PageState) -> str:
    return short("page", state.page.name)


def component_id(state: PageState, component: Component) -> str:
    return component.id or short(state.page.name, component.group, component.name)


def component_rows(state: PageState) -> list[dict[str, Any]]:
    """Return the flat list: a parent row for each group, its members after it."""
    rows: list[dict[str, Any]] = []
    groups: dict[str, dict[str, Any]] = {}
    for component in state.page.components:
        if component.group and component.group not in groups:
            groups[component.group] = _row(state, Component(name=component.group), len(rows)) | {
                "group": True,
                "components": [],
            }
            rows.append(groups[component.group])
        row = _row(state, component, len(rows))
        if component.group:
            row["group_id"] = groups[component.group]["id"]
            groups[component.group]["components"].append(row["id"])
        rows.append(row)
    return rows


def _page(state: PageState, base: str) -> dict[str, Any]:
    return {
        "page": {
            "id": page_id(state),
            "name": state.page.name,
            "url": base,
            "time_zone": "Etc/UTC",
            "updated_at": rfc3339(state.changed_at),
        }
    }


def _status(state: PageState, _: str) -> dict[str, Any]:
    return {"status": {"indicator": state.indicator, "description": DESCRIPTIONS[state.indicator]}}


def _components(state: PageState, _: str) -> dict[str, Any]:
    return {"components": component_rows(state)}


def _open_incidents(state: PageState, base: str) -> dict[str, Any]:
    return {"incidents": [incident(state, event, base) for event in reversed(state.open_incidents)]}


def _incidents(state: PageState, base: str) -> dict[str, Any]:
    return {"incidents": [incident(state, event, base) for event in reversed(state.incidents.values())]}


def _open_maintenances(state: PageState, base: str) -> dict[str, Any]:
    return {"scheduled_maintenances": [maintenance(state, event, base) for event in state.open_maintenances]}


def _maintenances(state: PageState, base: str) -> dict[str, Any]:
    event = state.maintenances.values()
    return {"scheduled_maintenances": [maintenance(state, each, base) for each in event]}


def _upcoming(state: PageState, base: str) -> dict[str, Any]:
    event = [each for each in state.open_maintenances if each.status == "scheduled"]
    return {"scheduled_maintenances": [maintenance(state, each, base) for each in event]}


def _active(state: PageState, base: str) -> dict[str, Any]:
    event = [each for each in state.open_maintenances if each.status != "scheduled"]
    return {"scheduled_maintenances": [maintenance(state, each, base) for each in event]}


DOCUMENTS: dict[str, tuple[Part, ...]] = {
    "/api/v2/summary.json": (_status, _components, _open_incidents, _open_maintenances),
    "/api/v2/status.json": (_status,),
    "/api/v2/components.json": (_components,),
    "/api/v2/incidents.json": (_incidents,),
    "/api/v2/incidents/unresolved.json": (_open_incidents,),
    "/api/v2/scheduled-maintenances.json": (_maintenances,),
    "/api/v2/scheduled-maintenances/upcoming.json": (_upcoming,),
    "/api/v2/scheduled-maintenances/active.json": (_active,),
}


def incident(state: PageState, event: IncidentState, base: str) -> dict[str, Any]:
    named = [row for row in component_rows(state) if row["name"] in event.components]
    return _timed(state, event, base) | {
        "impact": event.impact,
        "started_at": rfc3339(event.updates[0].at),
        "resolved_at": None if event.is_open else rfc3339(event.updates[-1].at),
        "components": named,
    }


def maintenance(state: PageState, event: MaintenanceState, base: str) -> dict[str, Any]:
    return _timed(state, event, base) | {
        "impact": "maintenance",
        "scheduled_for": rfc3339(event.starts),
        "scheduled_until": rfc3339(event.ends),
        "components": [row for row in component_rows(state) if row["name"] in event.components],
    }


def _timed(state: PageState, event: IncidentState | MaintenanceState, base: str) -> dict[str, Any]:
    incident_id = short(state.page.name, event.id)
    return {
        "id": incident_id,
        "name": event.name,
        "status": event.status,
        "created_at": rfc3339(event.updates[0].at),
        "updated_at": rfc3339(event.updates[-1].at),
        "monitoring_at": None,
        "resolved_at": None,
        "shortlink": f"{base}/incidents/{incident_id}",
        "page_id": page_id(state),
        "incident_updates": [_update(incident_id, update) for update in reversed(event.updates)],
    }


def _update(incident_id: str, update: Update) -> dict[str, Any]:
    when = rfc3339(update.at)
    return {
        "id": short(incident_id, when, update.status),
        "incident_id": incident_id,
        "status": update.status,
        "body": update.text,
        "created_at": when,
        "updated_at": when,
        "display_at": when,
        "affected_components": [{"name": name, "new_status": new} for name, new in update.components.items()],
    }


def _row(state: PageState, component: Component, position: int) -> dict[str, Any]:
    return {
        "id": component_id(state, component),
        "name": component.name,
        "status": state.components.get(component.name, component.status),
        "created_at": rfc3339(0.0),
        "updated_at": rfc3339(state.changed_at),
        "position": position + 1,
        "description": None,
        "showcase": False,
        "group_id": None,
        "page_id": page_id(state),
        "group": False,
        "only_show_if_degraded": False,
    }

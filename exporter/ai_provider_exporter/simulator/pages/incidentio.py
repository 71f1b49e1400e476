"""incident.io status pages: the page's own data at `/proxy/<host>`, and its emulation of Statuspage v2.

Source: what status pages of that platform answered in March and September 2026. The data behind
`/proxy/` is not documented by incident.io.
"""

import re
from typing import Any

from ai_provider_exporter.simulator.clock import rfc3339
from ai_provider_exporter.simulator.pages import statuspage
from ai_provider_exporter.simulator.pages.feed import atom
from ai_provider_exporter.simulator.pages.ids import ulid
from ai_provider_exporter.simulator.pages.state import (
    IncidentState,
    MaintenanceState,
    PageState,
    Update,
    worst,
)
from ai_provider_exporter.simulator.scenario import Component, ComponentStatus

STATUS: dict[ComponentStatus, str] = {
    "operational": "operational",
    "under_maintenance": "under_maintenance",
    "degraded_performance": "degraded_performance",
    "partial_outage": "partial_outage",
    "major_outage": "full_outage",
}
MAINTENANCE = {
    "scheduled": "maintenance_scheduled",
    "in_progress": "maintenance_in_progress",
    "verifying": "maintenance_in_progress",
    "completed": "maintenance_complete",
}
EMULATED = frozenset(f"/api/v2/{name}.json" for name in ("summary", "status", "components", "incidents"))


def document(state: PageState, base: str, path: str) -> dict[str, Any] | str | None:
    """Return what the page at `base` has at `path`, a dict as JSON, a str as Atom; None: nothing."""
    if path in ("/feed.atom", "/history.atom"):
        return atom(state, base, "incident.io")
    if path in EMULATED:
        return _emulated(state, base, path)
    if re.fullmatch(r"/proxy/[^/]+", path):
        return {"summary": summary(state, base)}
    if re.fullmatch(r"/proxy/[^/]+/incidents", path):
        incidents = [_entry(state, event) for event in state.incidents.values()]
        return {"incidents": incidents + [_entry(state, event) for event in state.maintenances.values()]}
    return None


def summary(state: PageState, base: str) -> dict[str, Any]:
    return {
        "id": _page_id(state),
        "name": state.page.name,
        "subpath": state.page.name.lower().replace(" ", "-"),
        "public_url": base,
        "page_type": "standalone",
        "date_view": "list",
        "display_uptime_mode": "chart_and_percentage",
        "expose_status_summary_api": False,
        "data_available_since": rfc3339(0.0),
        "components": [_component(state, component) for component in state.page.components],
        "affected_components": [
            {"component_id": _id(state, component), "status": STATUS[_status(state, component)]}
            for component in state.page.components
            if _status(state, component) != "operational"
        ],
        "ongoing_incidents": [_entry(state, event) for event in state.open_incidents],
        "scheduled_maintenances": [_entry(state, event) for event in state.open_maintenances],
        "structure": {
            "id": ulid("structure", state.page.name),
            "status_page_id": _page_id(state),
            "items": _structure(state),
        },
    }


def _structure(state: PageState) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    groups: dict[str, dict[str, Any]] = {}
    for component in state.page.components:
        entry = {
            "component_id": _id(state, component),
            "name": component.name,
            "hidden": False,
            "display_uptime": True,
            "data_available_since": rfc3339(0.0),
        }
        if not component.group:
            items.append({"component": entry})
            continue
        if component.group not in groups:
            groups[component.group] = {
                "id": ulid(state.page.name, "group", component.group),
                "name": component.group,
                "hidden": False,
                "display_aggregated_uptime": True,
                "components": [],
            }
            items.append({"group": groups[component.group]})
        groups[component.group]["components"].append(entry)
    return items


def _entry(state: PageState, event: IncidentState | MaintenanceState) -> dict[str, Any]:
    """Return an incident or a maintenance; there is no impact in it, and its updates are oldest first."""
    is_incident = isinstance(event, IncidentState)
    incident_id = ulid(state.page.name, event.id)
    return {
        "id": incident_id,
        "name": event.name,
        "type": "incident" if is_incident else "maintenance",
        "status": event.status if is_incident else MAINTENANCE[event.status],
        "published_at": rfc3339(event.updates[0].at),
        "status_page_id": _page_id(state),
        "affected_components": _affected(state, event),
        "component_impacts": _impacts(state, event, incident_id),
        "status_summaries": _summaries(event),
        "updates": [_update(state, event, update) for update in event.updates],
    }


def _affected(state: PageState, event: IncidentState | MaintenanceState) -> list[dict[str, Any]]:
    if isinstance(event, MaintenanceState):
        return [
            {"component_id": _id(state, component), "status": "under_maintenance",
             "current_status": event.component_status}
            for component in state.page.components if component.name in event.components
        ]  # fmt: skip
    return [
        {
            "component_id": _id(state, component),
            "status": STATUS[event.worst[component.name]],
            "current_status": STATUS[event.components[component.name]],
        }
        for component in state.page.components
        if component.name in event.components
    ]


def _impacts(state: PageState, event: IncidentState | MaintenanceState, incident_id: str) -> list[dict[str, Any]]:
    """Return one impact for each time a component was in one trouble; `end_at` is missing while it lasts."""
    if isinstance(event, MaintenanceState):
        return []
    impacts: list[dict[str, Any]] = []
    for component in state.page.components:
        impacts += _impacts_on(event, component.name, incident_id, _id(state, component))
    return impacts


def _impacts_on(event: IncidentState, name: str, incident_id: str, component_id: str) -> list[dict[str, Any]]:
    impacts: list[dict[str, Any]] = []
    before: ComponentStatus = "operational"
    for update in event.updates:
        now = update.components.get(name, "operational")
        when = rfc3339(update.at)
        if before not in (now, "operational"):
            impacts[-1]["end_at"] = when
        if now not in (before, "operational"):
            impacts.append(
                {
                    "id": ulid(incident_id, component_id, when),
                    "component_id": component_id,
                    "status_page_incident_id": incident_id,
                    "start_at": when,
                    "status": STATUS[now],
                }
            )
        before = now
    return impacts


def _summaries(event: IncidentState | MaintenanceState) -> list[dict[str, Any]]:
    summaries: list[dict[str, Any]] = []
    for update in event.updates:
        when = rfc3339(update.at)
        if summaries:
            summaries[-1]["end_at"] = when
        status = worst("operational", *update.components.values())
        summaries.append({"start_at": when, "worst_component_status": STATUS[status]})
    return summaries


def _update(state: PageState, event: IncidentState | MaintenanceState, update: Update) -> dict[str, Any]:
    status = update.status if isinstance(event, IncidentState) else MAINTENANCE[update.status]
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": update.text}]}
    return {
        "id": ulid(event.id, status, rfc3339(update.at)),
        "published_at": rfc3339(update.at),
        "to_status": status,
        "message": {"type": "doc", "content": [paragraph]},
        "message_string": update.text,
        "component_statuses": [
            {"component_id": _id(state, component), "status": STATUS[update.components[component.name]]}
            for component in state.page.components
            if component.name in update.components
        ],
        "automated_update": False,
    }


def _emulated(state: PageState, base: str, path: str) -> dict[str, Any]:
    """Return a v2 document with what the emulation leaves out: links to components, groups, empty lists."""
    full = statuspage.document(state, base, path)
    if not isinstance(full, dict):
        raise TypeError(f"{path} is a document of Statuspage")
    page = {name: value for name, value in full["page"].items() if name != "time_zone"}
    thin: dict[str, Any] = full | {"page": page | {"id": _page_id(state)}}
    if "components" in full:
        thin["components"] = [_thin_row(state, component) for component in state.page.components]
    for name in ("incidents", "scheduled_maintenances"):
        entries = [_thin_entry(state, entry) for entry in full.get(name, [])]
        thin.pop(name, None)
        if entries:
            thin[name] = entries
    return thin


def _thin_row(state: PageState, component: Component) -> dict[str, Any]:
    return {
        "id": _id(state, component),
        "name": component.name,
        "status": STATUS[_status(state, component)],
        "position": state.page.components.index(component) + 1,
        "created_at": rfc3339(0.0),
        "updated_at": rfc3339(state.changed_at),
    }


def _thin_entry(state: PageState, entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"id": ulid(state.page.name, entry["id"]), "components": [], "shortlink": None}


def _component(state: PageState, component: Component) -> dict[str, Any]:
    return {"id": _id(state, component), "name": component.name, "status_page_id": _page_id(state)}


def _status(state: PageState, component: Component) -> ComponentStatus:
    return state.components[component.name]


def _page_id(state: PageState) -> str:
    return ulid("page", state.page.name)


def _id(state: PageState, component: Component) -> str:
    return component.id or ulid(state.page.name, component.group, component.name)

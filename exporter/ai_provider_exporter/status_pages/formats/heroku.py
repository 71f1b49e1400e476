"""Heroku: `/api/v4/current-status`.

Described at https://devcenter.heroku.com/articles/heroku-status (2026-11-22). `resolved` is not to be believed, `state`
is; updates come newest first. Scheduled work stays in the list, still `upcoming`, long after it was done.
"""

from __future__ import annotations

from ai_provider_exporter.model.observation import (
    Component,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dicts_in,
    end_in,
    named,
    section_in,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.vocabulary import INCIDENT, OVER, UnknownValues, plain, unstated_impact

_COLOR: dict[str, Status] = {
    "green": Status.OPERATIONAL,
    "blue": Status.UNDER_MAINTENANCE,
    "yellow": Status.DEGRADED_PERFORMANCE,
    "orange": Status.PARTIAL_OUTAGE,
    "red": Status.MAJOR_OUTAGE,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/api/v4/current-status",))


def looks_like(payload: Payload) -> bool:
    document = payload.object()
    has_systems = any("system" in row for row in dicts_in(document, "status"))
    return has_systems and {"incidents", "scheduled"} <= document.keys()


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    if "status" not in document:
        raise PageFailure("malformed_response", "the document does not say how the systems are")
    unknown = UnknownValues()
    systems = named(section_in(document, "status", unknown), unknown, "system")
    components = required(_component(row, unknown) for row in systems)
    return PageStatus(
        components=components,
        incidents=tuple(
            _incident(row, components, unknown)
            for row in named(section_in(document, "incidents", unknown), unknown, "id")
        ),
        maintenances=tuple(_maintenance(row) for row in section_in(document, "scheduled", unknown)),
        unknown_words=unknown.count,
    )


def _component(row: Row, unknown: UnknownValues) -> Component:
    name = text_in(row, "system")
    return Component(id=name, name=name, status=unknown.status(row.get("status"), _COLOR))


def _incident(row: Row, components: tuple[Component, ...], unknown: UnknownValues) -> Incident:
    updates = dicts_in(row, "updates")
    status = _stage(row, updates, unknown)
    touched = _systems(row)
    statuses = _own_statuses(row) or [c.status for c in components if not touched or c.name in touched]
    begun = time_in(row, "created_at")
    return Incident(
        id=text_in(row, "id"),
        name=text_in(row, "title"),
        status=status,
        impact=unstated_impact(statuses),
        started_at=begun,
        updated_at=time_in(row, "updated_at"),
        resolved_at=end_in(row, "resolved_at", "updated_at", begun=begun) if status in OVER else None,
        url=text_in(row, "full_url", "href"),
        components=touched,
        updates=len(updates),
    )


def _stage(row: Row, updates: list[dict[str, object]], unknown: UnknownValues) -> IncidentStatus:
    """Open or resolved by its state; how far by its newest update that says so."""
    kinds = (plain(text_in(update, "update_type")) for update in updates)
    stages = [INCIDENT[kind] for kind in kinds if kind in INCIDENT and INCIDENT[kind] not in OVER]
    still_on = stages[0] if stages else IncidentStatus.INVESTIGATING
    return unknown.incident(row.get("state"), {"open": still_on, "resolved": IncidentStatus.RESOLVED})


def _own_statuses(row: Row) -> list[Status]:
    """How bad the incident's own systems are by it; unknown ones do not count."""
    colors = (text_in(system, "status") for system in dicts_in(row, "systems"))
    return [_COLOR[plain(color)] for color in colors if plain(color) in _COLOR]


def _systems(row: Row) -> tuple[str, ...]:
    """By name, as they are written on incidents of before 2026 and of since."""
    listed = row.get("systems")
    names = (system.get("name") if isinstance(system, dict) else system for system in listed or ())
    return unique(map(label_text, names)) if isinstance(listed, list) else ()


def _maintenance(row: Row) -> Maintenance:
    is_over = plain(text_in(row, "state")) in {"resolved", "completed"}
    return Maintenance(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=MaintenanceStatus.COMPLETED if is_over else MaintenanceStatus.SCHEDULED,
        starts_at=time_in(row, "scheduled_for", "starts_at", "start_time"),
        ends_at=time_in(row, "scheduled_until", "ends_at", "end_time"),
        url=text_in(row, "full_url", "href"),
        components=_systems(row),
    )

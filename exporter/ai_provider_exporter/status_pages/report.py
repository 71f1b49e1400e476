"""What a read of a page has shown, for the verb `page`: one JSON object, or lines for a human."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.observation import Component, Incident, Maintenance, PageObservation, PageStatus, Status
from ai_provider_exporter.status_pages.times import format_time


def as_json(read: PageObservation) -> dict[str, Any]:
    """Only open incidents and maintenances not yet completed; what does not apply is None."""
    page = read.page or PageStatus()
    return {
        "provider": read.provider,
        "format": read.format or None,
        "up": read.up,
        "reason": read.reason,
        "status": _status(read).word,
        "components": [_component(component) for component in page.components],
        "incidents": [_incident(incident) for incident in page.open_incidents],
        "maintenances": [_maintenance(maintenance) for maintenance in page.pending_maintenances],
    }


def as_text(read: PageObservation) -> str:
    return "\n".join(_lines(read))


def _status(read: PageObservation) -> Status:
    return read.page.status if read.page else Status.UNKNOWN


def _component(component: Component) -> dict[str, Any]:
    return {
        "id": component.id,
        "name": component.name,
        "group": component.group or None,
        "status": component.status.word,
    }


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "name": incident.name,
        "status": incident.status.value,
        "impact": incident.impact.value,
        "started_at": format_time(incident.started_at),
        "updated_at": format_time(incident.updated_at),
        "url": incident.url or None,
        "components": list(incident.components),
    }


def _maintenance(maintenance: Maintenance) -> dict[str, Any]:
    return {
        "id": maintenance.id,
        "name": maintenance.name,
        "status": maintenance.status.value,
        "starts_at": format_time(maintenance.starts_at),
        "ends_at": format_time(maintenance.ends_at),
        "components": list(maintenance.components),
    }


def _lines(read: PageObservation) -> Iterator[str]:
    format_name = f" ({read.format})" if read.format else ""
    if read.page is None:
        yield f"{read.provider}{format_name}: not read: {read.reason}: {read.detail}"
        return
    yield f"{read.provider}{format_name}: {read.page.status.word}"
    for component in read.page.components:
        group = f"{component.group} / " if component.group else ""
        yield f"  {component.status.word:<21} {group}{component.name}"
    for incident in read.page.open_incidents:
        state = f"{incident.status.value}, impact {incident.impact.value}"
        since = format_time(incident.started_at) or "unknown"
        yield f"  {state}: {incident.name}, since {since} {incident.url}".rstrip()
    for work in read.page.pending_maintenances:
        begins, ends = format_time(work.starts_at) or "unknown", format_time(work.ends_at) or "unknown"
        yield f"  maintenance {work.status.value}: {work.name}, {begins} to {ends}"
    for name in read.missing_components:
        yield f"  missing: {name} is configured, but the page does not have it"

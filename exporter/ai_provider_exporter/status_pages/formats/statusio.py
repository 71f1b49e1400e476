"""status.io: its public API, `https://api.status.io/1.0/status/PAGE_ID`.

Described at https://kb.status.io/developers/public-status-api/ (2026-11-22). A component runs in containers, which
are its regions or data centres, each with a status of its own. Only incidents that are open are listed, each with
its messages, oldest first. The address of the page itself does not tell its id, but its HTML does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dicts_in,
    named,
    names_in,
    object_in,
    rows_in,
    section_in,
    text_in,
    time_in,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues, impact_of, unstated_impact

_STATUS: dict[str, Status] = {
    "100": Status.OPERATIONAL,
    "200": Status.UNDER_MAINTENANCE,
    "300": Status.DEGRADED_PERFORMANCE,
    "400": Status.PARTIAL_OUTAGE,
    "500": Status.MAJOR_OUTAGE,
    "600": Status.MAJOR_OUTAGE,  # a security event
}
_STATE: dict[str, IncidentStatus] = {
    "100": IncidentStatus.INVESTIGATING,
    "200": IncidentStatus.IDENTIFIED,
    "300": IncidentStatus.MONITORING,
    "400": IncidentStatus.RESOLVED,
}
_ID_IN_HTML = re.compile(r"statuspageId\W{1,8}([0-9a-f]{24})")


def documents(base: str) -> tuple[DocumentSet, ...]:
    """Only the address itself: that of the page leads to its HTML, of which `parse` tells the address to write."""
    return ((base,),)


def looks_like(payload: Payload) -> bool:
    return bool(_id_in_html(payload)) or "status_overall" in object_in(payload.object(), "result")


def parse(*payloads: Payload) -> PageStatus:
    page_id = _id_in_html(payloads[0])
    if page_id:
        address = f"https://api.status.io/1.0/status/{page_id}"
        raise PageFailure("unexpected_content_type", f"this is the page for readers; write its url as {address}")
    result = object_in(payloads[0].object(), "result")
    unknown = UnknownValues()
    work = object_in(result, "maintenance")
    under_way, planned = section_in(work, "active", unknown), section_in(work, "upcoming", unknown)
    return PageStatus(
        indicator=_status(object_in(result, "status_overall"), unknown),
        components=required(_components(named(section_in(result, "status", unknown), unknown), unknown)),
        incidents=tuple(_incident(row, unknown) for row in _identified(result, "incidents", unknown)),
        maintenances=(
            *(_maintenance(row, MaintenanceStatus.IN_PROGRESS) for row in under_way),
            *(_maintenance(row, MaintenanceStatus.SCHEDULED) for row in planned),
        ),
        unknown_words=unknown.count,
    )


def _id_in_html(payload: Payload) -> str:
    text = payload.text()
    match = _ID_IN_HTML.search(text) if text.lstrip().startswith("<") else None
    return match[1] if match else ""


def _status(row: Row, unknown: UnknownValues) -> Status:
    return unknown.status(text_in(row, "status_code"), _STATUS)


def _identified(parent: Row, key: str, unknown: UnknownValues) -> list[Row]:
    return named(section_in(parent, key, unknown), unknown, "_id", "name")


def _components(rows: Iterable[Row], unknown: UnknownValues) -> Iterator[Component]:
    """One for each container; one for the component as a whole if it is worse than they are, or has none."""
    for row in rows:
        status = _status(row, unknown)
        containers = rows_in(row, "containers", unknown)
        statuses = [_status(container, unknown) for container in containers]
        if status > max(statuses, default=Status.UNKNOWN) or not containers:
            yield Component(id=text_in(row, "id", "name"), name=text_in(row, "name"), status=status)
        for container, own in zip(containers, statuses, strict=True):
            region = text_in(container, "name")
            yield Component(id=text_in(row, "id", "name"), name=text_in(row, "name"), status=own, region=region)


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    messages = rows_in(row, "messages", unknown)
    newest: Row = messages[-1] if messages else {}
    status = unknown.incident(text_in(newest, "state"), _STATE) if newest else IncidentStatus.INVESTIGATING
    updated_at = time_in(newest, "datetime")
    started_at = time_in(row, "datetime_open")
    return Incident(
        id=text_in(row, "_id", "name"),
        name=text_in(row, "name"),
        status=status,
        impact=_impact(newest, unknown),
        started_at=started_at,
        updated_at=updated_at or started_at,
        resolved_at=updated_at if status in OVER else None,
        components=names_in(dicts_in(row, "components_affected")),
        regions=names_in(dicts_in(row, "containers_affected")),
        updates=len(messages),
    )


def _impact(newest: Row, unknown: UnknownValues) -> Impact:
    code = text_in(newest, "status")
    return impact_of([unknown.status(code, _STATUS)]) if code else unstated_impact([])


def _maintenance(row: Row, status: MaintenanceStatus) -> Maintenance:
    return Maintenance(
        id=text_in(row, "_id", "name"),
        name=text_in(row, "name"),
        status=status,
        starts_at=time_in(row, "datetime_planned_start", "datetime_open"),
        ends_at=time_in(row, "datetime_planned_end"),
        components=names_in(dicts_in(row, "components_affected")),
    )

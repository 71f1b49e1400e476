"""Slack: `/api/v2.0.0/current`, and `/history`, a list of what was.

Described at https://docs.slack.dev/reference/slack-status-api (2026-11-22). Services are named only by what touches
them. Ids are numbers or text; times have the offset of San Francisco.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

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
from ai_provider_exporter.status_pages.assembly import stage_in_text, worst_of_each
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import plain_text
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dicts_in,
    named,
    rows_in,
    section_in,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues, plain

_PAGE: dict[str, Status | None] = {"ok": Status.OPERATIONAL, "active": None}  # how bad, only the incidents say
_IMPACT: dict[str, Impact] = {"notice": Impact.NONE, "incident": Impact.MINOR, "outage": Impact.MAJOR}
_WORK: dict[str, MaintenanceStatus] = {
    "scheduled": MaintenanceStatus.SCHEDULED,
    "completed": MaintenanceStatus.COMPLETED,
    "cancelled": MaintenanceStatus.COMPLETED,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/api/v2.0.0/current",), also=("/api/v2.0.0/history",))


def looks_like(payload: Payload) -> bool:
    document = payload.json()
    return isinstance(document, dict) and {"status", "active_incidents", "date_updated"} <= document.keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    document = _document(payloads[0])
    rows = named(section_in(document, "active_incidents", unknown), unknown, "id", "title")
    works = [row for row in rows if plain(text_in(row, "status")) in _WORK]
    incidents = tuple(_incident(row, unknown) for row in rows if row not in works)
    still_on = [row for row in rows if row not in works and plain(text_in(row, "status")) == "active"]
    indicator = _indicator(document, unknown)
    unknown.count += indicator is None and not rows  # something is on, and nothing is said of it
    return PageStatus(
        indicator=indicator,
        components=worst_of_each(_components(still_on)),
        incidents=incidents,
        maintenances=tuple(_maintenance(row) for row in works),
        unknown_words=unknown.count,
        lists_only_trouble=True,
    )


def _document(payload: Payload) -> dict[str, Any]:
    document = payload.json()
    if isinstance(document, list) and document and all(isinstance(row, dict) and "title" in row for row in document):
        return {"status": "active", "active_incidents": document}
    if "active_incidents" not in payload.object():
        raise PageFailure("malformed_response", "the document does not list active incidents")
    return payload.object()


def _indicator(document: Row, unknown: UnknownValues) -> Status | None:
    word = plain(text_in(document, "status"))
    return _PAGE[word] if word in _PAGE else unknown.status(word)


def _components(rows: Iterable[Row]) -> Iterator[Component]:
    for row in rows:
        impact = _IMPACT.get(plain(text_in(row, "type")))
        for name in _services(row):
            yield Component(id=name, name=name, status=impact.status if impact else Status.UNKNOWN)


def _services(row: Row) -> tuple[str, ...]:
    listed = row.get("services")
    return unique(label_text(service) for service in listed) if isinstance(listed, list) else ()


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    notes = rows_in(row, "notes", unknown)
    newest: Row = max(notes, key=lambda note: time_in(note, "date_created") or 0.0, default={})
    open_stage = stage_in_text(plain_text(text_in(newest, "body")))
    status = unknown.incident(row.get("status"), {"active": open_stage, "resolved": IncidentStatus.RESOLVED})
    updated_at = time_in(row, "date_updated") or time_in(newest, "date_created")
    return Incident(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=status,
        impact=unknown.impact(row.get("type"), _IMPACT),
        started_at=time_in(row, "date_created"),
        updated_at=updated_at,
        resolved_at=updated_at if status in OVER else None,
        url=text_in(row, "url"),
        components=_services(row),
        updates=len(dicts_in(row, "notes")),
    )


def _maintenance(row: Row) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=_WORK[plain(text_in(row, "status"))],
        url=text_in(row, "url"),
        components=_services(row),
    )

"""Datadog Status Pages: `/config.json`, from which the page itself is drawn.

Groups hold their components. An incident's timeline comes newest first, each entry with how components were then;
`componentsAffected` of the incident itself is how they are now. `lastModifiedAt` may be days after the end. Seen at
https://status.openrouter.ai, 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ai_provider_exporter.model.observation import Component, Impact, Incident, Maintenance, PageStatus
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dicts_in,
    end_in,
    named,
    names_in,
    rows_in,
    section_in,
    text_in,
    time_in,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues, unstated_impact


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/config.json",))


def looks_like(payload: Payload) -> bool:
    document = payload.object()
    kinds = {text_in(row, "type").lower() for row in dicts_in(document, "components")}
    return "pageUrl" in document and bool(kinds & {"component", "componentgroup", "group"})


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    if "components" not in document:
        raise PageFailure("malformed_response", "the document does not say which components the page has")
    unknown = UnknownValues()
    return PageStatus(
        page_id=text_in(document, "id"),
        page_name=text_in(document, "name"),
        page_url=_url(document),
        components=required(_leaves(section_in(document, "components", unknown), unknown)),
        incidents=tuple(_incident(row, unknown) for row in named(section_in(document, "incidents", unknown), unknown)),
        maintenances=tuple(_maintenance(row, unknown) for row in section_in(document, "maintenances", unknown)),
        unknown_words=unknown.count,
    )


def _url(document: Row) -> str:
    host = text_in(document, "customDomain")
    return f"https://{host.removeprefix('https://')}" if host else text_in(document, "pageUrl").rstrip("/")


def _leaves(rows: Iterable[Row], unknown: UnknownValues, group: str = "") -> Iterator[Component]:
    for row in named(rows, unknown):
        members = rows_in(row, "components", unknown)
        if members or text_in(row, "type").lower() in {"componentgroup", "group"}:
            yield from _leaves(members, unknown, text_in(row, "name"))
        else:
            status = unknown.status(row.get("status"))
            yield Component(id=text_in(row, "id", "name"), name=text_in(row, "name"), status=status, group=group)


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    timeline = rows_in(row, "timeline", unknown)
    newest = timeline[0].get("status", "") if timeline else None
    status = unknown.status_of(row.get("currentStatus"), newest)
    is_over = status in OVER
    begun = time_in(row, "publishedDate", "createdAt")
    moments = [moment for entry in timeline if (moment := time_in(entry, "startedAt", "createdAt"))]
    return Incident(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=status,
        impact=_impact(timeline if is_over else [row], UnknownValues() if is_over else unknown),
        started_at=begun,
        updated_at=max(moments, default=time_in(row, "lastModifiedAt")),
        resolved_at=end_in(row, "resolvedDate", begun=begun) if is_over else None,
        components=names_in(part for entry in (row, *timeline) for part in dicts_in(entry, "componentsAffected")),
        updates=len(timeline),
    )


def _impact(entries: Iterable[Row], unknown: UnknownValues) -> Impact:
    touched = [part for entry in entries for part in rows_in(entry, "componentsAffected", unknown)]
    return unstated_impact([unknown.status(part.get("status")) for part in touched])


def _maintenance(row: Row, unknown: UnknownValues) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=unknown.maintenance(row.get("currentStatus") or row.get("status")),
        starts_at=time_in(row, "startDate", "scheduledStartDate"),
        ends_at=time_in(row, "completedDate", "endDate", "scheduledEndDate"),
        components=names_in(dicts_in(row, "componentsAffected")),
    )

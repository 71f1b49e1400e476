"""Flashduty: its widget API, `/api/widget/v1/summary.json`, made anew every few seconds.

Described at https://docs.flashduty.com/zh/on-call/statuspage/widgets (2026-11-22). Only components that something
touches are named. An error comes as an answer, with the status 200. An incident whose impact is `operational` has
not been weighed yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
)
from ai_provider_exporter.status_pages.assembly import worst_of_each
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
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
from ai_provider_exporter.status_pages.vocabulary import UnknownValues, unstated_impact

_ERRORS = {"status_page_not_found": "page_inactive", "widget_summary_unavailable": "server_error"}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/api/widget/v1/summary.json",))


def looks_like(payload: Payload) -> bool:
    return {"schema_version", "overall", "ongoing_incidents"} <= payload.object().keys()


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    error = text_in(document, "error")
    if error or "overall" not in document:
        raise PageFailure(_ERRORS.get(error, "malformed_response"), f"the page answers {error or 'something else'}")
    unknown = UnknownValues()
    page = object_in(document, "page")
    incidents = named(section_in(document, "ongoing_incidents", unknown), unknown, "id", "title")
    under_way = section_in(document, "in_progress_maintenances", unknown)
    planned = section_in(document, "scheduled_maintenances", unknown)
    return PageStatus(
        page_name=text_in(page, "name"),
        page_url=text_in(page, "url").rstrip("/"),
        indicator=unknown.status(object_in(document, "overall").get("status")),
        components=worst_of_each(_touched([*incidents, *under_way], unknown)),
        incidents=tuple(_incident(row, unknown) for row in incidents),
        maintenances=(
            *(_maintenance(row, MaintenanceStatus.IN_PROGRESS) for row in under_way),
            *(_maintenance(row, MaintenanceStatus.SCHEDULED) for row in planned),
        ),
        unknown_words=unknown.count,
        generated_at=time_in(document, "generated_at"),
        lists_only_trouble=True,
    )


def _touched(rows: Iterable[Row], unknown: UnknownValues) -> Iterator[Component]:
    for part in (part for row in rows for part in _components(row, unknown)):
        yield Component(
            id=text_in(part, "id", "name"),
            name=text_in(part, "name", "id"),
            status=unknown.status(part.get("status")),
            group=text_in(part, "group_name"),
        )


def _components(row: Row, unknown: UnknownValues) -> list[Row]:
    return named(rows_in(row, "affected_components", unknown), unknown)


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    return Incident(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=unknown.incident(row.get("phase")),
        impact=_impact(row, unknown),
        started_at=time_in(row, "started_at", "starts_at"),
        updated_at=time_in(row, "updated_at") or time_in(dict_in(row, "last_update"), "at"),
        url=text_in(row, "url"),
        components=names_in(dicts_in(row, "affected_components")),
        updates=1 if dict_in(row, "last_update") else 0,
    )


def _impact(row: Row, unknown: UnknownValues) -> Impact:
    own = [unknown.status(row["impact"])] if row.get("impact") is not None else []
    touched = (UnknownValues().status(part.get("status")) for part in dicts_in(row, "affected_components"))
    return unstated_impact([*own, *touched])


def _maintenance(row: Row, status: MaintenanceStatus) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=status,
        starts_at=time_in(row, "starts_at", "started_at"),
        ends_at=time_in(row, "ends_at", "scheduled_end_at"),
        url=text_in(row, "url"),
        components=names_in(dicts_in(row, "affected_components")),
    )

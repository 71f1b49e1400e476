"""Cloudflare's own status page, version 3 of its API: `/api/v3/summary`.

Hundreds of its components are places, of which some are always in maintenance; it has no word for the page as a
whole. Described at https://www.cloudflarestatus.com/api (2026-11-22).
"""

from __future__ import annotations

from ai_provider_exporter.model.observation import Component, Incident, Maintenance, PageStatus
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    dicts_in,
    end_in,
    named,
    names_in,
    object_in,
    section_in,
    text_in,
    time_in,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import MAINTENANCE, OVER, UnknownValues, plain

_WORKS = ("active_maintenances", "upcoming_maintenances", "scheduled_maintenances")


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/api/v3/summary",))


def looks_like(payload: Payload) -> bool:
    result = dict_in(payload.object(), "result")
    return {"components", "active_incidents"} <= result.keys() and "status_page" not in result


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    result = object_in(document, "result")
    if document.get("success") is not True or not isinstance(result.get("active_incidents"), list):
        raise PageFailure("malformed_response", "the document does not say that it is an answer")
    unknown = UnknownValues()
    rows = named(section_in(result, "active_incidents", unknown), unknown)
    works = [*filter(_is_work, rows), *(row for key in _WORKS for row in section_in(result, key, unknown))]
    return PageStatus(
        components=required(
            _component(row, unknown) for row in named(section_in(result, "components", unknown), unknown)
        ),
        incidents=tuple(_incident(row, unknown) for row in rows if not _is_work(row)),
        maintenances=tuple(_maintenance(row, unknown) for row in works),
        unknown_words=unknown.count,
    )


def _is_work(row: Row) -> bool:
    return plain(text_in(row, "status")) in MAINTENANCE


def _component(row: Row, unknown: UnknownValues) -> Component:
    return Component(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name", "id"),
        status=unknown.status(row.get("status")),
        group=text_in(dict_in(row, "group"), "name") or text_in(row, "group_name"),
    )


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    update = dict_in(row, "last_update")
    status = unknown.status_of(row.get("status"), update.get("status"))
    begun = time_in(row, "starts_at", "created_at")
    return Incident(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=status,
        impact=unknown.impact(row.get("impact")),
        started_at=begun,
        updated_at=time_in(update, "display_at") or time_in(row, "updated_at"),
        resolved_at=end_in(row, "resolved_at", begun=begun) if status in OVER else None,
        url=text_in(row, "shortlink", "url"),
        components=names_in(dicts_in(row, "components")),
        updates=1 if update else 0,
    )


def _maintenance(row: Row, unknown: UnknownValues) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=unknown.maintenance(row.get("status")),
        starts_at=time_in(row, "starts_at", "scheduled_for"),
        ends_at=time_in(row, "ends_at", "scheduled_until"),
        components=names_in(dicts_in(row, "components")),
    )

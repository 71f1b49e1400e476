"""Atlassian Statuspage: version 2 of its public JSON, which others emulate, and its feeds.

Each page documents its JSON at /api, such as https://confluence.status.atlassian.com/api (2026-11-22). Every
section but `page` may be missing: each document holds some of them. Times carry the offset of the page's own zone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ai_provider_exporter.model.observation import Component, Impact, Incident, Maintenance, PageStatus
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import is_xml, read_feed
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.formats import statuspage_feed
from ai_provider_exporter.status_pages.json_fields import object_in, rows_in, section_in, text_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import (
    INDICATOR,
    MAINTENANCE,
    OVER,
    UnknownValues,
    plain,
    unstated_impact,
)

Row = Mapping[str, Any]

SUMMARY = "/api/v2/summary.json"
_PARTS = tuple(
    f"/api/v2/{name}.json"
    for name in (
        "status",
        "components",
        "incidents",
        "incidents/unresolved",
        "scheduled-maintenances",
        "scheduled-maintenances/upcoming",
        "scheduled-maintenances/active",
    )
)


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, (SUMMARY,), ("/history.atom",), ("/history.rss",), also=_PARTS)


def looks_like(payload: Payload) -> bool:
    if is_xml(payload):
        return statuspage_feed.looks_like(read_feed(payload))
    document = payload.object()
    return bool(text_in(object_in(document, "page"), "id")) and not {"components", "status"}.isdisjoint(document)


def parse(*payloads: Payload) -> PageStatus:
    if is_xml(payloads[0]):
        return statuspage_feed.parse(read_feed(payloads[0]))
    return read([payload.object() for payload in payloads])


def read(documents: list[dict[str, Any]]) -> PageStatus:
    """Read version 2 documents as one page; of a section that several have, the first document's counts.

    Raises:
        PageFailure: malformed_response, or components_vanished for a list of components without any.
    """
    sections = {
        key: section for document in reversed(documents) for key, section in document.items() if section is not None
    }
    page = object_in(sections, "page")
    if not text_in(page, "id", "name"):
        raise PageFailure("malformed_response", "the document does not say which page it is about")
    unknown = UnknownValues()
    reading = _Reading(text_in(page, "url").rstrip("/"), section_in(sections, "components", unknown), unknown)
    incidents = section_in(sections, "incidents", unknown)
    maintenances = section_in(sections, "scheduled_maintenances", unknown)
    status = object_in(sections, "status")
    return PageStatus(
        page_id=text_in(page, "id"),
        page_name=text_in(page, "name"),
        page_url=reading.page_url,
        indicator=unknown.status(status.get("indicator"), INDICATOR) if "status" in sections else None,
        components=_components(sections, reading),
        incidents=tuple(_incident(row, reading) for row in incidents if not _is_maintenance(row)),
        maintenances=tuple(
            _maintenance(row, reading) for row in [*maintenances, *(row for row in incidents if _is_maintenance(row))]
        ),
        unknown_words=unknown.count,
    )


class _Reading:
    """What rows need to know of the rest of the page."""

    def __init__(self, page_url: str, components: list[dict[str, Any]], unknown: UnknownValues) -> None:
        self.page_url, self.components, self.unknown = page_url, components, unknown
        self.names = {text_in(row, "id"): text_in(row, "name") for row in components if text_in(row, "id")}
        self.groups = {text_in(row, "group_id") for row in components} - {""}


def _components(sections: Row, reading: _Reading) -> tuple[Component, ...]:
    if "components" in sections and not reading.components:
        raise PageFailure("components_vanished", "the page lists no components; has it moved?")
    rows = [row for row in reading.components if not _is_group(row, reading)]
    named = [row for row in rows if text_in(row, "id", "name")]
    reading.unknown.count += len(rows) - len(named)
    return tuple(_component(row, reading) for row in named)


def _is_group(row: Row, reading: _Reading) -> bool:
    """By its own word, or because others are in it: some that emulate this format leave the word out."""
    return row.get("group") is True or text_in(row, "id") in reading.groups


def _component(row: Row, reading: _Reading) -> Component:
    return Component(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name", "id"),
        status=reading.unknown.status(row.get("status")),
        group=reading.names.get(text_in(row, "group_id"), ""),
    )


def _incident(row: Row, reading: _Reading) -> Incident:
    updates = rows_in(row, "incident_updates", reading.unknown)
    status = reading.unknown.status_of(row.get("status"), _newest(updates).get("status", "") if updates else None)
    is_over = status in OVER
    return Incident(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=status,
        impact=_impact(row, UnknownValues() if is_over else reading.unknown),
        started_at=parse_time(row.get("started_at")) or parse_time(row.get("created_at")),
        updated_at=parse_time(row.get("updated_at")) or _written_at(_newest(updates)),
        resolved_at=parse_time(row.get("resolved_at")) if is_over else None,
        url=_url(row, reading),
        components=_touched(row, updates, reading),
        updates=len(updates),
    )


def _maintenance(row: Row, reading: _Reading) -> Maintenance:
    updates = rows_in(row, "incident_updates", reading.unknown)
    return Maintenance(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=reading.unknown.maintenance(row.get("status")),
        starts_at=parse_time(row.get("scheduled_for")),
        ends_at=parse_time(row.get("scheduled_until")),
        url=_url(row, reading),
        components=_touched(row, updates, reading),
    )


def _is_maintenance(row: Row) -> bool:
    """Some pages that emulate this format keep maintenances among the incidents."""
    status = row.get("status")
    return isinstance(status, str) and plain(status) in MAINTENANCE


def _impact(row: Row, unknown: UnknownValues) -> Impact:
    if row.get("impact") is not None:
        return unknown.impact(row.get("impact"))
    return unstated_impact(
        UnknownValues().status(component.get("status")) for component in rows_in(row, "components", unknown)
    )


def _newest(updates: list[dict[str, Any]]) -> Row:
    """By time, one without a time before all others; of two alike the first: updates come newest first."""
    return max(updates, key=lambda update: _written_at(update) or math.inf, default={})


def _written_at(update: Row) -> float | None:
    return parse_time(update.get("display_at")) or parse_time(update.get("created_at"))


def _touched(row: Row, updates: list[dict[str, Any]], reading: _Reading) -> tuple[str, ...]:
    """Names of components; those in the updates where the incident's own list was emptied when it was resolved."""
    linked = [text_in(component, "name") for component in rows_in(row, "components", reading.unknown)]
    if not any(linked):
        mentioned = [m for update in updates for m in rows_in(update, "affected_components", reading.unknown)]
        linked = [reading.names.get(text_in(m, "code")) or text_in(m, "name") for m in mentioned]
    return tuple(dict.fromkeys(filter(None, linked)))


def _url(row: Row, reading: _Reading) -> str:
    built = f"{reading.page_url}/incidents/{text_in(row, 'id')}" if reading.page_url else ""
    return text_in(row, "shortlink") or built

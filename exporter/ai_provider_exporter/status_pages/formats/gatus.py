"""Gatus: the results of its checks, and the announcements that its configuration holds.

Made by https://github.com/TwiN/gatus, `api/` (2026-11-22). An endpoint is as its last result says: the last of the
list, of which one is asked for. Announcements have no end; one of type `operational` ends those before it. Older
versions have none of them, and some servers let only those see the results who have signed in.
"""

from __future__ import annotations

from collections.abc import Iterable

from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import Row, named, rows_in, section_in, text_in, time_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_RESULTS, _CONFIG = "/api/v1/endpoints/statuses", "/api/v1/config"
_LAST = f"{_RESULTS}?page=1&pageSize=1"
_IMPACT: dict[str, Impact] = {
    "outage": Impact.MAJOR,
    "warning": Impact.MINOR,
    "information": Impact.NONE,
    "operational": Impact.NONE,
    "none": Impact.NONE,
}
_ENDS_OTHERS = "operational"


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, (_LAST, _CONFIG), (_LAST,), also=(_RESULTS,))


def looks_like(payload: Payload) -> bool:
    rows = payload.array()
    return bool(rows) and isinstance(rows[0], dict) and {"key", "results"} <= rows[0].keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    components: tuple[Component, ...] = ()
    incidents: tuple[Incident, ...] = ()
    for payload in payloads:
        if isinstance(payload.json(), list):
            endpoints = required(named(payload.rows(unknown), unknown, "key", "name"))
            components = tuple(_component(row, unknown) for row in endpoints)
        elif "announcements" in payload.object():
            incidents = tuple(_incidents(section_in(payload.object(), "announcements", unknown), unknown))
        else:
            raise PageFailure("malformed_response", "the document holds neither results nor announcements")
    return PageStatus(components=components, incidents=incidents, unknown_words=unknown.count)


def _component(row: Row, unknown: UnknownValues) -> Component:
    results = rows_in(row, "results", unknown)
    status = _status(results[-1], unknown) if results else Status.UNKNOWN
    return Component(
        id=text_in(row, "key", "name"), name=text_in(row, "name", "key"), status=status, group=text_in(row, "group")
    )


def _status(result: Row, unknown: UnknownValues) -> Status:
    success = result.get("success")
    if not isinstance(success, bool):
        unknown.count += 1
        return Status.UNKNOWN
    return Status.OPERATIONAL if success else Status.MAJOR_OUTAGE


def _incidents(rows: Iterable[Row], unknown: UnknownValues) -> Iterable[Incident]:
    """Those that tell of trouble, and are shown as news."""
    current = [row for row in named(rows, unknown, "message") if row.get("archived") is not True]
    ended_at = max(
        (time_in(row, "timestamp") or 0.0 for row in current if row.get("type") == _ENDS_OTHERS), default=0.0
    )
    for row in current:
        impact = unknown.impact(row.get("type"), _IMPACT)
        if impact is not Impact.NONE:
            yield _incident(row, impact, ended_at)


def _incident(row: Row, impact: Impact, ended_at: float) -> Incident:
    begun = time_in(row, "timestamp")
    is_over = begun is not None and begun < ended_at
    return Incident(
        id=text_in(row, "timestamp", "message"),
        name=text_in(row, "message"),
        status=IncidentStatus.RESOLVED if is_over else IncidentStatus.INVESTIGATING,
        impact=impact,
        started_at=begun,
        updated_at=begun,
        resolved_at=ended_at if is_over else None,
        updates=1,
    )

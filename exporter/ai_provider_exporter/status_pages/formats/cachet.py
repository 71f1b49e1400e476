"""Cachet: components, incidents and schedules, at `/api/v1` up to version 2 and at `/api` as JSON:API from version 3.

Described at https://docs.cachethq.io/api-reference; version 3 is https://github.com/cachethq/core, `src/Http`
(both 2026-11-22). All three documents are `data`; which is which shows in their rows. How an incident stands is what
its newest update said, `latest_status`: its own `status` is where it began. Version 2.3 and older have no schedules,
but incidents of status 0. Times have no offset and are taken for UTC, whatever zone the site is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
    dict_in,
    dicts_in,
    named,
    object_in,
    section_in,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues, unstated_impact

_PATHS = tuple(f"{api}/{name}" for api in ("/api/v1", "/api") for name in ("components", "incidents", "schedules"))
_COMPONENTS, _INCIDENTS, _SCHEDULES, *_VERSION_3 = (f"{path}?per_page=100" for path in _PATHS)
_NEWEST_FIRST = "&sort=id&order=desc"
_VERSION_1 = _COMPONENTS, _INCIDENTS + _NEWEST_FIRST
_MARKS = {"schedules": ("completed_at", "completed"), "components": ("enabled",), "incidents": ("message",)}
_STATUS: dict[str, Status] = {
    "0": Status.UNKNOWN,
    "1": Status.OPERATIONAL,
    "2": Status.DEGRADED_PERFORMANCE,
    "3": Status.PARTIAL_OUTAGE,
    "4": Status.MAJOR_OUTAGE,
    "5": Status.UNKNOWN,
    "6": Status.UNDER_MAINTENANCE,
}
_STATE: dict[str, IncidentStatus] = {
    "0": IncidentStatus.INVESTIGATING,  # version 3 calls it reported
    "1": IncidentStatus.INVESTIGATING,
    "2": IncidentStatus.IDENTIFIED,
    "3": IncidentStatus.MONITORING,
    "4": IncidentStatus.RESOLVED,
}
_PROGRESS: dict[str, MaintenanceStatus] = {
    "0": MaintenanceStatus.SCHEDULED,
    "1": MaintenanceStatus.IN_PROGRESS,
    "2": MaintenanceStatus.COMPLETED,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    version_3 = (_VERSION_3[0], f"{_VERSION_3[1]}&include=components", _VERSION_3[2])
    return document_sets(base, (*_VERSION_1, _SCHEDULES + _NEWEST_FIRST), version_3, _VERSION_1, also=_PATHS)


def looks_like(payload: Payload) -> bool:
    rows = [_flat(row) for row in dicts_in(payload.object(), "data")]
    return bool(rows) and {"enabled", "link", "status"} <= rows[0].keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    kinds: dict[str, list[Row]] = {kind: [] for kind in _MARKS}
    for document in (payload.object() for payload in payloads):
        rows = named(map(_flat, section_in(document, "data", unknown)), unknown)
        kind = _kind(rows) if "data" in document else ""
        if not kind:
            raise PageFailure("malformed_response", "the data are neither components nor incidents nor schedules")
        kinds[kind] += rows
        unknown.count += kind == "components" and not _is_whole(document)
    has_components = len(payloads) > 1 or not (kinds["incidents"] or kinds["schedules"])
    components = tuple(_component(row, unknown) for row in kinds["components"] if row.get("enabled") is not False)
    by_id = {component.id: component for component in (required(components) if has_components else components)}
    works = [row for row in kinds["incidents"] if _is_work(row)]
    return PageStatus(
        components=components,
        incidents=tuple(_incident(row, by_id, unknown) for row in kinds["incidents"] if not _is_work(row)),
        maintenances=tuple(_maintenance(row, unknown) for row in [*works, *kinds["schedules"]]),
        unknown_words=unknown.count,
    )


def _kind(rows: list[Row]) -> str:
    """What the rows are; without any they are no components, and the rest does not matter."""
    kinds = (kind for kind, marks in _MARKS.items() if all(not row.keys().isdisjoint(marks) for row in rows))
    return next(kinds, "") if rows else "incidents"


def _component(row: Row, unknown: UnknownValues) -> Component:
    status = unknown.status(text_in(row, "latest_status", "status"), _STATUS)
    return Component(id=text_in(row, "id"), name=text_in(row, "name", "id"), status=status)


def _incident(row: Row, components: Mapping[str, Component], unknown: UnknownValues) -> Incident:
    word = "4" if row.get("is_resolved") is True else text_in(row, "latest_status", "status")
    status = unknown.incident(word, _STATE)
    touched = [components[one] for one in _touched(row) if one in components]
    changed = time_in(row, "updated_at", "updated")
    return Incident(
        id=text_in(row, "id"),
        name=text_in(row, "name", "id"),
        status=status,
        impact=unstated_impact(component.status for component in touched),
        started_at=time_in(row, "occurred_at", "occurred", "created_at", "created"),
        updated_at=changed,
        resolved_at=changed if status in OVER else None,
        url=text_in(row, "permalink"),
        components=unique(component.name for component in touched),
        updates=len(dicts_in(row, "updates")),
    )


def _is_work(row: Row) -> bool:
    return "scheduled_at" in row and text_in(row, "latest_status", "status") == "0"


def _maintenance(row: Row, unknown: UnknownValues) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id"),
        name=text_in(row, "name", "id"),
        status=unknown.maintenance(text_in(row, "status"), _PROGRESS),
        starts_at=time_in(row, "scheduled_at", "scheduled"),
        ends_at=time_in(row, "completed_at", "completed"),
    )


def _flat(row: Row) -> Row:
    """Its attributes beside its id, and of what is there in words for humans too only what it is."""
    value = {**row, **dict_in(row, "attributes")}
    return {key: _bare(value) for key, value in value.items() if key != "relationships"} | {"linked": _linked(row)}


def _bare(value: Any) -> Any:
    return value.get("value", value.get("string")) if isinstance(value, dict) else value


def _linked(row: Row) -> list[str]:
    return [text_in(one, "id") for one in dicts_in(dict_in(dict_in(row, "relationships"), "components"), "data")]


def _touched(row: Row) -> Iterable[str]:
    """The ids of its components: one up to version 2, any number from version 3."""
    return [text_in(row, "component_id"), *row["linked"]]


def _is_whole(document: Row) -> bool:
    """Whether there is no further page of rows; only then they are all that there are."""
    links, pagination = object_in(document, "links"), object_in(object_in(document, "meta"), "pagination")
    return links["next"] is None if "next" in links else pagination.get("total_pages") in (0, 1)

"""Instatus: a summary, and beside it the components, which the summary leaves out.

Described at https://instatus.com/help/api (2026-11-22). The summary lists only what is going on; an empty list is
left out. An incident's own impact may be OPERATIONAL while its components are down. Names may be one for each
language, groups may hold their components as `children`. Seen on public pages, 2022 to 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    dicts_in,
    merged,
    named,
    object_in,
    rows_in,
    section_in,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import (
    MAINTENANCE,
    OVER,
    STATUS,
    UnknownValues,
    impact_of,
    unstated_impact,
)

_SUMMARY = "/summary.json"
_PAGE: dict[str, Status] = {
    "up": Status.OPERATIONAL,
    "hasissues": Status.DEGRADED_PERFORMANCE,  # which ones it does not say: the least that is not nothing
    "undermaintenance": Status.UNDER_MAINTENANCE,
}
_STATUS = {**STATUS, "minoroutage": Status.PARTIAL_OUTAGE}
_MAINTENANCE = {**MAINTENANCE, "notstartedyet": MaintenanceStatus.SCHEDULED}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(
        base, *((_SUMMARY, components) for components in ("/v3/components.json", "/v2/components.json"))
    )


def looks_like(payload: Payload) -> bool:
    """By its own spelling: other makers write HAS_ISSUES."""
    status = dict_in(payload.object(), "page").get("status")
    return isinstance(status, str) and status.isupper() and status.lower() in _PAGE


def parse(*payloads: Payload) -> PageStatus:
    sections = merged(map(_sections, payloads), "page", "site", "components")
    page = object_in(sections, "page") or object_in(sections, "site")
    unknown = UnknownValues()
    incidents = named(section_in(sections, "activeIncidents", unknown), unknown)
    works = named(section_in(sections, "activeMaintenances", unknown), unknown)
    return PageStatus(
        page_name=_name(page),
        page_url=_url(page),
        indicator=unknown.status(page.get("status"), _PAGE) if page else None,
        components=_components(sections, unknown),
        incidents=tuple(_incident(row, unknown) for row in incidents),
        maintenances=tuple(_maintenance(row, unknown) for row in works),
        unknown_words=unknown.count,
    )


def _sections(payload: Payload) -> dict[str, Any]:
    """A document of components may be just their list."""
    document = payload.json()
    return {"components": document} if isinstance(document, list) else payload.object()


def _url(page: Row) -> str:
    host = text_in(page, "customDomain")
    return text_in(page, "url").rstrip("/") or (f"https://{host}" if host else "")


def _components(sections: Row, unknown: UnknownValues) -> tuple[Component, ...]:
    if "components" not in sections:
        return ()
    return required(_leaves(section_in(sections, "components", unknown), unknown))


def _leaves(rows: Iterable[Row], unknown: UnknownValues, group: str = "") -> Iterator[Component]:
    for row in named(rows, unknown):
        children = rows_in(row, "children", unknown)
        if not children and row.get("isParent") is not True:
            yield _component(row, group or _name(dict_in(row, "group")), unknown)
        yield from _leaves(children, unknown, _name(row))


def _component(row: Row, group: str, unknown: UnknownValues) -> Component:
    status = unknown.status(row.get("status"), _STATUS)
    return Component(id=text_in(row, "id") or _name(row), name=_name(row), status=status, group=group)


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    status = unknown.incident(row.get("status"))
    updated_at = time_in(row, "updatedAt", "started")
    return Incident(
        id=text_in(row, "id") or _name(row),
        name=_name(row),
        status=status,
        impact=_impact(row, unknown),
        started_at=parse_time(row.get("started")),
        updated_at=updated_at,
        resolved_at=updated_at if status in OVER else None,
        url=text_in(row, "url"),
        components=unique(_name(touched) for touched in dicts_in(row, "components")),
    )


def _impact(row: Row, unknown: UnknownValues) -> Impact:
    touched = [UnknownValues().status(component.get("status"), _STATUS) for component in dicts_in(row, "components")]
    if row.get("impact") is None:
        return unstated_impact(touched)
    return impact_of([unknown.status(row["impact"], _STATUS), *touched])


def _maintenance(row: Row, unknown: UnknownValues) -> Maintenance:
    starts_at, minutes = parse_time(row.get("start")), text_in(row, "duration")
    return Maintenance(
        id=text_in(row, "id") or _name(row),
        name=_name(row),
        status=unknown.maintenance(row.get("status"), _MAINTENANCE),
        starts_at=starts_at,
        ends_at=starts_at + int(minutes) * 60 if starts_at and _is_count(minutes) else None,
        url=text_in(row, "url"),
    )


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < len("1000000")


def _name(row: Row) -> str:
    name = row.get("name")
    return text_in(name, "default", "en", *name) if isinstance(name, dict) else label_text(name)

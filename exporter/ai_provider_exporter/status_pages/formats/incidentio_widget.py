"""The widget API of incident.io, `/api/v1/summary`: what is going on, without a list of all components.

Described at https://docs.incident.io/status-pages/widget-api (2026-11-22); a page may have it switched off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ai_provider_exporter.model.observation import Component, Incident, Maintenance, MaintenanceStatus, PageStatus
from ai_provider_exporter.status_pages.json_fields import rows_in, section_in, text_in
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues, impact_of

Row = Mapping[str, Any]


def looks_like(document: Row) -> bool:
    return "ongoing_incidents" in document and not {"page_title", "page_url"}.isdisjoint(document)


def parse(document: Row) -> PageStatus:
    unknown = UnknownValues()
    incidents = section_in(document, "ongoing_incidents", unknown)
    under_way = section_in(document, "in_progress_maintenances", unknown)
    planned = section_in(document, "scheduled_maintenances", unknown)
    return PageStatus(
        page_name=text_in(document, "page_title"),
        page_url=text_in(document, "page_url").rstrip("/"),
        components=_components([*incidents, *under_way], unknown),
        incidents=tuple(_incident(row, unknown) for row in incidents),
        maintenances=(
            *(_maintenance(row, MaintenanceStatus.IN_PROGRESS, unknown) for row in under_way),
            *(_maintenance(row, MaintenanceStatus.SCHEDULED, unknown) for row in planned),
        ),
        unknown_words=unknown.count,
        lists_only_trouble=True,
    )


def _components(rows: Iterable[Row], unknown: UnknownValues) -> tuple[Component, ...]:
    """Each affected component once, as bad as the worst that is said of it."""
    worst: dict[str, Component] = {}
    for touched in (touched for row in rows for touched in rows_in(row, "affected_components", unknown)):
        component = Component(
            id=text_in(touched, "id", "name"),
            name=text_in(touched, "name", "id"),
            status=unknown.status(touched.get("current_status")),
            group=text_in(touched, "group_name"),
        )
        previous = worst.get(component.id, component)
        worst[component.id] = max(previous, component, key=lambda one: one.status)
    return tuple(worst.values())


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    return Incident(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=unknown.incident(row.get("status")),
        impact=impact_of([unknown.status(row.get("current_worst_impact"))]),
        updated_at=parse_time(row.get("last_update_at")),
        url=text_in(row, "url"),
        components=_names(row, unknown),
        updates=1 if row.get("last_update_at") else 0,
    )


def _maintenance(row: Row, status: MaintenanceStatus, unknown: UnknownValues) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=status,
        starts_at=parse_time(row.get("started_at")) or parse_time(row.get("starts_at")),
        ends_at=parse_time(row.get("scheduled_end_at")) or parse_time(row.get("ends_at")),
        url=text_in(row, "url"),
        components=_names(row, unknown),
    )


def _names(row: Row, unknown: UnknownValues) -> tuple[str, ...]:
    named = (text_in(touched, "name") for touched in rows_in(row, "affected_components", unknown))
    return tuple(dict.fromkeys(filter(None, named)))

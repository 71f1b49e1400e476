"""What an incident.io page is drawn from: `/proxy/<host>`, and `/proxy/<host>/incidents` for its history.

Only components in `affected_components` are not operational. There is no word for the weight of an incident:
it follows from its component impacts, of which one without a legible `end_at` is still on (`$undefined` is how
React spells a missing one). Updates come oldest first. `resolved` is not final: incidents have been reopened.
Seen on public pages, 2026-03 to 2026-09.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ai_provider_exporter.model.observation import (
    Component,
    Incident,
    Maintenance,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.json_fields import object_in, rows_in, section_in, text_in
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues, impact_of

Row = Mapping[str, Any]


def looks_like(document: Row) -> bool:
    summary = document.get("summary")
    return isinstance(summary, dict) and not {"structure", "ongoing_incidents"}.isdisjoint(summary)


def is_history(document: Row) -> bool:
    """Whether it may be `/proxy/<host>/incidents`; other formats have such a list too."""
    return "incidents" in document and "page" not in document


def parse(document: Row) -> PageStatus:
    """Read the page, or the history of one, which has nothing but incidents and maintenances.

    Raises:
        PageFailure: malformed_response, or components_vanished for a page without any.
    """
    unknown = UnknownValues()
    summary = object_in(document, "summary") or document
    reading = _Reading(summary, unknown)
    rows = section_in(summary, "ongoing_incidents", unknown) or section_in(summary, "incidents", unknown)
    work = [row for row in rows if row.get("type") == "maintenance"]
    work += section_in(summary, "scheduled_maintenances", unknown)
    return PageStatus(
        page_id=text_in(summary, "id"),
        page_name=text_in(summary, "name"),
        page_url=reading.url,
        components=reading.components() if "summary" in document else (),
        incidents=tuple(_incident(row, reading) for row in rows if row.get("type") != "maintenance"),
        maintenances=tuple(_maintenance(row, reading) for row in work),
        unknown_words=unknown.count,
    )


class _Reading:
    """What rows need to know of the rest of the page: names, groups and what is hidden."""

    def __init__(self, summary: Row, unknown: UnknownValues) -> None:
        self.unknown = unknown
        self.url = text_in(summary, "public_url").rstrip("/")
        self._affected = section_in(summary, "affected_components", unknown)
        self.names: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._hidden: set[str] = set()
        for item in section_in(object_in(summary, "structure"), "items", unknown):
            self._place(item)
        for row in section_in(summary, "components", unknown):
            if text_in(row, "id"):
                self.names.setdefault(text_in(row, "id"), text_in(row, "name"))

    def _place(self, item: Row) -> None:
        group = object_in(item, "group")
        members = rows_in(group, "components", self.unknown) if group else [object_in(item, "component")]
        for member in members:
            component_id = text_in(member, "component_id")
            if not component_id:
                continue
            self.names[component_id] = text_in(member, "name")
            self._groups[component_id] = text_in(group, "name")
            if member.get("hidden") is True:
                self._hidden.add(component_id)

    def components(self) -> tuple[Component, ...]:
        """Those that the page shows, and those that it only calls affected."""
        if not self.names:
            raise PageFailure("components_vanished", "the page lists no components; has it moved?")
        affected = {text_in(row, "component_id"): self.unknown.status(current(row)) for row in self._affected}
        affected.pop("", None)
        visible = [component_id for component_id in self.names if component_id not in self._hidden]
        return tuple(
            Component(
                id=component_id,
                name=self.name(component_id),
                status=affected.get(component_id, Status.OPERATIONAL),
                group=self._groups.get(component_id, ""),
            )
            for component_id in dict.fromkeys([*visible, *affected])
        )

    def name(self, component_id: str) -> str:
        return self.names.get(component_id) or component_id


def current(row: Row) -> Any:
    """The word for how a component is now; `status` alone may be how bad it has been."""
    return row.get("current_status") or row.get("status")


def _incident(row: Row, reading: _Reading) -> Incident:
    updates = rows_in(row, "updates", reading.unknown)
    impacts = rows_in(row, "component_impacts", reading.unknown)
    status = reading.unknown.status_of(row.get("status"), _newest(updates).get("to_status", "") if updates else None)
    is_over = status in OVER
    moments = list(_times(updates, "published_at"))
    beginnings = [*moments, *_times([row], "published_at"), *_times(impacts, "start_at")]
    return Incident(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=status,
        impact=impact_of(_weights(row, impacts, is_over=is_over, unknown=reading.unknown)),
        started_at=min(beginnings, default=None),
        updated_at=max(moments, default=None),
        resolved_at=max(moments, default=None) if is_over else None,
        url=f"{reading.url}/incidents/{text_in(row, 'id')}" if reading.url else "",
        components=_touched(row, impacts, reading),
        updates=len(updates),
    )


def _newest(updates: list[dict[str, Any]]) -> Row:
    """By time, one without a time before all others; of two alike the last: updates come oldest first."""
    return max(reversed(updates), key=lambda update: parse_time(update.get("published_at")) or math.inf, default={})


def _weights(row: Row, impacts: list[dict[str, Any]], *, is_over: bool, unknown: UnknownValues) -> list[Status]:
    """How bad its components are by it; of one that is over, how bad they were."""
    if is_over:
        return [UnknownValues().status(impact.get("status")) for impact in impacts]
    if not impacts:
        return [unknown.status(current(touched)) for touched in rows_in(row, "affected_components", unknown)]
    still_on = [impact for impact in impacts if parse_time(impact.get("end_at")) is None]
    return [unknown.status(impact.get("status")) for impact in still_on]


def _maintenance(row: Row, reading: _Reading) -> Maintenance:
    impacts = rows_in(row, "component_impacts", reading.unknown)
    begins = list(_times(impacts, "start_at")) or list(_times([row], "published_at"))
    return Maintenance(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name"),
        status=reading.unknown.maintenance(row.get("status")),
        starts_at=min(begins, default=None),
        ends_at=max(_times(impacts, "end_at"), default=None),
        url=f"{reading.url}/incidents/{text_in(row, 'id')}" if reading.url else "",
        components=_touched(row, impacts, reading),
    )


def _touched(row: Row, impacts: list[dict[str, Any]], reading: _Reading) -> tuple[str, ...]:
    mentioned = [*rows_in(row, "affected_components", reading.unknown), *impacts]
    ids = dict.fromkeys(text_in(mention, "component_id") for mention in mentioned)
    return tuple(dict.fromkeys(reading.name(component_id) for component_id in ids if component_id))


def _times(rows: Iterable[Row], key: str) -> Iterable[float]:
    return filter(None, (parse_time(row.get(key)) for row in rows))

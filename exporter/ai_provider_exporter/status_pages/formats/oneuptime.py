"""OneUptime: `/status-page-api/overview/<id or host>`, what the page itself is drawn from.

Described at https://oneuptime.com/docs/status-pages/public-api (2026-11-22); read with GET, as its server allows
(https://github.com/OneUptime/oneuptime, `StatusPageAPI.ts`, 2026-11-22). Ids and times may be wrapped as
`{"_type": ..., "value": ...}`. What states and severities are called is up to each project: the names that a new
project starts with are known, others are read by what else is said of them, or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    dicts_in,
    named,
    object_in,
    section_in,
    text_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import IMPACT, INCIDENT, MAINTENANCE, STATUS, UnknownValues, plain

_OVERVIEW = "/status-page-api/overview/"
_STATUS = {**STATUS, "offline": Status.MAJOR_OUTAGE}
_INCIDENT = {**INCIDENT, "acknowledged": IncidentStatus.IDENTIFIED}
_IMPACT: dict[str, Impact] = {**IMPACT, **{f"{word}incident": impact for word, impact in IMPACT.items()}}
_PROGRESS = {"isOngoingState": "in progress", "isScheduledState": "scheduled", "isResolvedState": "completed"}


def documents(base: str) -> tuple[DocumentSet, ...]:
    parts = urlsplit(base)
    return ((base,),) if _OVERVIEW in parts.path else document_sets(base, (f"{_OVERVIEW}{parts.hostname}",))


def looks_like(payload: Payload) -> bool:
    return {"monitorStatuses", "statusPageResources"} <= payload.object().keys()


def parse(*payloads: Payload) -> PageStatus:
    reading = _Reading(payloads[0].object(), UnknownValues())
    components = required(reading.components())
    page, overall = reading.of("statusPage"), reading.of("overallStatus")
    incidents = [*reading.rows("activeIncidents"), *reading.rows("activeEpisodes")]
    works = reading.rows("scheduledMaintenanceEvents")
    return PageStatus(
        page_id=_value(page, "_id"),
        page_name=text_in(page, "pageTitle", "name"),
        indicator=_status(overall, reading.unknown) if overall else None,
        components=components,
        incidents=tuple(_incident(row, reading) for row in incidents),
        maintenances=tuple(_maintenance(row, reading) for row in works),
        unknown_words=reading.unknown.count,
    )


class _Reading:
    """The document, and what its rows need to know of the rest of it."""

    def __init__(self, document: Mapping[str, Any], unknown: UnknownValues) -> None:
        self._document, self.unknown = document, unknown
        self._statuses = {_value(row, "_id"): row for row in section_in(document, "monitorStatuses", unknown)}
        self._statuses.pop("", None)
        self._resources = self.rows("statusPageResources")
        self.names = {_monitor(row): _name(row) for row in self._resources if _monitor(row)}
        notes = section_in(document, "incidentPublicNotes", unknown)
        self.updates = Counter(_value(note, "incidentId") for note in notes)

    def of(self, key: str) -> dict[str, Any]:
        return object_in(self._document, key)

    def rows(self, key: str) -> list[Row]:
        return named(section_in(self._document, key, self.unknown), self.unknown, "_id")

    def components(self) -> Iterator[Component]:
        groups = self.of("monitorGroupCurrentStatuses")
        for row in self._resources:
            of_group = _value(groups, _value(row, "monitorGroupId"))
            value = self._statuses.get(_value(dict_in(row, "monitor"), "currentMonitorStatusId") or of_group, {})
            group = text_in(dict_in(row, "statusPageGroup"), "name")
            status = _status(value, self.unknown)
            yield Component(id=_value(row, "_id"), name=_name(row), status=status, group=group)


def _status(row: Row, unknown: UnknownValues) -> Status:
    """By its name; of a name that nobody knows it is at least said whether it is a good one."""
    is_good = row.get("isOperationalState") is True and plain(text_in(row, "name")) not in _STATUS
    return Status.OPERATIONAL if is_good else unknown.status(row.get("name"), _STATUS)


def _incident(row: Row, reading: _Reading) -> Incident:
    begun = parse_time(_value(row, "declaredAt") or _value(row, "createdAt"))
    return Incident(
        id=_value(row, "_id"),
        name=text_in(row, "title"),
        status=reading.unknown.incident(dict_in(row, "currentIncidentState").get("name"), _INCIDENT),
        impact=reading.unknown.impact(dict_in(row, "incidentSeverity").get("name"), _IMPACT),
        started_at=begun,
        updated_at=parse_time(_value(row, "updatedAt")) or begun,
        components=_touched(row, reading),
        updates=reading.updates[_value(row, "_id")],
    )


def _maintenance(row: Row, reading: _Reading) -> Maintenance:
    state = dict_in(row, "currentScheduledMaintenanceState")
    word = next((word for flag, word in _PROGRESS.items() if state.get(flag) is True), state.get("name"))
    return Maintenance(
        id=_value(row, "_id"),
        name=text_in(row, "title"),
        status=reading.unknown.maintenance(word, MAINTENANCE),
        starts_at=parse_time(_value(row, "startsAt")),
        ends_at=parse_time(_value(row, "endsAt")),
        components=_touched(row, reading),
    )


def _touched(row: Row, reading: _Reading) -> tuple[str, ...]:
    """Monitors that the page does not show are not named."""
    return unique(reading.names.get(_value(monitor, "_id"), "") for monitor in dicts_in(row, "monitors"))


def _monitor(row: Row) -> str:
    return _value(dict_in(row, "monitor"), "_id") or _value(row, "monitorId")


def _name(row: Row) -> str:
    return text_in(row, "displayName") or _value(row, "_id")


def _value(row: Row, key: str) -> str:
    value = row.get(key)
    return label_text(value.get("value") if isinstance(value, dict) else value)

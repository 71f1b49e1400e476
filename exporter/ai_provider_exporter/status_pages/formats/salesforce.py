"""Salesforce Trust: `/v1/instances/status/preview`, a list of some 1,500 instances, each with what touches it.

Described at https://api.status.salesforce.com/v1/docs/ (2026-11-22). An instance is a component, its location is the
region. The same incident is in the row of each instance that it touches; it has no title, and is over when each
of its impacts has an end. Of a maintenance only its times tell. Seen 2020-07 and 2026.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dicts_in,
    end_in,
    named,
    rows_in,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.vocabulary import IMPACT, UnknownValues, plain

_STATUS: dict[str, Status] = {
    "ok": Status.OPERATIONAL,
    "minorincidentnoncore": Status.DEGRADED_PERFORMANCE,
    "minorincidentcore": Status.PARTIAL_OUTAGE,
    "majorincidentnoncore": Status.PARTIAL_OUTAGE,
    "majorincidentcore": Status.MAJOR_OUTAGE,
    "maintenancenoncore": Status.UNDER_MAINTENANCE,
    "maintenancecore": Status.UNDER_MAINTENANCE,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/v1/instances/status/preview",))


def looks_like(payload: Payload) -> bool:
    rows = payload.array()
    return bool(rows) and isinstance(rows[0], dict) and {"environment", "Incidents", "Maintenances"} <= rows[0].keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    rows = [row for row in named(payloads[0].rows(unknown), unknown, "key") if row.get("isActive") is not False]
    places = {text_in(row, "key"): text_in(row, "location") for row in rows}
    incidents = named(_each_once(rows_in(row, "Incidents", unknown) for row in rows), unknown, "id")
    works = _each_once(rows_in(row, "Maintenances", unknown) for row in rows)
    return PageStatus(
        components=required(_component(row, unknown) for row in rows),
        incidents=tuple(_incident(row, places, unknown) for row in incidents),
        maintenances=tuple(_maintenance(row) for row in works),
        unknown_words=unknown.count,
    )


def _each_once(lists: Iterable[list[dict[str, object]]]) -> list[Row]:
    """Those without an id are all kept: they are not known to be the same."""
    return list({text_in(row, "id") or str(id(row)): row for row in chain.from_iterable(lists)}.values())


def _component(row: Row, unknown: UnknownValues) -> Component:
    return Component(
        id=text_in(row, "key"),
        name=text_in(row, "key"),
        status=unknown.status(row.get("status"), _STATUS),
        group=text_in(row, "environment"),
        region=text_in(row, "location"),
    )


def _incident(row: Row, places: dict[str, str], unknown: UnknownValues) -> Incident:
    impacts = rows_in(row, "IncidentImpacts", unknown)
    ends = [end_in(impact, "endTime", begun=time_in(impact, "startTime")) for impact in impacts]
    still_on = [impact for impact, end in zip(impacts, ends, strict=True) if end is None]
    is_over = bool(impacts) and not still_on
    touched = _instances(row)
    return Incident(
        id=text_in(row, "id"),
        name=": ".join(unique([text_in(row, "externalId", "id"), *(text_in(impact, "type") for impact in impacts)])),
        status=IncidentStatus.RESOLVED if is_over else IncidentStatus.INVESTIGATING,
        impact=_impact(impacts if is_over else still_on, UnknownValues() if is_over else unknown),
        started_at=min(filter(None, (time_in(impact, "startTime") for impact in impacts)), default=_created_at(row)),
        updated_at=time_in(row, "updatedAt"),
        resolved_at=max(filter(None, ends), default=None) if is_over else None,
        url=f"https://status.salesforce.com/incidents/{text_in(row, 'id')}",
        components=touched,
        regions=unique(places.get(instance, "") for instance in touched),
        updates=len(dicts_in(row, "IncidentEvents")),
    )


def _created_at(row: Row) -> float | None:
    return time_in(row, "createdAt")


def _impact(impacts: Iterable[Row], unknown: UnknownValues) -> Impact:
    weights = [unknown.impact(plain(text_in(impact, "severity")), IMPACT) for impact in impacts]
    return max(weights, key=lambda impact: impact.status, default=Impact.MINOR)


def _instances(row: Row) -> tuple[str, ...]:
    listed = row.get("instanceKeys")
    return unique(label_text(key) for key in listed) if isinstance(listed, list) else ()


def _maintenance(row: Row) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id", "name"),
        name=text_in(row, "name", "id"),
        status=MaintenanceStatus.UNKNOWN,
        starts_at=time_in(row, "plannedStartTime", "startTime"),
        ends_at=time_in(row, "plannedEndTime", "endTime"),
        components=_instances(row),
    )

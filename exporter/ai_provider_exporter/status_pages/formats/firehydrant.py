"""FireHydrant: `/data/payload.json`, all that the page is drawn from, with every incident that it ever had.

Components have no status: it is the worst condition that an incident without a `resolved` time gives them. Conditions
have names of the page's own, which `conditions` translates. Incidents of severity MAINTENANCE are maintenances.
Times of acknowledgement may lie behind the end. Seen on a public page, 2026-03.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    rows_in,
    section_in,
    text_in,
    time_in,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import UnknownValues, plain, unstated_impact

_STATUS: dict[str, Status] = {
    "operational": Status.OPERATIONAL,
    "degraded": Status.DEGRADED_PERFORMANCE,
    "offline": Status.MAJOR_OUTAGE,
}
_SEVERITY: dict[str, Impact] = {
    "sev1": Impact.CRITICAL,
    "sev2": Impact.MAJOR,
    "sev3": Impact.MINOR,
    "sev4": Impact.MINOR,
    "sev5": Impact.MINOR,
    "unset": Impact.MINOR,
}
_STAGE: dict[str, IncidentStatus] = {
    "investigating": IncidentStatus.INVESTIGATING,
    "identified": IncidentStatus.IDENTIFIED,
    "mitigated": IncidentStatus.MONITORING,
    "monitoring": IncidentStatus.MONITORING,
}
_WORK = "maintenance"


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/data/payload.json",))


def looks_like(payload: Payload) -> bool:
    return {"conditions", "components", "incidents"} <= payload.object().keys()


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    if not isinstance(document.get("incidents"), list):
        raise PageFailure("malformed_response", "there is no list of incidents, from which all else follows")
    unknown = UnknownValues()
    conditions = object_in(document, "conditions")
    rows = named(section_in(document, "incidents", unknown), unknown, "id", "title")
    works = [row for row in rows if plain(text_in(row, "severitySlug")) == _WORK]
    incidents = [row for row in rows if row not in works]
    statuses = _component_statuses((row for row in incidents if _ended_at(row) is None), conditions, unknown)
    return PageStatus(
        page_name=text_in(object_in(document, "config"), "companyName", "title"),
        components=required(
            _component(row, statuses) for row in named(section_in(document, "components", unknown), unknown)
        ),
        incidents=tuple(_incident(row, conditions) for row in incidents),
        maintenances=tuple(_maintenance(row) for row in works),
        unknown_words=unknown.count,
    )


def _component_statuses(still_on: Iterable[Row], conditions: Row, unknown: UnknownValues) -> dict[str, Status]:
    """The worst that is said of each component that an open incident names, by id, else by name."""
    worst: dict[str, Status] = {}
    for part in (part for row in still_on for part in rows_in(row, "components", unknown)):
        component, status = text_in(part, "id", "name"), _condition(part, conditions, unknown)
        worst[component] = max(worst.get(component, status), status)
    return worst


def _condition(part: Row, conditions: Row, unknown: UnknownValues) -> Status:
    word = text_in(part, "condition")
    return unknown.status(conditions.get(word, word), _STATUS)


def _component(row: Row, statuses: Mapping[str, Status]) -> Component:
    component_id, name = text_in(row, "id", "name"), text_in(row, "name", "id")
    status = statuses.get(component_id, statuses.get(name, Status.OPERATIONAL))
    return Component(id=component_id, name=name, status=status)


def _incident(row: Row, conditions: Row) -> Incident:
    timeline = dicts_in(row, "timeline")
    begun, ended = _begun_at(row), _ended_at(row)
    moments = [moment for entry in timeline if (moment := time_in(entry, "occurredAt", "time"))]
    return Incident(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=_stage(row) if ended is None else IncidentStatus.RESOLVED,
        impact=_impact(row, conditions),
        started_at=begun,
        updated_at=max(moments, default=ended or begun),
        resolved_at=ended,
        components=names_in(dicts_in(row, "components")),
        updates=len(timeline),
    )


def _impact(row: Row, conditions: Row) -> Impact:
    """By its severity; those of an organization's own making weigh as much as what they touch."""
    touched = [_condition(part, conditions, UnknownValues()) for part in dicts_in(row, "components")]
    return _SEVERITY.get(plain(text_in(row, "severitySlug"))) or unstated_impact(touched)


def _stage(row: Row) -> IncidentStatus:
    """The last milestone that it has reached and that is a stage."""
    milestones = (stone for phase in dicts_in(row, "lifecyclePhases") for stone in dicts_in(phase, "milestones"))
    reached = [stone for stone in milestones if time_in(stone, "occurredAt") and _is_stage(stone)]
    newest: Row = max(reached, key=lambda stone: time_in(stone, "occurredAt") or 0.0, default={})
    return _STAGE.get(plain(text_in(newest, "slug")), IncidentStatus.INVESTIGATING)


def _is_stage(stone: Row) -> bool:
    return plain(text_in(stone, "slug")) in _STAGE


def _begun_at(row: Row) -> float | None:
    return time_in(dict_in(row, "timestamps"), "started", "detected")


def _ended_at(row: Row) -> float | None:
    return end_in(dict_in(row, "timestamps"), "resolved", begun=_begun_at(row))


def _maintenance(row: Row) -> Maintenance:
    """Until it is over, only its times tell how it stands."""
    ended = _ended_at(row)
    return Maintenance(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=MaintenanceStatus.UNKNOWN if ended is None else MaintenanceStatus.COMPLETED,
        starts_at=_begun_at(row),
        ends_at=ended,
        components=names_in(dicts_in(row, "components")),
    )

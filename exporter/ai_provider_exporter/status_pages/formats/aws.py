"""AWS: the events that its public Health Dashboard shows now, `/public/currentevents`, in UTF-16.

A service is listed only while an event names it: each becomes a component, with its region. Events may stay open
for months in a region that one does not use, so that a configuration must name regions. `[]` means that all is well.
Seen at https://health.aws.amazon.com, 2026-03 to 2026-10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.assembly import all_operational, stage_in_text, worst_of_each
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    dicts_in,
    end_in,
    named,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues

_PAGE = "https://health.aws.amazon.com/health/status"
_RESOLVED, _INFORMATION, _DEGRADATION, _DISRUPTION = "0", "1", "2", "3"
_STATUS: dict[str, Status] = {
    _RESOLVED: Status.OPERATIONAL,
    _INFORMATION: Status.OPERATIONAL,
    _DEGRADATION: Status.DEGRADED_PERFORMANCE,
    _DISRUPTION: Status.MAJOR_OUTAGE,
}
_IMPACT: dict[str, Impact] = {
    _RESOLVED: Impact.NONE,
    _INFORMATION: Impact.NONE,
    _DEGRADATION: Impact.MINOR,
    _DISRUPTION: Impact.MAJOR,
}
_REGION = re.compile(r"-([a-z]{2}(?:-[a-z]{1,20}){1,3}-\d{1,2})$")


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/public/currentevents",))


def looks_like(payload: Payload) -> bool:
    rows = payload.array()
    return bool(rows) and isinstance(rows[0], dict) and {"event_log", "service"} <= rows[0].keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    rows = named(payloads[0].rows(unknown), unknown, "service")
    if unknown.count and not rows:
        raise PageFailure("malformed_response", "no event in the list names a service")
    incidents = tuple(_incident(row, unknown) for row in rows)
    still_on = (row for row, incident in zip(rows, incidents, strict=True) if incident.is_open)
    return PageStatus(
        indicator=all_operational(incidents, unknown),
        components=worst_of_each(_components(still_on, unknown)),
        incidents=incidents,
        unknown_words=unknown.count,
        lists_only_trouble=True,
    )


def _components(rows: Iterable[Row], unknown: UnknownValues) -> Iterator[Component]:
    for row in rows:
        service = text_in(row, "service")
        impacted = dict_in(row, "impacted_services") or {service: {**row, "current": row.get("status")}}
        for key in filter(None, impacted):
            about = dict_in(impacted, key)
            yield Component(
                id=key,
                name=text_in(about, "service_name") or key,
                status=unknown.status(text_in(about, "current"), _STATUS),
                region=_region(row, key),
            )


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    log = dicts_in(row, "event_log")
    newest = log[-1] if log else {}
    begun = time_in(row, "date")
    status = _stage(row, newest, unknown)
    updated_at = time_in(newest, "timestamp") or begun
    region = _region(row, text_in(row, "service"))
    return Incident(
        id=text_in(row, "arn") or f"{text_in(row, 'service')}@{text_in(row, 'date')}",
        name=_name(row),
        status=status,
        impact=_impact(row),
        started_at=begun,
        updated_at=updated_at,
        resolved_at=(end_in(row, "end_time", begun=begun) or updated_at) if status in OVER else None,
        url=_PAGE,
        components=_touched(row),
        regions=(region,) if region else (),
        updates=len(log),
    )


def _name(row: Row) -> str:
    where = text_in(row, "region_name")
    what = f"{text_in(row, 'service_name', 'service')}: {text_in(row, 'summary')}"
    return f"{what} ({where})" if where else what


def _touched(row: Row) -> tuple[str, ...]:
    """What has not recovered yet; if all has, what was touched."""
    impacted = dict_in(row, "impacted_services") or {"": row}
    names = {text_in(dict_in(impacted, key), "service_name") or key: dict_in(impacted, key) for key in impacted}
    ill = unique(name for name, about in names.items() if text_in(about, "current") != _RESOLVED)
    return ill or unique(names)


def _stage(row: Row, newest: Row, unknown: UnknownValues) -> IncidentStatus:
    code = text_in(row, "status")
    stage = IncidentStatus.RESOLVED if code == _RESOLVED else stage_in_text(text_in(newest, "message"))
    return unknown.incident(code, dict.fromkeys(_STATUS, stage))


def _impact(row: Row) -> Impact:
    code = text_in(row, "status")
    is_wide = text_in(row, "service").startswith("multipleservices")
    return Impact.CRITICAL if code == _DISRUPTION and is_wide else _IMPACT.get(code, Impact.NONE)


def _region(row: Row, service: str) -> str:
    """As the service's name ends, else as in the ARN, `arn:aws:health:REGION::event/...`; global ones have none."""
    in_name = _REGION.search(service)
    return in_name[1] if in_name else (*text_in(row, "arn").split(":"), "", "", "", "")[3]

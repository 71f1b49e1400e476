"""Uptime Kuma: a status page by its slug, and beside it the beats of the monitors that it shows.

Made by https://github.com/louislam/uptime-kuma, `status-page-router.js` (2026-11-22). A monitor is as its last beat
says. Of incidents only those that are pinned are listed, of maintenances only those that are going on. Version 1 has
one `incident`, version 2 a list. How bad an incident is, only its colour hints at. The page under a domain of its own
does not tell its slug in its address; the one named `default` is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

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
    dict_in,
    dicts_in,
    merged,
    named,
    object_in,
    ratio,
    rows_in,
    section_in,
    text_in,
    time_in,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_API = "/api/status-page/"
_PAGES = {"status", "status-page"}
_STATUS: dict[str, Status] = {
    "0": Status.MAJOR_OUTAGE,
    "1": Status.OPERATIONAL,
    "2": Status.DEGRADED_PERFORMANCE,  # failing, and asked again before it counts as down
    "3": Status.UNDER_MAINTENANCE,
}
_IMPACT: dict[str, Impact] = {
    **dict.fromkeys(("info", "primary", "light", "dark"), Impact.NONE),
    "warning": Impact.MINOR,
    "danger": Impact.MAJOR,
}
_MAINTENANCE: dict[str, MaintenanceStatus] = {
    "scheduled": MaintenanceStatus.SCHEDULED,
    "undermaintenance": MaintenanceStatus.IN_PROGRESS,
    "ended": MaintenanceStatus.COMPLETED,
    "inactive": MaintenanceStatus.COMPLETED,
    "unknown": MaintenanceStatus.UNKNOWN,  # a word of its own
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    parts = urlsplit(base)
    if _API in parts.path:
        return ((base,),)
    root, slug = _split_path(parts.path)
    return document_sets(parts._replace(path=root).geturl(), (f"{_API}{slug}", f"{_API}heartbeat/{slug}"))


def _split_path(path: str) -> tuple[str, str]:
    """Where the site is, and which of its pages: `/eu/status/acme` is page `acme` of `/eu`."""
    folders = path.rstrip("/").split("/")
    place = next((place for place in (-2, -1) if len(folders) > -place and folders[place] in _PAGES), None)
    if place is None:
        return path, "default"
    return "/".join(folders[:place]), folders[-1] if place == -2 else "default"  # noqa: PLR2004  # the last but one


def looks_like(payload: Payload) -> bool:
    return {"config", "publicGroupList"} <= payload.object().keys()


def parse(*payloads: Payload) -> PageStatus:
    document = merged((payload.object() for payload in payloads), "publicGroupList", "heartbeatList")
    unknown = UnknownValues()
    config = object_in(document, "config")
    one = object_in(document, "incident")
    incidents = [*section_in(document, "incidents", unknown), *([one] if one else [])]
    works = named(section_in(document, "maintenanceList", unknown), unknown)
    return PageStatus(
        page_id=text_in(config, "slug"),
        page_name=text_in(config, "title"),
        components=required(_components(document, unknown)),
        incidents=tuple(_incident(row, unknown) for row in named(incidents, unknown, "id", "title")),
        maintenances=tuple(_maintenance(row, unknown) for row in works),
        unknown_words=unknown.count,
    )


def _components(document: Mapping[str, Any], unknown: UnknownValues) -> Iterator[Component]:
    beats, shares = object_in(document, "heartbeatList"), dict_in(document, "uptimeList")
    for group in named(section_in(document, "publicGroupList", unknown), unknown):
        for row in named(rows_in(group, "monitorList", unknown), unknown):
            monitor_id = text_in(row, "id")
            last = rows_in(beats, monitor_id, unknown)[-1:]
            share = ratio(shares.get(f"{monitor_id}_24"))
            yield Component(
                id=monitor_id,
                name=text_in(row, "name", "id"),
                status=unknown.status(text_in(last[0], "status"), _STATUS) if last else Status.UNKNOWN,
                group=text_in(group, "name"),
                uptime={} if share is None else {"24h": share},
            )


def _incident(row: Row, unknown: UnknownValues) -> Incident:
    is_over = row.get("active") is False
    begun = parse_time(row.get("createdDate"))
    changed = time_in(row, "lastUpdatedDate", "createdDate")
    return Incident(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title", "id"),
        status=IncidentStatus.RESOLVED if is_over else IncidentStatus.INVESTIGATING,
        impact=(UnknownValues() if is_over else unknown).impact(row.get("style"), _IMPACT),
        started_at=begun,
        updated_at=changed,
        resolved_at=changed if is_over else None,
    )


def _maintenance(row: Row, unknown: UnknownValues) -> Maintenance:
    slot: Row = next(iter(dicts_in(row, "timeslotList")), {})
    return Maintenance(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title", "id"),
        status=unknown.maintenance(row.get("status"), _MAINTENANCE),
        starts_at=_local(slot, "startDate", row),
        ends_at=_local(slot, "endDate", row),
    )


def _local(slot: Row, key: str, row: Row) -> float | None:
    """A time as it was written has no offset, one that was reckoned has."""
    text = text_in(slot, key)
    return parse_time(text + text_in(row, "timezoneOffset")) or parse_time(text)

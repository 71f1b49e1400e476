"""OpenStatus: the page's own `/feed/json`, and the one word that its API has for a page.

The word is described at https://docs.openstatus.dev/status-page/widget, the feed is made by
https://github.com/openstatusHQ/openstatus, `feed/json/route.ts` (both 2026-11-22). In the feed only what is watched
has a status; a component that is not is as well as the open reports that name it let it be. A page that does not
exist has the word `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ai_provider_exporter.model.observation import (
    Component,
    Incident,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import Row, named, rows_in, section_in, text_in, time_in, unique
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import OVER, STATUS, UnknownValues, unstated_impact

_FEED, _WORD, _HOSTED = "/feed/json", "https://api.openstatus.dev/public/status/", ".openstatus.dev"
_STATUS: dict[str, Status] = {
    **STATUS,
    "incident": Status.PARTIAL_OUTAGE,  # a monitor is down; which one the word does not say
    "success": Status.OPERATIONAL,
    "info": Status.UNDER_MAINTENANCE,
    "error": Status.MAJOR_OUTAGE,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    if base.startswith(_WORD):
        return ((base,),)
    host = urlsplit(base).hostname or ""
    return document_sets(base, (_FEED,)) + (((_WORD + host.removesuffix(_HOSTED),),) if host.endswith(_HOSTED) else ())


def looks_like(payload: Payload) -> bool:
    return {"monitors", "statusReports", "status"} <= payload.object().keys()


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    if "status" not in document:
        raise PageFailure("malformed_response", "the document does not say how the page is")
    unknown = UnknownValues()
    indicator = unknown.status(document["status"], _STATUS)
    parts = named(section_in(document, "pageComponents", unknown), unknown)
    names = {text_in(row, "id"): text_in(row, "name", "id") for row in parts}
    reports = named(section_in(document, "statusReports", unknown), unknown, "id")
    watched = tuple(_watched(document, parts, unknown))
    statuses = {component.name: component.status for component in watched}
    incidents = tuple(_incident(row, _touched(row, names), statuses, unknown) for row in reports)
    works = named(section_in(document, "maintenances", unknown), unknown, "id")
    return PageStatus(
        page_name=text_in(document, "title"),
        indicator=indicator,
        components=(*watched, *_unwatched(document, parts, incidents)),
        incidents=incidents,
        maintenances=tuple(_maintenance(row, names) for row in works),
        unknown_words=unknown.count,
    )


def _watched(document: Row, parts: list[Row], unknown: UnknownValues) -> Iterator[Component]:
    """One for each monitor, under the name and id that the page shows it by."""
    by_monitor = {text_in(row, "monitorId"): row for row in parts if text_in(row, "monitorId")}
    for row in named(section_in(document, "monitors", unknown), unknown):
        part = by_monitor.get(text_in(row, "id"), row)
        status = unknown.status(row.get("status"), _STATUS)
        yield Component(id=_id(part), name=_name(part), status=status, group=_group(document, part))


def _unwatched(document: Row, parts: Iterable[Row], incidents: tuple[Incident, ...]) -> Iterator[Component]:
    troubled = {name for incident in incidents if incident.is_open for name in incident.components}
    for row in parts:
        if not text_in(row, "monitorId"):
            status = Status.DEGRADED_PERFORMANCE if _name(row) in troubled else Status.OPERATIONAL
            yield Component(id=_id(row), name=_name(row), status=status, group=_group(document, row))


def _incident(row: Row, touched: Iterable[str], statuses: Mapping[str, Status], unknown: UnknownValues) -> Incident:
    """Each update sets the report's own status, also the one that reopens it."""
    updates = rows_in(row, "statusReportUpdates", unknown)
    status = unknown.incident(row.get("status"))
    moments = [moment for update in updates if (moment := time_in(update, "date")) is not None]
    return Incident(
        id=text_in(row, "id"),
        name=text_in(row, "title", "id"),
        status=status,
        impact=unstated_impact(statuses.get(name, Status.UNKNOWN) for name in touched),
        started_at=min(moments, default=None),
        updated_at=max(moments, default=parse_time(row.get("updatedAt"))),
        resolved_at=max(moments, default=None) if status in OVER else None,
        components=tuple(touched),
        updates=len(updates),
    )


def _maintenance(row: Row, names: dict[str, str]) -> Maintenance:
    """How it stands only its times tell."""
    return Maintenance(
        id=text_in(row, "id"),
        name=text_in(row, "name", "id"),
        status=MaintenanceStatus.UNKNOWN,
        starts_at=parse_time(row.get("from")),
        ends_at=parse_time(row.get("to")),
        components=_touched(row, names),
    )


def _touched(row: Row, names: dict[str, str]) -> tuple[str, ...]:
    ids: Any = row.get("pageComponents")
    return unique(names.get(label_text(one), "") for one in ids) if isinstance(ids, list) else ()


def _id(row: Row) -> str:
    return text_in(row, "id", "name")


def _name(row: Row) -> str:
    return text_in(row, "name", "id")


def _group(document: Row, row: Row) -> str:
    groups = rows_in(document, "pageComponentGroups", UnknownValues())
    group_id = text_in(row, "groupId")
    return next((text_in(group, "name") for group in groups if group_id and text_in(group, "id") == group_id), "")

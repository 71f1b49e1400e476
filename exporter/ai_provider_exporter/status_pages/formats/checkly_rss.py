"""Status pages made with Checkly, which publish nothing but `/feed.rss`: https://is.checkly.online/feed.rss.

An item is one update, newest first, and all updates of one event have the URL of it as their guid. The text
begins `Status: STATE` and ends in a list of affected components; what is planned is titled `Maintenance scheduled: ...`
(public readers of it, 2026-10). A saved summary, JSON with the severity of each incident (seen 2026-09), is read too.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import attrgetter

from ai_provider_exporter.model.observation import (
    Impact,
    Incident,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Item, is_xml, plain_text, read_feed
from ai_provider_exporter.status_pages.feeds.incident_only import listed, markup, page_of_incidents
from ai_provider_exporter.status_pages.feeds.incidents import first_published
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    dicts_in,
    named,
    names_in,
    object_in,
    section_in,
    text_in,
    time_in,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import IMPACT, INCIDENT, MAINTENANCE, OVER, UnknownValues, plain

_STATUS = re.compile(r"^Status: {0,9}([A-Za-z]{1,30}(?: [A-Za-z]{1,30})?) {0,9}$", re.MULTILINE)
_WORK = re.compile(r"Maintenance (?P<word>[a-z]{1,30}(?: [a-z]{1,30})?): {0,9}(?P<name>.+)", re.IGNORECASE)
_EVENT = re.compile(r"/(?:incident|maintenance)s?/")
_PAGE: dict[str, Status] = {
    "OPERATIONAL": Status.OPERATIONAL,
    "HAS_ISSUES": Status.DEGRADED_PERFORMANCE,  # how bad, only the incidents say
    "UNDER_MAINTENANCE": Status.UNDER_MAINTENANCE,
}
_IMPACT: dict[str, Impact] = {**IMPACT, "medium": Impact.MINOR}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/feed.rss",))


def looks_like(payload: Payload) -> bool:
    if is_xml(payload):
        return any(_EVENT.search(item.id) and _STATUS.search(_text(item)) for item in read_feed(payload).items)
    document = payload.object()
    return text_in(dict_in(document, "page"), "status") in _PAGE and "activeIncidents" in document


def parse(*payloads: Payload) -> PageStatus:
    return _parse_feed(payloads[0]) if is_xml(payloads[0]) else _parse_summary(payloads[0])


# --- the feed ---------------------------------------------------------------------------------------------


def _parse_feed(payload: Payload) -> PageStatus:
    feed = read_feed(payload)
    events = [list(same) for _, same in groupby(sorted(feed.items, key=attrgetter("id")), key=attrgetter("id"))]
    if events and not any(_STATUS.search(_text(item)) or _WORK.match(item.title) for item in feed.items):
        raise PageFailure(
            "malformed_response", "no item of the feed says how it stands: not the feed of a Checkly page"
        )
    unknown = UnknownValues()
    works = [_maintenance(updates, unknown) for updates in events if _is_work(updates)]
    incidents = [_incident(updates, unknown) for updates in events if not _is_work(updates)]
    return page_of_incidents(feed, incidents, works, unknown=unknown)


def _text(item: Item) -> str:
    return plain_text(markup(item))


def _is_work(updates: list[Item]) -> bool:
    return any(_WORK.match(item.title) or "/maintenance" in item.id for item in updates)


def _newest(updates: list[Item]) -> Item:
    """Of two of the same second the first: the feed has the newest first, and sorting has kept its order."""
    return max(updates, key=lambda item: item.published or 0.0)


def _id(item: Item) -> str:
    return split_url(item.id).path.rpartition("/")[2] or item.id


def _incident(updates: list[Item], unknown: UnknownValues) -> Incident:
    newest = _newest(updates)
    mark = _STATUS.search(_text(newest))
    status = unknown.incident(mark[1] if mark else "", INCIDENT)
    return Incident(
        id=_id(newest),
        name=newest.title,
        status=status,
        impact=Impact.MINOR,
        started_at=first_published(updates),
        updated_at=newest.published,
        resolved_at=newest.published if status in OVER else None,
        url=newest.link,
        components=listed(markup(newest)),
        updates=len(updates),
    )


def _maintenance(updates: list[Item], unknown: UnknownValues) -> Maintenance:
    newest = _newest(updates)
    titled, mark = _WORK.match(newest.title), _STATUS.search(_text(newest))
    states = [plain(word) for word in (mark[1] if mark else "", titled["word"] if titled else "") if word]
    state = next((state for state in states if state in MAINTENANCE), states[0] if states else "")
    return Maintenance(
        id=_id(newest),
        name=titled["name"] if titled else newest.title,
        status=unknown.maintenance(state) if states else MaintenanceStatus.UNKNOWN,
        url=newest.link,
        components=listed(markup(newest)),
    )


# --- the summary ------------------------------------------------------------------------------------------


def _parse_summary(payload: Payload) -> PageStatus:
    document = payload.object()
    if "activeIncidents" not in document:
        raise PageFailure("malformed_response", "the document does not list active incidents")
    page, unknown = object_in(document, "page"), UnknownValues()
    word = text_in(page, "status")
    rows = named(section_in(document, "activeIncidents", unknown), unknown)
    works = named(section_in(document, "activeMaintenances", unknown), unknown)
    unknown.count += word not in _PAGE
    return PageStatus(
        page_name=text_in(page, "name"),
        page_url=text_in(page, "url"),
        indicator=_PAGE.get(word, Status.UNKNOWN),
        incidents=tuple(_summary_incident(row, unknown) for row in rows),
        maintenances=tuple(_summary_maintenance(row, unknown) for row in works),
        unknown_words=unknown.count,
        lists_only_trouble=True,
    )


def _summary_incident(row: Row, unknown: UnknownValues) -> Incident:
    status, updated_at = unknown.incident(row.get("status")), time_in(row, "updatedAt", "startedAt")
    return Incident(
        id=text_in(row, "id"),
        name=text_in(row, "name", "id"),
        status=status,
        impact=unknown.impact(row.get("severity"), _IMPACT),
        started_at=time_in(row, "startedAt"),
        updated_at=updated_at,
        resolved_at=updated_at if status in OVER else None,
        url=text_in(row, "url"),
        components=names_in(dicts_in(row, "affectedServices")),
    )


def _summary_maintenance(row: Row, unknown: UnknownValues) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id"),
        name=text_in(row, "name", "id"),
        status=unknown.maintenance(row.get("status")),
        starts_at=time_in(row, "startsAt", "startedAt"),
        ends_at=time_in(row, "endsAt"),
        url=text_in(row, "url"),
        components=names_in(dicts_in(row, "affectedServices")),
    )

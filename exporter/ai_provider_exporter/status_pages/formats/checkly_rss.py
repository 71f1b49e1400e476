"""Status pages made with Checkly, which publish nothing but `/feed.rss`: https://is.checkly.online/feed.rss.

An item is one update, newest first, and all updates of one event have the address of it as their guid. The text
begins `Status: STATE` and ends in a list of affected components; what is planned is titled `Maintenance scheduled: ...`
(public readers of it, 2026-10).
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import attrgetter

from ai_provider_exporter.model.observation import Impact, Incident, Maintenance, MaintenanceStatus, PageStatus
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Item, plain_text, read_feed
from ai_provider_exporter.status_pages.feeds.incident_only import listed, markup, page_of_notices
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import INCIDENT, MAINTENANCE, OVER, UnknownValues, plain

_STATUS = re.compile(r"^Status:\s*([A-Za-z ]+?)\s*$", re.MULTILINE)
_WORK = re.compile(r"Maintenance (?P<word>[a-z ]+): *(?P<name>.+)", re.IGNORECASE)
_EVENT = re.compile(r"/(?:incident|maintenance)s?/")


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/feed.rss",))


def looks_like(payload: Payload) -> bool:
    return any(_EVENT.search(item.id) and _STATUS.search(_text(item)) for item in read_feed(payload).items)


def parse(*payloads: Payload) -> PageStatus:
    feed = read_feed(payloads[0])
    events = [list(same) for _, same in groupby(sorted(feed.items, key=attrgetter("id")), key=attrgetter("id"))]
    if events and not any(_STATUS.search(_text(item)) or _WORK.match(item.title) for item in feed.items):
        raise PageFailure(
            "malformed_response", "no item of the feed says how it stands: not the feed of a Checkly page"
        )
    unknown = UnknownValues()
    works = [_maintenance(updates, unknown) for updates in events if _is_work(updates)]
    incidents = [_incident(updates, unknown) for updates in events if not _is_work(updates)]
    return page_of_notices(feed, incidents, works, unknown=unknown)


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
    said = _STATUS.search(_text(newest))
    status = unknown.incident(said[1] if said else "", INCIDENT)
    return Incident(
        id=_id(newest),
        name=newest.title,
        status=status,
        impact=Impact.MINOR,
        started_at=min((item.published for item in updates if item.published), default=None),
        updated_at=newest.published,
        resolved_at=newest.published if status in OVER else None,
        url=newest.link,
        components=listed(markup(newest)),
        updates=len(updates),
    )


def _maintenance(updates: list[Item], unknown: UnknownValues) -> Maintenance:
    newest = _newest(updates)
    titled, said = _WORK.match(newest.title), _STATUS.search(_text(newest))
    words = [plain(found) for found in (said[1] if said else "", titled["word"] if titled else "") if found]
    known = next((word for word in words if word in MAINTENANCE), words[0] if words else "")
    return Maintenance(
        id=_id(newest),
        name=titled["name"] if titled else newest.title,
        status=unknown.maintenance(known) if words else MaintenanceStatus.UNKNOWN,
        url=newest.link,
        components=listed(markup(newest)),
    )

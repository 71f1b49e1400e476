"""The feed of IBM Cloud's status page: https://cloud.ibm.com/status/api/notifications/feed.rss.

Described at https://cloud.ibm.com/docs/account?topic=account-viewing-cloud-status; what follows is what public readers
of it say (2026-10). It keeps its past, and most of its items are news. The text of an item ends in labelled lines:
`Type: incident`, `Regions: us-south, eu-de`, `Resources: ...`, `Outage Start:`, `Outage End:`, `Update Time:`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ai_provider_exporter.model.observation import (
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
)
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Item, plain_text, read_feed
from ai_provider_exporter.status_pages.feeds.incident_only import WEEK, feed_at, markup, page_of_incidents, with_items
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.json_fields import unique
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_NEWS = frozenset({"announcement", "release", "security"})
_LABELS = "Type|Regions|Resources|Outage Start|Outage End|Update Time"
_LABEL = re.compile(rf"\b({_LABELS}):")
_REGION = re.compile(r"[a-z]{2}-[a-z]+(?:-\d)?|global")
_STATES: tuple[tuple[re.Pattern[str], IncidentStatus], ...] = (
    (re.compile(r"\b(?:resolved|completed)\b", re.IGNORECASE), IncidentStatus.RESOLVED),
    (re.compile(r"\bmonitoring\b", re.IGNORECASE), IncidentStatus.MONITORING),
    (re.compile(r"\b(?:identified|mitigat\w+)\b", re.IGNORECASE), IncidentStatus.IDENTIFIED),
)


def documents(base: str) -> tuple[DocumentSet, ...]:
    return feed_at(base, "/status/api/notifications/feed.rss")


def looks_like(payload: Payload) -> bool:
    entries = [_entry(item) for item in read_feed(payload).items]
    return any({"Type", "Regions"} <= entry.fields.keys() for entry in entries)


def parse(*payloads: Payload) -> PageStatus:
    feed = read_feed(payloads[0])
    entries = [_entry(item) for item in with_items(feed, "the feed of IBM Cloud")]
    if not any(entry.kind for entry in entries):
        raise PageFailure("malformed_response", "no item of the feed says of which type it is")
    unknown = UnknownValues()
    incidents = [_incident(entry, unknown) for entry in entries if entry.kind not in {*_NEWS, "maintenance", ""}]
    works = (_maintenance(entry) for entry in entries if entry.kind == "maintenance")
    return page_of_incidents(feed, incidents, works, unknown=unknown, forgets_after=WEEK)


@dataclass(frozen=True, slots=True)
class _Entry:
    item: Item
    text: str
    fields: Mapping[str, str]

    @property
    def kind(self) -> str:
        return self.fields.get("Type", "").lower()

    def time(self, label: str) -> float | None:
        return parse_time(self.fields.get(label))

    def list_of(self, label: str) -> tuple[str, ...]:
        return unique(re.split(r"[,\s]+", self.fields.get(label, "")))


def _entry(item: Item) -> _Entry:
    text = plain_text(markup(item))
    _, *parts = _LABEL.split(text)
    return _Entry(item, text, {label: value.strip() for label, value in zip(parts[::2], parts[1::2], strict=True)})


def _incident(entry: _Entry, unknown: UnknownValues) -> Incident:
    """Of a type that is not known, it may be trouble or not: it stays open, and unknown."""
    item, ended_at = entry.item, entry.time("Outage End")
    is_incident = entry.kind == "incident"
    status = IncidentStatus.RESOLVED if ended_at else _state(entry)
    if not is_incident:
        status = unknown.incident(entry.kind)
    is_over = status is IncidentStatus.RESOLVED
    return Incident(
        id=item.id,
        name=item.title,
        status=status,
        impact=Impact.MINOR if is_incident else Impact.NONE,
        started_at=entry.time("Outage Start") or item.published,
        updated_at=entry.time("Update Time") or item.updated,
        resolved_at=(ended_at or item.updated) if is_over else None,
        url=item.link,
        components=entry.list_of("Resources"),
        regions=_regions(entry),
    )


def _maintenance(entry: _Entry) -> Maintenance:
    """Its times are those of the plan, and the clock says where it stands."""
    over = _STATES[0][0].search(entry.item.title)
    return Maintenance(
        id=entry.item.id,
        name=entry.item.title,
        status=MaintenanceStatus.COMPLETED if over else MaintenanceStatus.UNKNOWN,
        starts_at=entry.time("Outage Start"),
        ends_at=entry.time("Outage End"),
        url=entry.item.link,
        components=entry.list_of("Resources"),
    )


def _regions(entry: _Entry) -> tuple[str, ...]:
    regions = tuple(word for word in entry.list_of("Regions") if _REGION.fullmatch(word))
    return () if "global" in regions else regions


def _state(entry: _Entry) -> IncidentStatus:
    """The title's word for it; else that of the first line, which is the newest."""
    first_line = entry.text.partition("\n")[0]
    for mark, status in _STATES:
        if mark.search(entry.item.title) or (status is not IncidentStatus.RESOLVED and mark.search(first_line)):
            return status
    return IncidentStatus.INVESTIGATING

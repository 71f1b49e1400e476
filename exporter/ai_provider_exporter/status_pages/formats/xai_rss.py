"""The feed of xAI's status page, the one part of it that is not walled off: https://status.x.ai/feed.xml.

It keeps its past, about a hundred items. A title is `[SURFACE] WHAT` or `[SURFACE (REGION.api.x.ai)] WHAT`, and one
outage is filed once for each surface and region. Two categories say how bad it is (`available` once it is over) and
how it stands; so does the description, which ends with `Resolved: TIME` (public readers of it, 2026-09-03).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ai_provider_exporter.model.observation import Component, Incident, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Item, plain_text, read_feed
from ai_provider_exporter.status_pages.feeds.incident_only import feed_at, page_of_incidents, with_items
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.json_fields import unique
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues, unstated_impact

SAME_OUTAGE = 600.0  # seconds between the starts of two items of one name that are one outage

_STATES: dict[str, IncidentStatus] = {
    "active": IncidentStatus.INVESTIGATING,
    "investigating": IncidentStatus.INVESTIGATING,
    "identified": IncidentStatus.IDENTIFIED,
    "monitoring": IncidentStatus.MONITORING,
    "resolved": IncidentStatus.RESOLVED,
}
_SEVERITIES: dict[str, Status] = {
    "available": Status.OPERATIONAL,
    "degraded": Status.DEGRADED_PERFORMANCE,
    "disruption": Status.PARTIAL_OUTAGE,
    "outage": Status.MAJOR_OUTAGE,
}
_TITLE = re.compile(r"\[(?P<surface>[^\]]{1,200})\] {0,9}(?P<name>.+)")
_REGION = re.compile(r" \((?P<region>[a-z0-9-]{1,40})\.api\.x\.ai\)$")
_STATE = re.compile(r"Status:\s{0,9}(\w{1,40})")
_SEVERITY = re.compile(r"Severity:\s{0,9}(\w{1,40})")
_RESOLVED = re.compile(r"^Resolved: {0,9}(.{1,64})$", re.MULTILINE)


def documents(base: str) -> tuple[DocumentSet, ...]:
    return feed_at(base, "/feed.xml")


def looks_like(payload: Payload) -> bool:
    return any(_is_ours(item) for item in read_feed(payload).items)


def parse(*payloads: Payload) -> PageStatus:
    feed = read_feed(payloads[0])
    items = with_items(feed, "the feed of xAI")
    if not any(map(_is_ours, items)):
        raise PageFailure("malformed_response", "no item of the feed is written as xAI writes them")
    unknown = UnknownValues()
    filings = [_filing(item, unknown) for item in items]
    components = [filing.component for filing in filings if filing.is_open and filing.surface]
    return page_of_incidents(feed, map(_incident, _outages(filings)), components=components, unknown=unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filing:
    """What one item says of one surface, perhaps in one region."""

    item: Item
    name: str
    surface: str
    region: str
    state: IncidentStatus
    severity: Status
    resolved_at: float | None

    @property
    def is_open(self) -> bool:
        return self.state is not IncidentStatus.RESOLVED

    @property
    def started_at(self) -> float:
        return self.item.published or 0.0

    @property
    def component(self) -> Component:
        place = f"{self.surface} ({self.region})" if self.region else self.surface
        return Component(id=place, name=self.surface, region=self.region, status=self.severity)


def _is_ours(item: Item) -> bool:
    return _TITLE.match(item.title) is not None and not set(item.categories).isdisjoint({*_SEVERITIES, *_STATES})


def _filing(item: Item, unknown: UnknownValues) -> _Filing:
    title, text = _TITLE.match(item.title), plain_text(item.html)
    surface = title["surface"] if title else ""
    region = _REGION.search(surface)
    state = unknown.incident(_word(item, _STATES, _STATE, text), _STATES)
    resolved = _RESOLVED.search(text)
    return _Filing(
        item=item,
        name=title["name"] if title else item.title,
        surface=surface[: region.start()] if region else surface,
        region=region["region"] if region else "",
        state=state,
        severity=(UnknownValues() if state is IncidentStatus.RESOLVED else unknown).status(
            _word(item, _SEVERITIES, _SEVERITY, text), _SEVERITIES
        ),
        resolved_at=parse_time(resolved[1]) if resolved else None,
    )


def _word(item: Item, table: Iterable[str], mark: re.Pattern[str], text: str) -> str:
    """The category that is one of the known words, else the word that the description has for it."""
    match = mark.search(text)
    return next(
        (word for category in item.categories if (word := category.lower()) in table), match[1] if match else ""
    )


def _outages(filings: list[_Filing]) -> Iterator[list[_Filing]]:
    """Filings of one name that began about the same time."""
    same: list[_Filing] = []
    for filing in sorted(filings, key=lambda filing: (filing.name, filing.started_at, filing.item.id)):
        if same and (same[0].name != filing.name or filing.started_at - same[0].started_at > SAME_OUTAGE):
            yield same
            same = []
        same.append(filing)
    yield same


def _incident(filings: list[_Filing]) -> Incident:
    """Known by its first filing; on as long as one of them is, and as bad as the worst of those."""
    first, still_on = filings[0], [filing for filing in filings if filing.is_open]
    resolved_at = max((f.resolved_at or f.started_at for f in filings), default=None)
    return Incident(
        id=first.item.id,
        name=first.name,
        status=still_on[0].state if still_on else IncidentStatus.RESOLVED,
        impact=unstated_impact(filing.severity for filing in still_on or filings),
        started_at=first.item.published,
        updated_at=max(f.item.updated or 0.0 for f in filings) or None,
        resolved_at=None if still_on else resolved_at,
        url=first.item.link,
        components=unique(filing.surface for filing in filings),
        regions=unique(filing.region for filing in filings) if all(filing.region for filing in filings) else (),
        updates=len(filings),
    )

"""The feeds of the AWS Health Dashboard: one of everything, and one for each service and region.

Such as https://status.aws.amazon.com/rss/bedrock-us-east-1.rss (public readers of them, 2026-11-22). An item is one
update: its guid ends in `#SERVICE-REGION_EPOCH`, its title begins with how bad it is, or that it is over, and goes on
with what is the same in all updates of an event. Without items all is well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item, read_feed
from ai_provider_exporter.status_pages.feeds.incident_only import page_of_notices
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_HOST = "status.aws.amazon.com"
_PREFIX = re.compile(r"(\[resolved\]|[a-z ]+:)\s*", re.IGNORECASE)
_OVER = frozenset({"[resolved]", "resolved:", "service is operating normally:"})
_LEVELS: dict[str, Impact] = {
    "informational message:": Impact.NONE,
    "service degradation:": Impact.MINOR,
    "performance issues:": Impact.MINOR,
    "service impact:": Impact.MAJOR,
    "service disruption:": Impact.MAJOR,
}
_MANY_SERVICES = "multipleservices"
_PLACE = re.compile(r"#(?P<key>[^#]+?)_\d+$")
_REGION = re.compile(r"-(?P<region>(?:[a-z]{2}|us-gov|us-iso[a-z]?)-[a-z]+-\d)$")


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/rss/all.rss",), also=(".rss",))


def looks_like(payload: Payload) -> bool:
    return _is_ours(read_feed(payload))


def parse(*payloads: Payload) -> PageStatus:
    feed = read_feed(payloads[0])
    if not _is_ours(feed):
        raise PageFailure("malformed_response", f"the feed {feed.title!r} is not one of the AWS Health Dashboard")
    events = [_incident(updates) for updates in _events(map(_update, feed.items))]
    components = (_component(incident) for incident in events if incident.is_open and incident.components)
    return page_of_notices(feed, events, components=components, unknown=UnknownValues())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    """`key` is the service with its region, as AWS writes them; `impact` is None if the title does not say."""

    key: str
    name: str
    is_over: bool
    impact: Impact | None
    item: Item

    @property
    def event(self) -> tuple[str, str]:
        return self.key, self.name

    @property
    def at(self) -> float:
        return self.item.published or 0.0


def _is_ours(feed: Feed) -> bool:
    return split_url(feed.link).hostname == _HOST or feed.title.endswith(" Service Status")


def _update(item: Item) -> _Update:
    place = _PLACE.search(item.id)
    prefixes, name = _taken_apart(item.title)
    levels = [_LEVELS[prefix] for prefix in prefixes if prefix in _LEVELS]
    return _Update(
        key=place["key"] if place else "",
        name=name,
        is_over=not _OVER.isdisjoint(prefixes),
        impact=levels[0] if levels else None,
        item=item,
    )


def _taken_apart(title: str) -> tuple[list[str], str]:
    """The known prefixes of a title, in whatever order, and the rest."""
    prefixes: list[str] = []
    while (found := _PREFIX.match(title)) and (word := found[1].lower()) in {*_OVER, *_LEVELS}:
        prefixes.append(word)
        title = title[found.end() :]
    return prefixes, title


def _events(updates: Iterable[_Update]) -> Iterator[list[_Update]]:
    """The updates of each event, oldest first; what comes under the same name after the end is another event."""
    same: list[_Update] = []
    for update in sorted(updates, key=attrgetter("event", "at")):
        if same and (same[-1].event != update.event or (same[-1].is_over and not update.is_over)):
            yield same
            same = []
        same.append(update)
    if same:
        yield same


def _incident(told: list[_Update]) -> Incident:
    """One event: its newest update says whether it is over, the newest that says so how bad it is."""
    newest = told[-1]
    service, region = _split(newest.key)
    return Incident(
        id=f"{newest.key}_{told[0].at:.0f}" if newest.key else newest.item.id,
        name=newest.name,
        status=IncidentStatus.RESOLVED if newest.is_over else IncidentStatus.INVESTIGATING,
        impact=_impact(told, service),
        started_at=told[0].item.published,
        updated_at=newest.item.published,
        resolved_at=newest.item.published if newest.is_over else None,
        url=newest.item.link,
        components=(service,) if service not in {"", _MANY_SERVICES} else (),  # none named: about all of them
        regions=(region,) if region else (),
        updates=len(told),
    )


def _impact(told: Iterable[_Update], service: str) -> Impact:
    said = [update.impact for update in told if update.impact is not None]
    impact = said[-1] if said else Impact.MINOR
    return Impact.CRITICAL if service == _MANY_SERVICES and impact is Impact.MAJOR else impact


def _component(incident: Incident) -> Component:
    (service,), region = incident.components, "".join(incident.regions)
    place = f"{service}-{region}" if region else service
    return Component(id=place, name=service, region=region, status=incident.impact.status)


def _split(key: str) -> tuple[str, str]:
    """`bedrock-us-east-1` -> `bedrock`, `us-east-1`; a service without a region is everywhere."""
    region = _REGION.search(key)
    return (key[: region.start()], region["region"]) if region else (key, "")

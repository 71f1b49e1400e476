"""The feeds of the AWS Health Dashboard: one of everything, and one for each service and region.

Such as https://status.aws.amazon.com/rss/bedrock-us-east-1.rss (public readers of them, 2026-11-22). An item is one
update: its guid ends in `#SERVICE-REGION_EPOCH`, its title begins with how bad it is, or that it is over, and goes on
with what is mostly the same in all updates of an event. Feeds of Asian regions have titles in two languages, English
last. Some events are written down when they are over, and say so in the text alone. Without items all is well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item, plain_text, read_feed
from ai_provider_exporter.status_pages.feeds.incident_only import MONTH, ended_in, markup, page_of_incidents
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_HOST = "status.aws.amazon.com"
_PREFIX = re.compile(r"([a-z ]{1,40}:) {0,9}", re.IGNORECASE)
_BRACKETS = re.compile(r"[\[【]([^\[\]【】]{1,40})[\]】]")
_RESOLVED = ("resolved", "解決", "解决", "해결", "résolu", "resuelto", "resolvido", "gelöst", "behoben")
_NORMAL = "service is operating normally:"
_OVER = frozenset({"resolved:", _NORMAL})
_LEVELS: dict[str, Impact] = {
    "informational message:": Impact.NONE,
    "service degradation:": Impact.MINOR,
    "performance issues:": Impact.MINOR,
    "service impact:": Impact.MAJOR,
    "service disruption:": Impact.MAJOR,
}
_MANY_SERVICES = "multipleservices"
_PLACE = re.compile(r"#(?P<key>[^#]{1,100})_\d{1,15}$")
_REGION = re.compile(r"-(?P<region>(?:[a-z]{2}|us-gov|us-iso[a-z]?)-[a-z]{1,20}-\d)$")
_WORD = re.compile(r"\w{4,40}")
_SAME = 0.5  # of the words of the shorter of two titles are in both: one event, titled anew


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/rss/all.rss",), also=(".rss",))


def looks_like(payload: Payload) -> bool:
    return _is_ours(read_feed(payload))


def parse(*payloads: Payload) -> PageStatus:
    feed = read_feed(payloads[0])
    if not _is_ours(feed):
        raise PageFailure("malformed_response", f"the feed {feed.title!r} is not one of the AWS Health Dashboard")
    events = [_incident(event.updates) for event in _events(map(_update, feed.items))]
    components = (_component(incident) for incident in events if incident.is_open and incident.components)
    return page_of_incidents(feed, events, components=components, unknown=UnknownValues(), forgets_after=MONTH)


def _is_ours(feed: Feed) -> bool:
    return split_url(feed.link).hostname == _HOST or feed.title.endswith(" Service Status")


# --- updates ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    """`key` is the service with its region, as AWS writes them; `impact` is None if the title does not say.

    `is_normal`: it says that the service as a whole is well, not only that this event is over.
    """

    key: str
    name: str
    is_over: bool
    is_normal: bool
    impact: Impact | None
    item: Item

    @property
    def at(self) -> float:
        return self.item.published or 0.0


def _update(item: Item) -> _Update:
    place = _PLACE.search(item.id)
    prefixes, name = _split_title(item.title)
    brackets = [mark.lower() for mark in _BRACKETS.findall(item.title)]
    is_marked = any(word in mark for mark in brackets for word in _RESOLVED)
    levels = [_LEVELS[prefix] for prefix in prefixes if prefix in _LEVELS]
    return _Update(
        key=place["key"] if place else "",
        name=name,
        is_over=is_marked or not _OVER.isdisjoint(prefixes) or ended_in("", plain_text(markup(item))),
        is_normal=_NORMAL in prefixes,
        impact=levels[0] if levels else None,
        item=item,
    )


def _split_title(title: str) -> tuple[list[str], str]:
    """The prefixes that are in our tables, and the name in English, without marks in brackets."""
    prefixes: list[str] = []
    name = _BRACKETS.sub(" ", title).rpartition("|")[2].strip()
    for text in (_BRACKETS.sub(" ", title).strip(), name):
        rest = text
        while (prefix := _PREFIX.match(rest)) and prefix[1].lower() in {*_OVER, *_LEVELS}:
            prefixes.append(prefix[1].lower())
            rest = rest[prefix.end() :]
    return prefixes, " ".join(rest.split())


# --- events -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Event:
    """Updates of one event, oldest first."""

    updates: list[_Update]

    @property
    def is_over(self) -> bool:
        return self.updates[-1].is_over

    def is_ended_by(self, update: _Update) -> bool:
        """Whether an end that does not bear its name is its end: of the whole service, or of much the same title."""
        return update.is_over and (update.is_normal or _is_similar(self.updates[-1].name, update.name))


def _events(updates: Iterable[_Update]) -> Iterator[_Event]:
    """The events of each service; what comes under the same name after the end is another event."""
    newest_last = list(updates)[::-1]
    oldest_first = sorted(newest_last, key=attrgetter("key", "at"))
    for _, of_service in groupby(oldest_first, key=attrgetter("key")):
        events: list[_Event] = []
        for update in of_service:
            still_on = [event for event in events if not event.is_over]
            same = [event for event in still_on if event.updates[-1].name == update.name]
            continued = same or [event for event in still_on if event.is_ended_by(update)]
            for event in continued:
                event.updates.append(update)
            if not continued:
                events.append(_Event([update]))
        yield from events


def _is_similar(one: str, other: str) -> bool:
    words, others = (set(_WORD.findall(name.lower())) for name in (one, other))
    return bool(words and others) and len(words & others) >= _SAME * min(len(words), len(others))


def _incident(updates: list[_Update]) -> Incident:
    """One event: its newest update says whether it is over, the newest that says so how bad it is."""
    newest = updates[-1]
    service, region = _split(newest.key)
    return Incident(
        id=f"{newest.key}_{updates[0].at:.0f}" if newest.key else newest.item.id,
        name=updates[0].name,
        status=IncidentStatus.RESOLVED if newest.is_over else IncidentStatus.INVESTIGATING,
        impact=_impact(updates, service),
        started_at=updates[0].item.published,
        updated_at=newest.item.published,
        resolved_at=newest.item.published if newest.is_over else None,
        url=newest.item.link,
        components=(service,) if service not in {"", _MANY_SERVICES} else (),  # none named: about all of them
        regions=(region,) if region else (),
        updates=len(updates),
    )


def _impact(updates: Iterable[_Update], service: str) -> Impact:
    levels = [update.impact for update in updates if update.impact is not None]
    impact = levels[-1] if levels else Impact.MINOR
    return Impact.CRITICAL if service == _MANY_SERVICES and impact is Impact.MAJOR else impact


def _component(incident: Incident) -> Component:
    (service,), region = incident.components, "".join(incident.regions)
    place = f"{service}-{region}" if region else service
    return Component(id=place, name=service, region=region, status=incident.impact.status)


def _split(key: str) -> tuple[str, str]:
    """`bedrock-us-east-1` -> `bedrock`, `us-east-1`; a service without a region is everywhere."""
    region = _REGION.search(key)
    return (key[: region.start()], region["region"]) if region else (key, "")

"""What the feed of a page says: incidents and maintenances, each with the page's own word for how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ai_provider_exporter.model.observation import (
    Component,
    Incident,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.feeds.grouping import by_incident
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import MAINTENANCE, OVER, UnknownValues, plain, unstated_impact


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """How an item stands: `word` is the page's own, `components` are its words for those it names."""

    word: str
    components: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    updates: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedIncident:
    """The items of one incident or maintenance, newest first, and how it stands by the newest that says so."""

    items: tuple[Item, ...]
    state: ItemState

    @property
    def newest(self) -> Item:
        return self.items[0]

    @property
    def maintenance(self) -> MaintenanceStatus | None:
        """None if it is an incident."""
        return MAINTENANCE.get(plain(self.state.word))

    @property
    def is_current(self) -> bool:
        """Whether what it says of components is about the present."""
        if self.maintenance is not None:
            return self.maintenance not in {MaintenanceStatus.SCHEDULED, MaintenanceStatus.COMPLETED}
        return UnknownValues().incident(self.state.word) not in OVER

    @property
    def id(self) -> str:
        """The last part of its URL, which is its id in the JSON of the same page; else the feed's own id."""
        return split_url(self.newest.link).path.rpartition("/")[2] or self.newest.id


def page_of(feed: Feed, state_of: Callable[[Item], ItemState]) -> PageStatus:
    """The page whose history `feed` is; `state_of` finds the marks that a format leaves in its items.

    A feed names only what is or was broken. It has no impacts: an incident weighs as much as the worst component
    that it names, and `minor` if it names none, the least that is not nothing. Without any item it is unknown.

    Raises:
        PageFailure: malformed_response if there are items and none of them says how it stands.
    """
    incidents = [_feed_incident(items, state_of) for items in by_incident(feed)]
    if incidents and not any(incident.state.word for incident in incidents):
        raise PageFailure("malformed_response", "no item of the feed says how it stands: not this format's feed")
    unknown = UnknownValues()
    unknown.count += not feed.items  # of a new page, or broken
    return PageStatus(
        page_name=feed.title,
        page_url=_site(feed),
        components=_components(incidents, unknown),
        incidents=tuple(_incident(one, unknown) for one in incidents if one.maintenance is None),
        maintenances=tuple(_maintenance(one, one.maintenance) for one in incidents if one.maintenance is not None),
        unknown_words=unknown.count,
        lists_only_trouble=True,
    )


def _feed_incident(items: list[Item], state_of: Callable[[Item], ItemState]) -> FeedIncident:
    states = [state_of(item) for item in items]
    return FeedIncident(items=tuple(items), state=next((state for state in states if state.word), states[0]))


def _incident(incident: FeedIncident, unknown: UnknownValues) -> Incident:
    state, newest = incident.state, incident.newest
    status = unknown.incident(state.word)
    return Incident(
        id=incident.id,
        name=newest.title,
        status=status,
        impact=unstated_impact(UnknownValues().status(word) for word in state.components.values()),
        started_at=first_published(incident.items),
        updated_at=newest.updated,
        resolved_at=newest.updated if status in OVER else None,
        url=newest.link,
        components=tuple(state.components),
        updates=max(state.updates, len(incident.items) if len(incident.items) > 1 else 0),
    )


def first_published(items: Iterable[Item]) -> float | None:
    return min((item.published for item in items if item.published is not None), default=None)


def _maintenance(incident: FeedIncident, status: MaintenanceStatus) -> Maintenance:
    return Maintenance(
        id=incident.id,
        name=incident.newest.title,
        status=status,
        url=incident.newest.link,
        components=tuple(incident.state.components),
    )


def _components(incidents: Iterable[FeedIncident], unknown: UnknownValues) -> tuple[Component, ...]:
    """Those that current incidents name, each as bad as the worst of them says."""
    worst: dict[str, Status] = {}
    for incident in incidents:
        for name, word in incident.state.components.items() if incident.is_current else ():
            worst[name] = max(worst.get(name, Status.UNKNOWN), unknown.status(word))
    return tuple(Component(id=name, name=name, status=status) for name, status in worst.items())


def _site(feed: Feed) -> str:
    addresses = (feed.link, *(item.link for item in feed.items))
    sites = (split_url(address)._replace(path="", query="", fragment="") for address in addresses if address)
    return next((site.geturl() for site in sites if site.netloc), "")

"""What a feed can tell of a page: stories of incidents and maintenances, each with a word for how it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import MAINTENANCE, OVER, UnknownValues, plain, unstated_impact


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How an item stands: `word` is the page's own, `components` are its words for those it names."""

    word: str
    components: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    updates: int = 0


def page_of(feed: Feed, tell: Callable[[Item], Story]) -> PageStatus:
    """The page whose history `feed` is; `tell` finds the marks that a format leaves in its items.

    A feed names only what is or was broken. It has no impacts: an incident weighs as much as the worst component
    that it names, and `minor` if it names none, the least that is not nothing.

    Raises:
        PageFailure: malformed_response if there are items and none of them says how it stands.
    """
    told = [(item, tell(item)) for item in feed.items]
    if told and not any(story.word for _, story in told):
        raise PageFailure("malformed_response", "no item of the feed says how it stands: not this format's feed")
    unknown = UnknownValues()
    return PageStatus(
        page_name=feed.title,
        page_url=_site(feed),
        components=_components(told, unknown),
        incidents=tuple(_incident(item, story, unknown) for item, story in told if not _is_work(story)),
        maintenances=tuple(_maintenance(item, story) for item, story in told if _is_work(story)),
        unknown_words=unknown.count,
        lists_only_trouble=True,
    )


def _is_work(story: Story) -> bool:
    return _work_word(story) in MAINTENANCE


def _work_word(story: Story) -> str:
    return plain(story.word).removeprefix("maintenance")


def _incident(item: Item, story: Story, unknown: UnknownValues) -> Incident:
    status = unknown.incident(story.word)
    return Incident(
        id=_id(item),
        name=item.title,
        status=status,
        impact=unstated_impact(UnknownValues().status(word) for word in story.components.values()),
        started_at=item.published,
        updated_at=item.updated,
        resolved_at=item.updated if status in OVER else None,
        url=item.link,
        components=tuple(story.components),
        updates=story.updates,
    )


def _maintenance(item: Item, story: Story) -> Maintenance:
    return Maintenance(
        id=_id(item),
        name=item.title,
        status=MAINTENANCE[_work_word(story)],
        url=item.link,
        components=tuple(story.components),
    )


def _components(told: list[tuple[Item, Story]], unknown: UnknownValues) -> tuple[Component, ...]:
    """Those that the open stories name, each as bad as the worst of them says."""
    worst: dict[str, Status] = {}
    for _, story in told:
        for name, word in story.components.items() if _is_on(story) else ():
            worst[name] = max(worst.get(name, Status.UNKNOWN), unknown.status(word))
    return tuple(Component(id=name, name=name, status=status) for name, status in worst.items())


def _is_on(story: Story) -> bool:
    """Whether what it says of components is about the present."""
    if _is_work(story):
        return MAINTENANCE[_work_word(story)] not in {MaintenanceStatus.SCHEDULED, MaintenanceStatus.COMPLETED}
    return UnknownValues().incident(story.word) not in OVER


def _id(item: Item) -> str:
    """The last part of its address, which is its id in the JSON of the same page; else the feed's own id."""
    return split_url(item.link).path.rpartition("/")[2] or item.id


def _site(feed: Feed) -> str:
    addresses = (feed.link, *(item.link for item in feed.items))
    sites = (split_url(address)._replace(path="", query="", fragment="") for address in addresses if address)
    return next((site.geturl() for site in sites if site.netloc), "")

"""Incident-only feeds, of single vendors and of no known make: they list trouble and nothing else.

Such a feed says neither how bad it is nor which components there are, so both are read as little as can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import all_operational, worst_of_each
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item, plain_text
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

WEEK = 7 * 86400.0  # seconds without news after which an incident that nobody has closed is forgotten
MONTH = 30 * 86400.0  # the same, for a vendor that closes its incidents and misses some
MAX_PAIRS = 500  # of service and region; beyond them regions are left out

_SEVERE = re.compile(r"\b(?:outage|unavailable|down)\b", re.IGNORECASE)
_OVER_TITLE = re.compile(
    r"[\[(]\s?(?:resolved|mitigated|解決済み?|已解决)\s?[\])]|^\W{0,3}(?:resolved|mitigated)\b", re.IGNORECASE
)
_OVER_TEXT = re.compile(
    r"\b(?:issue|event|problem|incident) (?:has been|is|was) (?:now |fully |completely ){0,2}(?:resolved|mitigated)\b"
    r"(?! (?:for (?:most|many|some|the majority|a)|in (?:most|some|one|two|part))\b)"
    r"|\b(?:the service is|all services are) (?:now )?operating normally\b",
    re.IGNORECASE,
)
_LIST_ITEM = re.compile(r"<li\b[^<>]{0,200}>", re.IGNORECASE)
_LIST_ITEM_END = re.compile(r"</li\b|</?[uo]l\b", re.IGNORECASE)
_MAX_LISTED = 100


def feed_at(base: str, path: str) -> tuple[DocumentSet, ...]:
    """The feed at `path` of a bare host; an address with a path of its own is taken as it is."""
    return document_sets(base, (path,)) if split_url(base).path in {"", "/"} else ((base,),)


def page_of_incidents(
    feed: Feed,
    incidents: Iterable[Incident],
    maintenances: Iterable[Maintenance] = (),
    *,
    components: Iterable[Component] = (),
    unknown: UnknownValues,
    forgets_after: float | None = None,
) -> PageStatus:
    """A page that names nothing but trouble. `components` left out: those of the open incidents, as bad as these."""
    listed = tuple(incidents)
    named = tuple(components) or tuple(_touched(listed))
    return PageStatus(
        page_name=feed.title,
        indicator=all_operational(listed, unknown),
        components=worst_of_each(named),
        incidents=listed,
        maintenances=tuple(maintenances),
        unknown_words=unknown.count,
        lists_only_trouble=True,
        forgets_after=forgets_after,
    )


def weight(text: str) -> Impact:
    """How bad what the text tells of is: `major` if it says so, else the least that is not nothing."""
    return Impact.MAJOR if _SEVERE.search(text) else Impact.MINOR


def ended_in(title: str, text: str) -> bool:
    """Whether an event is over, in its title or in plain words; not where that holds for a part, or is to come."""
    return _OVER_TITLE.search(title) is not None or _OVER_TEXT.search(text) is not None


def markup(item: Item) -> str:
    """The HTML of an item, also of one that was escaped twice."""
    return unescape(item.html) if "<" not in item.html else item.html


def listed(html: str) -> tuple[str, ...]:
    """The texts of the items of its lists."""
    _, *parts = _LIST_ITEM.split(html)
    texts = (plain_text(_LIST_ITEM_END.split(part, maxsplit=1)[0]) for part in parts[:_MAX_LISTED])
    return tuple(filter(None, texts))


def with_items(feed: Feed, whose: str) -> tuple[Item, ...]:
    """Its items.

    Raises:
        PageFailure: empty_answer if there are none, in a feed that keeps its past and is never without.
    """
    if not feed.items:
        raise PageFailure("empty_answer", f"{whose} has no items, though it keeps those of the past; is it broken?")
    return feed.items


def _touched(incidents: Iterable[Incident]) -> Iterator[Component]:
    for incident in incidents:
        few = len(incident.components) * len(incident.regions) <= MAX_PAIRS
        status = Status.UNKNOWN if incident.status is IncidentStatus.UNKNOWN else incident.impact.status
        for name in incident.components if incident.is_open else ():
            for region in (incident.regions if few else ()) or ("",):
                yield Component(id=name, name=name, region=region, status=status)

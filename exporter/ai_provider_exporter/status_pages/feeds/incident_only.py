"""What the feeds of single vendors, and feeds of no known make, have in common: notices of trouble and nothing else.

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

WEEK = 7 * 86400.0  # seconds after which a notice that nobody has closed is forgotten
MANY = 500  # pairs of service and region; beyond them regions are left out, so that no feed makes series at will

_GRAVE = re.compile(r"\b(?:outage|unavailable|down)\b", re.IGNORECASE)
_LISTED = re.compile(r"<li>((?:(?!<li>).)*?)</li>", re.IGNORECASE | re.DOTALL)


def feed_at(base: str, path: str) -> tuple[DocumentSet, ...]:
    """The feed at `path` of a bare host; an address with a path of its own is taken as it is."""
    return document_sets(base, (path,)) if split_url(base).path in {"", "/"} else ((base,),)


def page_of_notices(
    feed: Feed,
    incidents: Iterable[Incident],
    maintenances: Iterable[Maintenance] = (),
    *,
    components: Iterable[Component] = (),
    unknown: UnknownValues,
    forgets_after: float | None = None,
) -> PageStatus:
    """A page that names nothing but trouble. `components` left out: those of the open incidents, as bad as these."""
    told = tuple(incidents)
    named = tuple(components) or tuple(_touched(told))
    return PageStatus(
        page_name=feed.title,
        indicator=all_operational(told, unknown),
        components=worst_of_each(named),
        incidents=told,
        maintenances=tuple(maintenances),
        unknown_words=unknown.count,
        lists_only_trouble=True,
        forgets_after=forgets_after,
    )


def weight(text: str) -> Impact:
    """How bad what the text tells of is: `major` if it says so, else the least that is not nothing."""
    return Impact.MAJOR if _GRAVE.search(text) else Impact.MINOR


def markup(item: Item) -> str:
    """The HTML of an item, also of one that was escaped twice."""
    return unescape(item.html) if "<" not in item.html else item.html


def listed(html: str) -> tuple[str, ...]:
    """The texts of the items of its lists."""
    return tuple(filter(None, (plain_text(text) for text in _LISTED.findall(html))))


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
        few = len(incident.components) * len(incident.regions) <= MANY
        status = Status.UNKNOWN if incident.status is IncidentStatus.UNKNOWN else incident.impact.status
        for name in incident.components if incident.is_open else ():
            for region in (incident.regions if few else ()) or ("",):
                yield Component(id=name, name=name, region=region, status=status)

"""Which items of a feed are updates of one incident: many feeds have an item for each update.

Items belong together by the URL of their incident, else by a guid that they share, and only if nothing speaks against
it: a URL or guid that items of different titles share is that of the page. Titles alone join items only where one of
them is marked as an update, such as `RESOLVED: Slow answers`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.text import split_url

_MARKS = (
    "update|resolved|completed|mitigated|monitoring|identified|investigating|verifying|in progress|scheduled|postmortem"
)
_MARK = re.compile(rf"\W{{0,3}}(?:{_MARKS})(?: ?#?\d{{1,3}})?\b\W{{1,3}}", re.IGNORECASE)
_MAX_MARKS = 3
_FOLDERS = {"incident", "incidents", "event", "events", "issue", "issues", "maintenance", "maintenances", "notices"}


def by_incident(feed: Feed) -> list[list[Item]]:
    """The items of each incident, newest first; incidents in the order of the feed."""
    titles = _titles_by_reference(feed.items)
    marked = {base_title(item) for item in feed.items if base_title(item) != item.title}
    groups: dict[Hashable, list[Item]] = defaultdict(list)
    for place, item in enumerate(feed.items):
        groups[_incident_of(item, place, feed, titles, marked)].append(item)
    return [_newest_first(items, feed) for items in groups.values()]


def base_title(item: Item) -> str:
    """The title without words for how the incident stands at its beginning."""
    title = item.title
    for _ in range(_MAX_MARKS):
        mark = _MARK.match(title)
        if not mark or mark.end() == len(title):
            break
        title = title[mark.end() :]
    return title


def _titles_by_reference(items: Iterable[Item]) -> dict[str, Counter[str]]:
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        for reference in {item.guid, _page(item.link)}:
            titles[reference][base_title(item)] += 1
    return titles


def _incident_of(item: Item, place: int, feed: Feed, titles: dict[str, Counter[str]], marked: set[str]) -> Hashable:
    """A key that updates of one incident share."""
    references = [one for one in (_page(item.link), item.guid) if one and not _is_site(one, feed)]
    for reference in references:
        if _is_of_incident(reference) or (titles[reference].total() > 1 and len(titles[reference]) == 1):
            return reference
    title = base_title(item)
    return ("title", title) if title in marked else place


def _page(url: str) -> str:
    return split_url(url)._replace(fragment="").geturl().rstrip("/")


def _is_site(reference: str, feed: Feed) -> bool:
    return reference == _page(feed.link) or (split_url(reference).path.strip("/") == "" and "://" in reference)


def _is_of_incident(reference: str) -> bool:
    """Whether the URL ends in an id: with a digit in it, or in a folder of incidents."""
    *folders, name = split_url(reference).path.rstrip("/").split("/")
    return "://" in reference and (any(map(str.isdigit, name)) or bool(folders and folders[-1].lower() in _FOLDERS))


def _newest_first(items: list[Item], feed: Feed) -> list[Item]:
    """By time; of two of the same time, as the feed is written."""
    times = [item.published for item in feed.items if item.published is not None]
    oldest_first = len(times) > 1 and times[0] < times[-1]
    ordered = items[::-1] if oldest_first else items
    return sorted(ordered, key=lambda item: -(item.published or item.updated or 0.0))

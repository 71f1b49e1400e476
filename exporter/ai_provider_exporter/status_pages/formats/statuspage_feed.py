"""The feeds of Statuspage, `/history.atom` and `/history.rss`: its robots.txt allows them and not its JSON.

An item's HTML has a paragraph for each update, newest first: `<strong>Resolved</strong> - what was done`.
Seen on public pages, 2026-09; the times in the HTML have no year, so only those of the item count.
"""

from __future__ import annotations

import re

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.feeds.incidents import Story, page_of

_MARK = re.compile(r"<strong>\s*([^<]{1,40}?)\s*</strong>\s*-")
_NO_NEWS = "update"  # keeps the state that it found


def looks_like(feed: Feed) -> bool:
    return feed.generator != "incident.io" and any(_MARK.search(item.html) for item in feed.items)


def parse(feed: Feed) -> PageStatus:
    return page_of(feed, _tell)


def _tell(item: Item) -> Story:
    words: list[str] = _MARK.findall(item.html)
    standing = (word for word in words if word.lower() != _NO_NEWS)
    return Story(word=next(standing, ""), updates=len(words))

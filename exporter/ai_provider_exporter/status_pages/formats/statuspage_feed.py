"""The feeds of Statuspage, `/history.atom` and `/history.rss`: its robots.txt allows them and not its JSON.

An item's HTML has a paragraph for each update, newest first: `<strong>Resolved</strong> - what was done`.
Seen on public pages, 2026-09; the times in the HTML have no year, so only those of the item count.
"""

from __future__ import annotations

import re

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.feeds.incidents import ItemState, page_of

_MARK = re.compile(r"<strong\b[^<>]{0,200}>\s{0,9}([^<\s](?:[^<]{0,38}[^<\s])?)\s{0,9}</strong>\s{0,9}-")
_NO_NEWS = "update"  # keeps the state before it


def looks_like(feed: Feed) -> bool:
    return feed.generator != "incident.io" and any(_MARK.search(item.html) for item in feed.items)


def parse(feed: Feed) -> PageStatus:
    return page_of(feed, _state)


def _state(item: Item) -> ItemState:
    words: list[str] = _MARK.findall(item.html)
    states = (word for word in words if word.lower() != _NO_NEWS)
    return ItemState(word=next(states, ""), updates=len(words))

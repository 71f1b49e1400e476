"""The feeds of incident.io, `/feed.atom` and `/feed.rss`: one item an incident, with the components it touches.

`<b>Status: Resolved</b> ... <b>Affected components</b><ul><li>Login (Operational)</li></ul>`.
Seen on public pages, 2026-03.
"""

from __future__ import annotations

import re
from html import unescape

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.feeds.incidents import ItemState, page_of

_STATUS = re.compile(r"Status:\s{0,9}([A-Za-z](?:[A-Za-z _]{0,38}[A-Za-z])?)\s{0,9}</")
_COMPONENT = re.compile(r"<li\b[^<>]{0,200}>([^<]{1,300}) \(([^()<]{1,60})\)\s{0,9}</li>")


def looks_like(feed: Feed) -> bool:
    return feed.generator == "incident.io"


def parse(feed: Feed) -> PageStatus:
    return page_of(feed, _state)


def _state(item: Item) -> ItemState:
    status = _STATUS.search(item.html)
    touched = {" ".join(unescape(name).split()): word for name, word in _COMPONENT.findall(item.html)}
    return ItemState(word=status[1] if status else "", components=touched)

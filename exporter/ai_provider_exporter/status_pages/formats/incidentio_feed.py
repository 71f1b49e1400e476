"""The feeds of incident.io, `/feed.atom` and `/feed.rss`: one paragraph a story, with the components it touches.

`<b>Status: Resolved</b> ... <b>Affected components</b><ul><li>Login (Operational)</li></ul>`.
Seen on public pages, 2026-03.
"""

from __future__ import annotations

import re
from html import unescape

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.feeds.incidents import Story, page_of

_STATUS = re.compile(r"Status:\s*([A-Za-z _]+?)\s*</")
_COMPONENT = re.compile(r"<li>([^<]+) \(([^()<]+)\)\s*</li>")


def looks_like(feed: Feed) -> bool:
    return feed.generator == "incident.io"


def parse(feed: Feed) -> PageStatus:
    return page_of(feed, _tell)


def _tell(item: Item) -> Story:
    status = _STATUS.search(item.html)
    touched = {" ".join(unescape(name).split()): word for name, word in _COMPONENT.findall(item.html)}
    return Story(word=status[1] if status else "", components=touched)

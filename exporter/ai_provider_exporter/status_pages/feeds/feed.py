"""RSS and Atom: a history of what was written, from which formats take what they can.

A feed is read by a parser that refuses document types, so that no entity can grow or reach out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Protocol

from defusedxml import ElementTree

from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text, split_url
from ai_provider_exporter.status_pages.times import parse_time

_ROOTS = {"rss", "feed", "RDF"}
_ITEMS = {"item", "entry"}
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry. `html` is its content with the markup of the feed itself undone; times are Unix seconds."""

    id: str
    title: str
    link: str = ""
    html: str = ""
    published: float | None = None
    updated: float | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    title: str = ""
    link: str = ""
    generator: str = ""
    is_atom: bool = False
    items: tuple[Item, ...] = ()


class _Element(Protocol):
    """The part of an ElementTree element that is used here."""

    tag: str
    text: str | None

    def get(self, key: str, default: str) -> str: ...
    def iter(self) -> Iterator[_Element]: ...
    def itertext(self) -> Iterator[str]: ...
    def __iter__(self) -> Iterator[_Element]: ...


def read_feed(payload: Payload) -> Feed:
    """Read RSS 0.9 to 2.0 or Atom.

    Raises:
        PageFailure: not a feed; the reason says whether it was empty, HTML or something else.
    """
    text = payload.data().strip()
    try:
        root: _Element = ElementTree.fromstring(text, forbid_dtd=True)
    except (ElementTree.ParseError, ValueError) as error:
        raise PageFailure("malformed_response", f"the feed is not XML: {error}") from None
    if _name(root) not in _ROOTS:
        raise PageFailure("malformed_response", f"the document is XML, but {_name(root)} is not a feed")
    channel = next((child for child in root if _name(child) == "channel"), root)
    return Feed(
        title=label_text(_text(channel, "title")),
        link=_link(channel),
        generator=label_text(_text(channel, "generator")),
        is_atom=_name(root) == "feed",
        items=tuple(_item(element) for element in root.iter() if _name(element) in _ITEMS),
    )


def is_xml(payload: Payload) -> bool:
    """Whether the document is marked up, though not HTML; raises PageFailure as `Payload.data`."""
    return payload.data().lstrip().startswith("<")


def plain_text(html: str) -> str:
    """What a reader sees: no tags, entities resolved, a line for each paragraph or item."""
    lines = unescape(_TAG.sub("", _BREAK.sub("\n", html))).splitlines()
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _item(element: _Element) -> Item:
    link = _link(element)
    title = label_text(_text(element, "title"))
    published = parse_time(_text(element, "published", "pubDate", "date", "updated"))
    return Item(
        id=label_text(_text(element, "id", "guid")) or link or f"{title}@{published or 0:.0f}",
        title=title,
        link=link,
        html=_text(element, "content", "encoded", "description", "summary"),
        published=published,
        updated=parse_time(_text(element, "updated", "pubDate", "date", "published")),
        categories=tuple(filter(None, _categories(element))),
    )


def _categories(element: _Element) -> Iterator[str]:
    for child in element:
        if _name(child) == "category":
            yield label_text(child.get("term", "") or child.text)


def _link(element: _Element) -> str:
    """The address of the page: RSS has it as text, Atom as an attribute of one of several links."""
    for child in element:
        if _name(child) == "link" and child.get("rel", "alternate") == "alternate":
            address = label_text(child.get("href", "") or child.text)
            if address:
                return _without_double_slashes(address)
    return ""


def _without_double_slashes(address: str) -> str:
    parts = split_url(address)
    return parts._replace(path=re.sub(r"/{2,}", "/", parts.path)).geturl()


def _text(element: _Element, *names: str) -> str:
    """All the text in the first child that has one of `names`, the first name that has any."""
    for name in names:
        for child in element:
            if _name(child) == name and (text := "".join(child.itertext()).strip()):
                return text
    return ""


def _name(element: _Element) -> str:
    return element.tag.rpartition("}")[2]

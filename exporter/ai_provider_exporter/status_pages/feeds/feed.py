"""RSS and Atom: a history of what was written, from which formats take what they can.

A feed is read by a parser that refuses document types, so that no entity can grow or reach out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from itertools import islice
from typing import Protocol

from defusedxml import ElementTree

from ai_provider_exporter.schema.text import cut
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text, split_url
from ai_provider_exporter.status_pages.times import parse_time

MAX_ITEMS = 1000
MAX_CATEGORIES = 500  # of one item
MAX_LINE = 1000  # characters of a title, an id or a category
MAX_HTML = 20_000  # characters of one item
MAX_DEPTH = 16  # of markup inside an item; below it only the text counts

_ROOTS = {"rss", "feed", "RDF"}
_ITEMS = {"item", "entry"}
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h\d|/tr|/blockquote)\b[^<>]*>", re.IGNORECASE)
_GLUED = re.compile(r"(?<=\w)(?:<[^<>]*>)+(?=\w)")  # `12:00</small><b>Resolved`: two words
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(\w{2,31};)?")
# What XML 1.0 forbids, and templates write nevertheless.
_FORBIDDEN = {code: None for code in range(0x20) if code not in (0x9, 0xA, 0xD)} | {0xFFFE: None, 0xFFFF: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry. `html` is its content with the markup of the feed itself undone; times are Unix seconds.

    `guid` is the id that the feed gives it, empty if it gives none; `id` then stands in for it.
    """

    id: str
    title: str
    guid: str = ""
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
    tail: str | None

    def get(self, key: str, default: str) -> str: ...
    def itertext(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[_Element]: ...


def read_feed(payload: Payload) -> Feed:
    """Read RSS 0.9 to 2.0 or Atom; of more than `MAX_ITEMS` items the first.

    Raises:
        PageFailure: not a feed; the reason says whether it was empty, HTML or something else.
    """
    root = _parse(payload.data().strip())
    if _name(root) not in _ROOTS:
        raise PageFailure("malformed_response", f"the document is XML, but {_name(root)} is not a feed")
    channel = next((child for child in root if _name(child) == "channel"), root)
    title = _title(channel)
    if not title or (_name(root) == "rss" and channel is root):
        raise PageFailure("malformed_response", "the feed has no channel or no title; is it cut off?")
    holder = root if _name(root) == "RDF" else channel
    items = (element for element in holder if _name(element) in _ITEMS)
    return Feed(
        title=title,
        link=_link(channel),
        generator=_line(channel, "generator"),
        is_atom=_name(root) == "feed",
        items=tuple(_item(element) for element in islice(items, MAX_ITEMS)),
    )


def is_xml(payload: Payload) -> bool:
    """Whether the document is marked up.

    Raises:
        PageFailure: as `Payload.data`, and malformed_response where its URL promises JSON.
    """
    if not payload.data().lstrip().startswith("<"):
        return False
    if split_url(payload.url).path.endswith(".json"):
        raise PageFailure("malformed_response", "XML came where JSON was due")
    return True


def plain_text(html: str) -> str:
    """What a reader sees of at most `MAX_HTML` characters: no tags, a line for each paragraph or item."""
    spaced = _GLUED.sub(" ", _BREAK.sub("\n", html[:MAX_HTML]))
    lines = unescape(_TAG.sub("", spaced)).splitlines()
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _parse(text: str) -> _Element:
    """Characters that XML forbids, HTML's entities and bare ampersands are repaired: they must not cost the feed."""
    for document in (text, _ENTITY.sub(_repaired, text.translate(_FORBIDDEN))):
        try:
            root: _Element = ElementTree.fromstring(document, forbid_dtd=True)
        except (ElementTree.ParseError, ValueError) as error:
            problem = str(error)
        else:
            return root
    raise PageFailure("malformed_response", f"the feed is not XML: {problem}")


def _repaired(entity: re.Match[str]) -> str:
    character = unescape(entity[0])
    return escape(character) if character != entity[0] else f"&amp;{entity[1] or ''}"


def _item(element: _Element) -> Item:
    link, guid, title = _link(element), _line(element, "id", "guid"), _title(element)
    published = parse_time(_text(element, "published", "pubDate", "date", "updated"))
    return Item(
        id=guid or link or f"{title}@{published or 0:.0f}",
        title=title,
        guid=guid,
        link=link,
        html=_text(element, "content", "encoded", "description", "summary")[:MAX_HTML],
        published=published,
        updated=parse_time(_text(element, "updated", "pubDate", "date", "published")),
        categories=tuple(islice(filter(None, _categories(element)), MAX_CATEGORIES)),
    )


def _categories(element: _Element) -> Iterator[str]:
    for child in element:
        if _name(child) == "category":
            yield cut(label_text(child.get("term", "") or child.text), MAX_LINE)


def _link(element: _Element) -> str:
    """The URL of the page: RSS has it as text, Atom as an attribute of one of several links."""
    for child in element:
        if _name(child) == "link" and child.get("rel", "alternate") == "alternate":
            url = label_text(child.get("href", "") or child.text)
            if url:
                return _without_double_slashes(url)
    return ""


def _without_double_slashes(url: str) -> str:
    parts = split_url(url)
    return parts._replace(path=re.sub(r"/{2,}", "/", parts.path)).geturl()


def _title(element: _Element) -> str:
    return cut(label_text(plain_text(_text(element, "title"))), MAX_LINE)


def _line(element: _Element, *names: str) -> str:
    return cut(label_text(_text(element, *names)), MAX_LINE)


def _text(element: _Element, *names: str) -> str:
    """The content of the first child that has one of `names`, the first name that has any."""
    for name in names:
        for child in element:
            if _name(child) == name and (text := _content(child).strip()):
                return text
    return ""


def _content(element: _Element, depth: int = 0) -> str:
    """Its text; where it holds elements (Atom's xhtml, HTML that was not escaped), their markup too.

    RFC 4287, 3.1.1.3: the content of xhtml is markup, to be read as such.
    """
    if not len(element):
        return (element.text or "") if depth == 0 else escape(element.text or "")
    if depth >= MAX_DEPTH:
        return escape("".join(element.itertext()))
    parts = [escape(element.text or "")]
    for child in element:
        name = _name(child)
        parts += [f"<{name}>", _content(child, depth + 1), f"</{name}>", escape(child.tail or "")]
    return "".join(parts)


def _name(element: _Element) -> str:
    return element.tag.rpartition("}")[2]

"""RSS and Atom of no known make: what can be told of an item without knowing who wrote it.

An item stands as its title's first word says, if that is that it is over; else as its newest mark does, such as
`<strong>Monitoring</strong>`, `Status: Monitoring` or a category; else as a word in its first lines does. Titles stay
as they were when the trouble began, so that any mark counts for more than a title. An item that says nothing of
the kind is unknown, neither trouble nor none, until it is a week old.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_provider_exporter.model.observation import (
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
)
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item, plain_text
from ai_provider_exporter.status_pages.feeds.incident_only import WEEK, markup, page_of_notices, weight
from ai_provider_exporter.status_pages.vocabulary import INCIDENT, MAINTENANCE, OVER, UnknownValues, plain

_HEADING = re.compile(r"\W{0,3}(resolved|completed)\b", re.IGNORECASE)
_MARK = re.compile(
    r"<(?:strong|b)\b[^<>]*>\s*([a-z ]{1,20}?)\s*:?\s*</|\bstatus:\s*(?:<[^<>]*>\s*)*([a-z]+(?: progress)?)",
    re.IGNORECASE,
)
_WORK = re.compile(r"\bmaintenance\b", re.IGNORECASE)
_NEAR = 3  # lines at the top in which a bare word counts
_WORDS: dict[str, str] = {
    "resolved": "resolved",
    "fixed": "resolved",
    "restored": "resolved",
    "recovered": "resolved",
    "completed": "completed",
    "monitoring": "monitoring",
    "identified": "identified",
    "investigating": "investigating",
}
_BARE = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)
_TO_COME = re.compile(
    rf"\b(?:not|will|until|once|when|after|being|to)\b(?: \w+){{0,3}}? (?:{'|'.join(_WORDS)})\b", re.IGNORECASE
)
_ORDER = [*INCIDENT, *MAINTENANCE]  # each from its beginning to its end


def says_how_it_stands(feed: Feed) -> bool:
    """Whether any of its items has a mark: then it may be the feed of a status page, whoever made it."""
    return any(True for item in feed.items for _ in _marks(item))


def parse(feed: Feed) -> PageStatus:
    """A feed without a single item is that of a page without trouble, or broken: unknown."""
    unknown = UnknownValues()
    unknown.count += not feed.items
    told = [(item, _word(item)) for item in feed.items]
    incidents = [_incident(item, word, unknown) for item, word in told if not _is_work(item, word)]
    works = [_maintenance(item, word) for item, word in told if _is_work(item, word)]
    return page_of_notices(feed, incidents, works, unknown=unknown, forgets_after=WEEK)


def _word(item: Item) -> str:
    heading = _HEADING.match(item.title)
    return heading[1].lower() if heading else _newest(list(_marks(item))) or _bare(item)


def _marks(item: Item) -> Iterator[str]:
    """Words for how it stands, in the order in which they are written; `update` and its like are none."""
    said = [plain(found[1] or found[2]) for found in _MARK.finditer(markup(item))]
    yield from (word for word in [*said, *map(plain, item.categories)] if word in _ORDER)


def _newest(words: list[str]) -> str:
    """Some write the newest first and some last: what is nearer to the end of the story tells which."""
    if not words:
        return ""
    first, last = words[0], words[-1]
    return last if _ORDER.index(last) > _ORDER.index(first) else first


def _bare(item: Item) -> str:
    """The first word of its first lines or its title that tells how it stands, unless it tells of what is to come."""
    top = "\n".join([*plain_text(markup(item)).splitlines()[:_NEAR], item.title])
    found = _BARE.search(_TO_COME.sub("", top))
    return _WORDS[found[1].lower()] if found else ""


def _is_work(item: Item, word: str) -> bool:
    return word in MAINTENANCE or _WORK.search(item.title) is not None


def _incident(item: Item, word: str, unknown: UnknownValues) -> Incident:
    status = unknown.incident(word)
    is_known = status is not IncidentStatus.UNKNOWN
    return Incident(
        id=item.id,
        name=item.title,
        status=status,
        impact=weight(f"{item.title}\n{plain_text(markup(item))}") if is_known else Impact.NONE,
        started_at=item.published,
        updated_at=item.updated,
        resolved_at=item.updated if status in OVER else None,
        url=item.link,
    )


def _maintenance(item: Item, word: str) -> Maintenance:
    """Of what is called a maintenance and is `resolved`, no more is left to do."""
    over = INCIDENT.get(word) in OVER
    status = MaintenanceStatus.COMPLETED if over else MAINTENANCE.get(word, MaintenanceStatus.UNKNOWN)
    return Maintenance(id=item.id, name=item.title, status=status, url=item.link)

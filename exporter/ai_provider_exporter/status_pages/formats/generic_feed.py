"""RSS and Atom of no known make: what an incident says to a reader that does not know who wrote it.

An incident stands as its newest item says that says so: by the first word of its title, if that is that it is over;
else by its newest mark, such as `<strong>Monitoring</strong>`, `Status: Monitoring` or a category; else by a word in
its first lines. Titles stay as they were when the trouble began, so that any mark counts for more than a title. One
that says nothing of the kind is unknown, neither trouble nor none, until it is a week old.
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
from ai_provider_exporter.status_pages.feeds.grouping import by_incident
from ai_provider_exporter.status_pages.feeds.incident_only import WEEK, markup, page_of_incidents, weight
from ai_provider_exporter.status_pages.feeds.incidents import first_published
from ai_provider_exporter.status_pages.vocabulary import INCIDENT, MAINTENANCE, OVER, UnknownValues, plain

_HEADING = re.compile(r"\W{0,3}(resolved|completed)\b", re.IGNORECASE)
_MARK = re.compile(
    r"<(?:strong|b)\b[^<>]{0,200}>\s{0,9}([a-z]{1,20}(?: [a-z]{1,20})?)\s{0,9}:?\s{0,9}</"
    r"|\bstatus:\s{0,9}(?:<[^<>]{0,200}>\s{0,9}){0,3}([a-z]{1,20}(?: progress)?)",
    re.IGNORECASE,
)
_WORK = re.compile(r"\bmaintenance\b", re.IGNORECASE)
_NEAR = 3  # lines at the top in which a bare word counts
_STATES: dict[str, str] = {
    "resolved": "resolved",
    "fixed": "resolved",
    "restored": "resolved",
    "recovered": "resolved",
    "completed": "completed",
    "monitoring": "monitoring",
    "identified": "identified",
    "investigating": "investigating",
}
_BARE = re.compile(rf"\b({'|'.join(_STATES)})\b", re.IGNORECASE)
_TO_COME = re.compile(
    rf"\b(?:not|will|until|once|when|after|being|to)\b(?: \w{{1,30}}){{0,3}}? (?:{'|'.join(_STATES)})\b", re.IGNORECASE
)
_ORDER = [*INCIDENT, *MAINTENANCE]  # each from its beginning to its end


def says_how_it_stands(feed: Feed) -> bool:
    """Whether any of its items has a mark: then it may be the feed of a status page, whoever made it."""
    return any(True for item in feed.items for _ in _marks(item))


def parse(feed: Feed) -> PageStatus:
    """A feed without a single item is that of a page without trouble, or broken: unknown."""
    unknown = UnknownValues()
    unknown.count += not feed.items
    groups = [(items, _newest_word(items)) for items in by_incident(feed)]
    incidents = [_incident(items, word, unknown) for items, word in groups if not _is_work(items, word)]
    works = [_maintenance(items[0], word) for items, word in groups if _is_work(items, word)]
    return page_of_incidents(feed, incidents, works, unknown=unknown, forgets_after=WEEK)


def _newest_word(items: list[Item]) -> str:
    """That of the newest item that has one."""
    return next(filter(None, map(_word, items)), "")


def _word(item: Item) -> str:
    heading = _HEADING.match(item.title)
    return heading[1].lower() if heading else _newest(list(_marks(item))) or _bare(item)


def _marks(item: Item) -> Iterator[str]:
    """Words for how it stands, in the order in which they are written; `update` and its like are none."""
    marks = [plain(mark[1] or mark[2]) for mark in _MARK.finditer(markup(item))]
    yield from (word for word in [*marks, *map(plain, item.categories)] if word in _ORDER)


def _newest(marks: list[str]) -> str:
    """Some write the newest first and some last: what is nearer to the end of an incident tells which."""
    if not marks:
        return ""
    first, last = marks[0], marks[-1]
    return last if _ORDER.index(last) > _ORDER.index(first) else first


def _bare(item: Item) -> str:
    """The first word of its first lines or its title that tells how it stands, unless it tells of what is to come."""
    top = "\n".join([*plain_text(markup(item)).splitlines()[:_NEAR], item.title])
    word = _BARE.search(_TO_COME.sub("", top))
    return _STATES[word[1].lower()] if word else ""


def _is_work(items: list[Item], word: str) -> bool:
    return word in MAINTENANCE or any(_WORK.search(item.title) for item in items)


def _incident(items: list[Item], word: str, unknown: UnknownValues) -> Incident:
    newest = items[0]
    status = unknown.incident(word)
    is_unknown = status is IncidentStatus.UNKNOWN
    texts = "\n".join(f"{item.title}\n{plain_text(markup(item))}" for item in items)
    return Incident(
        id=newest.id,
        name=newest.title,
        status=status,
        impact=Impact.NONE if is_unknown else weight(texts),
        started_at=first_published(items),
        updated_at=newest.updated,
        resolved_at=newest.updated if status in OVER else None,
        url=newest.link,
        updates=len(items) if len(items) > 1 else 0,
    )


def _maintenance(item: Item, word: str) -> Maintenance:
    """Of what is called a maintenance and is `resolved`, no more is left to do."""
    over = INCIDENT.get(word) in OVER
    status = MaintenanceStatus.COMPLETED if over else MAINTENANCE.get(word, MaintenanceStatus.UNKNOWN)
    return Maintenance(id=item.id, name=item.title, status=status, url=item.link)

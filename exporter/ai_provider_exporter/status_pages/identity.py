"""Gives each row of a page an id of its own: one that the page does not give, or gives twice, identifies nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from hashlib import blake2s
from typing import TypeVar

from ai_provider_exporter.model.observation import Component, Incident, Maintenance, PageStatus

Row = TypeVar("Row", Component, Incident, Maintenance)


def with_distinct_ids(page: PageStatus) -> PageStatus:
    """The page, each row once, and no two that differ under one id.

    A made-up id comes from what does not change while the row is shown: its name, its group or when it began. A
    component that the page does not call anything is none; it is counted as unknown.
    """
    called = [component for component in page.components if component.id or component.name]
    return replace(
        page,
        unknown_words=page.unknown_words + len(page.components) - len(called),
        components=_distinct(called, lambda c: (c.id, c.region), lambda c: (c.group, c.name)),
        incidents=_distinct(page.incidents, lambda i: i.id, lambda i: (i.name, i.started_at)),
        maintenances=_distinct(page.maintenances, lambda m: m.id, lambda m: (m.name, m.starts_at)),
    )


def _distinct(
    rows: Iterable[Row], place: Callable[[Row], Hashable], discriminator: Callable[[Row], tuple[object, ...]]
) -> tuple[Row, ...]:
    unique = _without_repetitions([row if row.id else replace(row, id=row.name or "unnamed") for row in rows])
    shared = {key for key, count in Counter(map(place, unique)).items() if count > 1}
    renamed = (_renamed(row, *discriminator(row)) if place(row) in shared else row for row in unique)
    return tuple(_numbered(renamed, place)) if shared else tuple(unique)


def _without_repetitions(rows: list[Row]) -> list[Row]:
    """Rows are compared by what they print: two that print alike are one, whatever their mappings are made of."""
    return list({repr(row): row for row in rows}.values())


def _renamed(row: Row, *discriminators: object) -> Row:
    tail = blake2s(repr(discriminators).encode("utf-8", "replace"), digest_size=4).hexdigest()
    return replace(row, id=f"{row.id}~{tail}")


def _numbered(rows: Iterable[Row], place: Callable[[Row], Hashable]) -> Iterable[Row]:
    """What is still alike differs by its place on the page."""
    count: Counter[Hashable] = Counter()
    for row in rows:
        key = place(row)
        count[key] += 1
        yield row if count[key] == 1 else replace(row, id=f"{row.id}.{count[key]}")

"""What many formats do with the parts of their documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ai_provider_exporter.model.observation import Component, Incident, IncidentStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.payload import text_in
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

Row = Mapping[str, Any]
T = TypeVar("T")

_IDENTIFIED = re.compile(r"(?<!not )(?<!not yet )identified")


def merged(documents: Iterable[Mapping[str, Any]], *expected: str) -> dict[str, Any]:
    """The sections of several documents as of one; of a section that several have, the first document's counts.

    Raises:
        PageFailure: one of them has none of the sections that are `expected`.
    """
    documents = list(documents)
    if not all(any(document.get(key) is not None for key in expected) for document in documents):
        raise PageFailure("malformed_response", f"a document has none of these: {', '.join(expected)}")
    return {key: found for document in reversed(documents) for key, found in document.items() if found is not None}


def part_of(row: Row, key: str) -> dict[str, Any]:
    """The object under `key`; empty if anything else is there: for details on which nothing hangs."""
    found = row.get(key)
    return found if isinstance(found, dict) else {}


def parts_of(row: Row, key: str) -> list[dict[str, Any]]:
    """The objects in the list under `key`, likewise."""
    found = row.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def named(rows: Iterable[Row], unknown: UnknownValues, *keys: str) -> list[Row]:
    """Those that have a text under one of `keys`, by default `id` and `name`; each other one is a doubt."""
    rows = list(rows)
    kept = [row for row in rows if text_in(row, *(keys or ("id", "name")))]
    unknown.count += len(rows) - len(kept)
    return kept


def names_in(rows: Iterable[Row], *keys: str) -> tuple[str, ...]:
    """What the rows are called, each name once."""
    return unique(text_in(row, *(keys or ("name",))) for row in rows)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Without repetitions and empty ones."""
    return tuple(dict.fromkeys(filter(None, texts)))


def time_in(row: Row, *keys: str) -> float | None:
    """The first of `keys` that holds a time, in Unix seconds."""
    return next((moment for key in keys if (moment := parse_time(row.get(key))) is not None), None)


def end_in(row: Row, *keys: str, begun: float | None) -> float | None:
    """The same for what ends something: an end before its beginning is none."""
    ended = time_in(row, *keys)
    return None if ended is None or (begun is not None and ended < begun) else ended


def ratio(value: Any) -> float | None:
    """A number between 0 and 1; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None


def worst_of_each(components: Iterable[Component]) -> tuple[Component, ...]:
    """Each component of each region once, as bad as the worst that is said of it."""
    worst: dict[tuple[str, str], Component] = {}
    for component in components:
        place = component.id, component.region
        known = worst.setdefault(place, component)
        worst[place] = replace(known, status=max(known.status, component.status))
    return tuple(worst.values())


def stage_told_in(text: str) -> IncidentStatus:
    """How far people got with an open incident, where nothing but their own words tells."""
    return IncidentStatus.IDENTIFIED if _IDENTIFIED.search(text.lower()) else IncidentStatus.INVESTIGATING


def all_well(incidents: Iterable[Incident], unknown: UnknownValues) -> Status | None:
    """What a page of nothing but incidents says by having none that are open; None while it has, or is not clear."""
    is_quiet = unknown.count == 0 and not any(incident.is_open for incident in incidents)
    return Status.OPERATIONAL if is_quiet else None


def some(components: Iterable[T]) -> tuple[T, ...]:
    """All of them.

    Raises:
        PageFailure: components_vanished if there are none.
    """
    found = tuple(components)
    if not found:
        raise PageFailure("components_vanished", "the page lists no components; has it moved?")
    return found

"""Takes hold of what is in a JSON document without trusting its shape.

`object_in`, `section_in` and `rows_in` are strict: another shape fails the page or is counted as unknown. `dict_in`
and `dicts_in` are for details on which nothing hangs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

Row = Mapping[str, Any]


def object_in(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under `key`; empty if it is missing or null.

    Raises:
        PageFailure: malformed_response if something else is there.
    """
    value = parent.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise PageFailure("malformed_response", f"{key} is not an object")
    return value


def section_in(document: Mapping[str, Any], key: str, unknown: UnknownValues) -> list[dict[str, Any]]:
    """The rows of a section of the document: as `rows_in`, but anything else than a list fails.

    Raises:
        PageFailure: malformed_response if it is not a list.
    """
    if not isinstance(document.get(key), list | None):
        raise PageFailure("malformed_response", f"{key} is not a list")
    return rows_in(document, key, unknown)


def rows_in(row: Mapping[str, Any], key: str, unknown: UnknownValues) -> list[dict[str, Any]]:
    """The objects in the list under `key`; none if it is missing or null. Anything else is counted as unknown."""
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        unknown.count += 1
        return []
    rows = [item for item in value if isinstance(item, dict)]
    unknown.count += len(value) - len(rows)
    return rows


def text_in(row: Mapping[str, Any], *keys: str) -> str:
    """The first of `keys` that holds text or a whole number, on one line; empty if none does."""
    for key in keys:
        text = label_text(row.get(key))
        if text:
            return text
    return ""


def merged(documents: Iterable[Mapping[str, Any]], *expected: str) -> dict[str, Any]:
    """The sections of several documents as of one; of a section that several have, the first document's counts.

    Raises:
        PageFailure: one of them has none of the sections that are `expected`.
    """
    documents = list(documents)
    if not all(any(document.get(key) is not None for key in expected) for document in documents):
        raise PageFailure("malformed_response", f"a document has none of these: {', '.join(expected)}")
    return {key: value for document in reversed(documents) for key, value in document.items() if value is not None}


def dict_in(row: Row, key: str) -> dict[str, Any]:
    """The object under `key`; empty if anything else is there: for details on which nothing hangs."""
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def dicts_in(row: Row, key: str) -> list[dict[str, Any]]:
    """The objects in the list under `key`, likewise."""
    value = row.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def named(rows: Iterable[Row], unknown: UnknownValues, *keys: str) -> list[Row]:
    """Those that have a text under one of `keys`, by default `id` and `name`; the others are counted as unknown."""
    rows = list(rows)
    rows_with_text = [row for row in rows if text_in(row, *(keys or ("id", "name")))]
    unknown.count += len(rows) - len(rows_with_text)
    return rows_with_text


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

"""A page of each format, every list in it thousands of rows long: the series that it causes stay within the bound."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ai_provider_exporter.metrics.pages import PAGE_ROWS
from ai_provider_exporter.metrics.row import View
from ai_provider_exporter.model.observation import PageObservation
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.state import State
from ai_provider_exporter.status_pages.bounds import MAX_ID, MAX_NAME, MAX_SERIES
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.parsing import parse_page
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import MAX_URL

from tests.exporter.status_pages.saved import Saved, saved_pages

COPIES = 600  # of each row
LONG = "y" * 200
CALLED = {"id", "_id", "name", "title", "arn", "slug", "key", "service"}
NOW = 1770143400.0  # 2026-02-03 18:30 UTC, in the hours of which most saved pages tell
LARGEST = {
    saved.format: saved for saved in sorted(saved_pages(), key=lambda saved: sum(len(p.body) for p in saved.payloads))
}
NESTED = {
    "aistudio",
    "betterstack",
    "cachet",
    "oci",
    "statusio",
}  # whose rows are not made by copying a row of the document
_ITEM = re.compile(r"<(item|entry)\b.*?</\1>", re.DOTALL)


def flooded(saved: Saved) -> tuple[Payload, ...]:
    """Every list of objects with many copies of its first row, whose texts differ."""
    return tuple(
        Payload(url=path.name, body=(_json if path.suffix == ".json" else _xml)(path.read_bytes()))
        for path in saved.files
    )


def _json(body: bytes) -> bytes:
    return json.dumps(
        _many(json.loads(body.decode("utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")))
    ).encode()


def _many(value: Any, depth: int = 0) -> Any:
    if isinstance(value, dict):
        return {key: _many(row, depth) for key, row in value.items()}
    if isinstance(value, list) and value and depth < 2:
        first = _many(value[0], depth + 1)
        copies = COPIES if depth == 0 else 3
        return [*(_many(row, depth + 1) for row in value), *(_numbered(copy.copy(first), n) for n in range(copies))]
    return value


def _numbered(value: Any, number: int) -> Any:
    """The same with another id and a long name, but no other words: these are read from tables."""
    if isinstance(value, dict):
        named = {
            key
            for key in value
            if key.lower() in {"id", "_id", "name", "title", "arn", "slug", "key", "guid", "service"}
        }
        return {key: f"{value[key]}-{number}-{LONG}" if key in named else value[key] for key in value}
    return f"{value}-{number}" if isinstance(value, str) else value


def _xml(body: bytes) -> bytes:
    text = body.decode()
    item = _ITEM.search(text)
    if item is None:
        return body
    copies = "".join(_other(item[0], number) for number in range(COPIES))
    return (text[: item.end()] + copies + text[item.end() :]).encode()


def _other(item: str, number: int) -> str:
    numbered = re.sub(r"</(title|guid|id)>", rf" {number} {LONG}</\1>", item)
    return re.sub(r"(https?://[^<\"]+/)", rf"\g<1>{number}", numbered)


def series(page: PageState) -> Iterator[dict[str, str]]:
    view = View(state=State().with_page(page), now=NOW)
    for row in PAGE_ROWS:
        for sample in row.samples(view):
            assert not isinstance(sample.labels, str)
            yield dict(sample.labels)


@pytest.mark.parametrize("name", FORMATS)
def test_a_flooded_page_causes_no_more_series_than_the_bound(name: str) -> None:
    saved = LARGEST[name]
    page = as_of(parse_page(name, flooded(saved)).page, NOW)
    read = PageObservation(provider="acme", format=name, at=NOW, fetch_seconds=0.1, page=page)

    labels = list(series(PageState(provider="acme", interval=60.0).after(read)))

    assert page.left_out or name in NESTED or not saved.is_json
    assert len(labels) <= MAX_SERIES
    assert all(len(one[key]) <= MAX_NAME for one in labels for key in ("name", "component", "group") if key in one)
    assert all(len(one[key]) <= MAX_ID for one in labels for key in ("incident_id", "component_id") if key in one)
    assert all(len(one["url"]) <= MAX_URL for one in labels if "url" in one)

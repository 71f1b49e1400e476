"""Damaged documents, of every format: a few in every run, many with `make fuzz`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import FORMATS
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exporter.status_pages.saved import saved_pages

SAVED = saved_pages()
BAD_DAYS = [saved for saved in SAVED if saved.is_json and saved.expected["status"] != "operational"]
EXAMPLES = {"thorough": 2000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 20)
each_format = pytest.mark.parametrize("name", FORMATS)
bounded = settings(deadline=None, max_examples=EXAMPLES)

# Nothing in here is a word that a format knows, and no list is empty: those say that nothing is wrong.
junk = st.recursive(
    st.sampled_from(["gibberish", "-", 987654321, -5.5, "\ud800", "ÿ"]),
    lambda inner: st.lists(inner, min_size=1, max_size=2) | st.dictionaries(st.just("x"), inner, min_size=1),
    max_leaves=3,
)


@each_format
@bounded
@given(data=st.data())
def test_a_damaged_document_is_a_page_failure_or_a_page(name: str, data: st.DataObject) -> None:
    saved = data.draw(st.sampled_from([saved for saved in SAVED if saved.format == name]))
    payloads = list(saved.payloads)
    at = data.draw(st.integers(0, len(payloads) - 1))
    body = payloads[at].body
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    payloads[at] = replace(payloads[at], body=body[:start] + data.draw(st.binary(max_size=4)) + body[end:])

    try:
        saved.parse(*payloads)
    except PageFailure:
        return


@pytest.mark.parametrize("name", sorted({saved.format for saved in BAD_DAYS}))
@bounded
@given(data=st.data())
def test_no_junk_in_a_bad_day_reads_as_operational(name: str, data: st.DataObject) -> None:
    saved = data.draw(st.sampled_from([saved for saved in BAD_DAYS if saved.format == name]))
    documents = [json.loads(payload.body) for payload in saved.payloads]
    spot = data.draw(st.sampled_from(list(_spots(documents))))
    _put(documents, spot, data.draw(junk))
    mutated = (json.dumps(document).encode() for document in documents)
    payloads = [replace(payload, body=body) for payload, body in zip(saved.payloads, mutated, strict=True)]

    try:
        status = saved.parse(*payloads).status
    except PageFailure:
        return

    assert status is not Status.OPERATIONAL


def _spots(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything below `node`."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from _spots(value, (*path, key))


def _put(node: Any, path: tuple[str | int, ...], value: Any) -> None:
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value

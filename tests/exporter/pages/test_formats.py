"""What holds for every format; each has its own rules in a file of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.observation import Status
from ai_provider_exporter.pages import FORMATS
from ai_provider_exporter.pages.errors import PageFailure
from ai_provider_exporter.pages.format import Detectable
from ai_provider_exporter.pages.payload import Payload
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exporter.pages.saved import FIXTURES, Saved, printed, saved_pages

SAVED = saved_pages()
each_saved = pytest.mark.parametrize("saved", SAVED, ids=lambda saved: f"{saved.format}/{saved.state}")
each_format = pytest.mark.parametrize("name", FORMATS)
JSON = [saved for saved in SAVED if saved.is_json]

# Nothing in here is a word that a format knows, and no list is empty: those say that nothing is wrong.
junk = st.recursive(
    st.sampled_from(["gibberish", "-", 987654321, -5.5, "\ud800", "ÿ"]),
    lambda inner: st.lists(inner, min_size=1, max_size=2) | st.dictionaries(st.just("x"), inner, min_size=1),
    max_leaves=3,
)


@each_saved
def test_a_saved_page_reads_as_expected(saved: Saved) -> None:
    page = saved.parse()

    assert printed(saved.format, page) == saved.expected


@each_format
def test_every_format_has_saved_pages_of_a_good_and_a_bad_day(name: str) -> None:
    statuses = {saved.expected["status"] for saved in SAVED if saved.format == name}

    assert "operational" in statuses
    assert statuses - {"operational", "unknown"}


def test_every_saved_page_belongs_to_a_format() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == set(FORMATS)


@each_saved
def test_a_page_is_taken_for_its_own_format_or_for_none(saved: Saved) -> None:
    recognized = [name for name, known in FORMATS.items() if _looks_like(known, saved.payloads[0])]

    assert recognized[:1] in ([saved.format], [])


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if isinstance(known, Detectable)])
def test_a_format_that_can_be_detected_recognizes_a_saved_page(name: str) -> None:
    own = [saved for saved in SAVED if saved.format == name]

    assert any(_looks_like(FORMATS[name], saved.payloads[0]) for saved in own)


@each_format
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(b"null", id="null"),
        pytest.param(b"42", id="number"),
        pytest.param(b'{"error": "page inactive"}', id="error"),
        pytest.param(b"<!doctype html><title>Status</title><h1>All systems operational</h1>", id="html"),
        pytest.param(b"<?xml version='1.0'?><svg/>", id="other xml"),
        pytest.param(b"\x1f\x8b\x08\x00", id="bytes"),
    ],
)
def test_what_is_not_the_format_is_a_page_failure(name: str, body: bytes) -> None:
    with pytest.raises(PageFailure):
        FORMATS[name].parse(Payload(body=body))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_damaged_document_is_a_page_failure_or_a_page(data: st.DataObject) -> None:
    saved = data.draw(st.sampled_from(SAVED))
    payloads = list(saved.payloads)
    body = payloads[0].body
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    payloads[0] = Payload(body=body[:start] + data.draw(st.binary(max_size=4)) + body[end:])

    try:
        saved.parse(*payloads)
    except PageFailure:
        return


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_junk_in_a_bad_day_reads_as_operational(data: st.DataObject) -> None:
    saved = data.draw(st.sampled_from([saved for saved in JSON if saved.expected["status"] != "operational"]))
    documents = [json.loads(payload.body) for payload in saved.payloads]
    spot = data.draw(st.sampled_from(list(_spots(documents))))
    _put(documents, spot, data.draw(junk))
    payloads = [Payload(body=json.dumps(document).encode()) for document in documents]

    try:
        status = saved.parse(*payloads).status
    except PageFailure:
        return

    assert status is not Status.OPERATIONAL


def _looks_like(known: object, payload: Payload) -> bool:
    try:
        return isinstance(known, Detectable) and known.looks_like(payload)
    except PageFailure:
        return False


def _spots(node: Any, path: tuple[str | int, ...] = ()) -> Any:
    """The path of everything below `node`."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from _spots(value, (*path, key))


def _put(node: Any, path: tuple[str | int, ...], value: Any) -> None:
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value

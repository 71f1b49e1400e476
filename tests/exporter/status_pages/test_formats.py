"""What holds for every format; each has its own rules in a file of its own."""

from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import Format
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import FIXTURES, Saved, printed, saved_pages

SAVED = saved_pages()
each_saved = pytest.mark.parametrize("saved", SAVED, ids=lambda saved: f"{saved.format}/{saved.state}")
each_format = pytest.mark.parametrize("name", FORMATS)


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
    recognized = [name for name in FORMATS if _looks_like(FORMATS[name], saved.payloads[0])]

    assert recognized[:1] in ([saved.format], [])


@each_format
def test_a_format_recognizes_one_of_its_saved_pages(name: str) -> None:
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
        pytest.param(b'[{"x": 1}]', id="list of something else"),
        pytest.param(b'{"error": "page inactive"}', id="error"),
        pytest.param(b"<!doctype html><title>Status</title><h1>All systems operational</h1>", id="html"),
        pytest.param(b"<?xml version='1.0'?><svg/>", id="other xml"),
        pytest.param(b"\x1f\x8b\x08\x00", id="bytes"),
    ],
)
def test_what_is_not_the_format_is_a_page_failure(name: str, body: bytes) -> None:
    with pytest.raises(PageFailure):
        FORMATS[name].parse(Payload(body=body))


EMPTY_IS_HEALTHY = {"aws", "gcp", "checkly_rss"}  # which list what goes on, the last weeks, or what ever happened


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in EMPTY_IS_HEALTHY])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[]", id="empty list"),
        pytest.param(b"<rss><channel><title>T</title></channel></rss>", id="RSS without items"),
        pytest.param(b"<feed><title>T</title></feed>", id="Atom without items"),
    ],
)
def test_nothing_at_all_is_never_operational(name: str, body: bytes) -> None:
    try:
        status = FORMATS[name].parse(Payload(body=body)).status
    except PageFailure:
        return

    assert status is Status.UNKNOWN


def _looks_like(known: Format, payload: Payload) -> bool:
    try:
        return known.looks_like(payload)
    except PageFailure:
        return False

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.json_fields import object_in, rows_in, section_in, text_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.vocabulary import UnknownValues


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be with a mark", "utf-16-le with a mark"])
def test_text_is_decoded_by_its_byte_order_mark_whatever_the_header_says(encoding: str) -> None:
    written = '{"naïve": "ü"}'
    name = encoding.split(maxsplit=1)[0]
    body = ("\ufeff" + written if "mark" in encoding else written).encode(name)

    assert Payload(body=body, content_type="application/json; charset=latin-1").json() == {"naïve": "ü"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "empty_answer", id="nothing"),
        pytest.param(b" \r\n ", "empty_answer", id="blanks"),
        pytest.param(b"\xef\xbb\xbf", "empty_answer", id="only a mark"),
        pytest.param(b"\xff\xfe\x00", "malformed_response", id="half a character"),
        pytest.param(b'{"a": \xff}', "malformed_response", id="not utf-8"),
        pytest.param(b'{"a": ', "malformed_response", id="cut"),
        pytest.param(b"[]", "malformed_response", id="a list"),
        pytest.param(b"null", "malformed_response", id="null"),
        pytest.param(b'{"a": NaN}', "malformed_response", id="nan"),
        pytest.param(b"[" * 100_000, "malformed_response", id="nested without end"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "malformed_response", id="a number without end"),
        pytest.param(b"<!DOCTYPE html><p>hello", "unexpected_content_type", id="html"),
        pytest.param(b"\xef\xbb\xbf\n <HTML>", "unexpected_content_type", id="html after a mark"),
    ],
)
def test_what_is_no_json_object_is_a_page_failure(body: bytes, reason: str) -> None:
    with pytest.raises(PageFailure) as failure:
        Payload(body=body).object()

    assert failure.value.reason == reason


def test_a_failure_names_the_address_without_its_secrets() -> None:
    payload = Payload(url="https://me:word@status.example/api.json?key=word", body=b"oops")

    with pytest.raises(PageFailure, match=r"^https://status\.example/api\.json is not JSON: ") as failure:
        payload.json()

    assert "word" not in failure.value.detail


@pytest.mark.parametrize("missing", [{}, {"rows": None}], ids=["missing", "null"])
def test_a_missing_section_is_empty(missing: dict[str, Any]) -> None:
    unknown = UnknownValues()

    assert (rows_in(missing, "rows", unknown), object_in(missing, "rows"), unknown.count) == ([], {}, 0)


@pytest.mark.parametrize("take", [lambda parent: section_in(parent, "x", UnknownValues()), lambda p: object_in(p, "x")])
def test_a_section_of_another_shape_is_malformed(take: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(PageFailure, match="x is not a") as failure:
        take({"x": "text"})

    assert failure.value.reason == "malformed_response"


def test_what_is_no_list_inside_a_row_is_counted_and_drops_nothing_else() -> None:
    unknown = UnknownValues()

    assert rows_in({"updates": "text"}, "updates", unknown) == []
    assert unknown.count == 1


def test_a_bad_row_is_counted_and_does_not_drop_the_others() -> None:
    unknown = UnknownValues()

    assert rows_in({"rows": [{"id": 1}, None, 5, {"id": 2}]}, "rows", unknown) == [{"id": 1}, {"id": 2}]
    assert unknown.count == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("API", "API"),
        ("  two\n lines\t", "two lines"),
        (7, "7"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        (None, ""),
        (True, ""),
        (1.5, ""),
        (["API"], ""),
    ],
)
def test_text_is_made_fit_for_a_label(value: object, text: str) -> None:
    assert label_text(value) == text


def test_the_first_key_that_holds_text_is_taken() -> None:
    assert text_in({"a": None, "b": "", "c": "found", "d": "later"}, "a", "b", "c", "d") == "found"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a": "one\ntwo\tthree"}', id="raw line break and tab"),
        pytest.param(b'{"a": "one\x01two"}', id="raw control character"),
        pytest.param(b'{"a": "caf\xe9"}', id="a byte that is no UTF-8"),
        pytest.param(b'{"a": "x", "a": "x"}', id="a key twice with one value"),
    ],
)
def test_one_harmless_byte_costs_no_document(body: bytes) -> None:
    assert Payload(body=body).object().keys() == {"a"}


def test_the_charset_of_the_content_type_counts_where_all_else_fails() -> None:
    payload = Payload(body='{"a": "café"}'.encode("latin-1"), content_type='text/json; charset="ISO-8859-1"')

    assert payload.object() == {"a": "café"}


def test_an_encoding_that_no_document_has_is_not_tried() -> None:
    body = b"<?xml version='1.0' encoding='punycode'?><rss/>"

    assert Payload(body=body, content_type="text/xml; charset=unicode_escape").text() == body.decode()


def test_a_key_with_two_values_says_nothing() -> None:
    with pytest.raises(PageFailure, match="gives one key two values"):
        Payload(body=b'{"status": "major", "status": "none"}').object()

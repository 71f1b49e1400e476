"""Bodies of plain responses: whole or said to be too long, decoded, in their charset."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from ai_provider_exporter.model.observation import ProbeObservation

from tests.exporter.probes.played import Step, head, observe

PAGE, JSON = "text/html", "application/json"
LONG = json.dumps({"pad": ["y" * 90] * 7000, "state": "fine"}).encode()


def http(*steps: Step, **options: Any) -> ProbeObservation:
    return observe("http", *steps, under="/", **options)


@pytest.mark.parametrize(
    ("steps", "options", "reason"),
    [
        pytest.param([head(200, JSON), LONG], {"expect": {"json_path": {"state": "fine"}}}, "ok", id="650 KB"),
        pytest.param(
            [head(200, JSON), LONG], {"expect": {"json_path": {"state": "fine"}}, "max_body": 600_000}, "bad_request",
            id="longer than max_body",
        ),
        pytest.param(
            [head(200, PAGE), b"x" * 5000], {"expect": {"contains": "x"}, "max_body": 5000}, "ok", id="exactly max_body"
        ),
        pytest.param([head(200, PAGE), b"x" * 5000], {"max_body": 100}, "ok", id="nobody looks at it"),
        pytest.param(
            [head(200, PAGE, content_length="900"), b"x" * 300], {}, "stream_truncated", id="cut, nobody looks at it"
        ),
        pytest.param(
            [head(200, PAGE, content_encoding="gzip"), gzip.compress(b"one ") + gzip.compress(b"two")],
            {"expect": {"contains": "one two"}}, "ok", id="gzip of two members",
        ),
        pytest.param(
            [head(200, PAGE, content_encoding="gzip"), gzip.compress(b"fine" * 999)[:30]],
            {"expect": {"contains": "fine"}}, "malformed_response", id="gzip without its end",
        ),
        pytest.param(
            [head(200, PAGE, content_encoding="gzip"), gzip.compress(b"x" * 9000)],
            {"expect": {"contains": "x"}, "max_body": 8000}, "malformed_response", id="a bomb",
        ),
        pytest.param(
            [head(200, PAGE, content_encoding="deflate"), zlib.compress(b"fine")],
            {"expect": {"contains": "fine"}}, "ok",
            id="deflate",
        ),
        pytest.param(
            [head(200, PAGE, content_encoding="br"), b"\x8b\x01\x80fine\x03"], {"expect": {"not_regex": "ERROR"}},
            "malformed_response", id="a coding that is not read is no success",
        ),
    ],
)  # fmt: skip
def test_a_body_is_judged_whole_or_not_at_all(steps: list[Step], options: dict[str, Any], reason: str) -> None:
    run = http(*steps, **options)

    assert run.reason == reason, run.detail


def test_a_body_that_is_too_long_says_what_to_raise() -> None:
    run = http(head(200, PAGE), b"x" * 200, expect={"contains": "y"}, max_body=100)

    assert "longer than max_body (100 bytes); raise max_body" in run.detail


WORD = "Grüße"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("text/html; charset=iso-8859-1", WORD.encode("latin-1"), id="of the header"),
        pytest.param('text/html; charset="UTF-16LE"', WORD.encode("utf-16-le"), id="in quotes"),
        pytest.param("text/html", b'<meta charset="cp1252">' + WORD.encode("cp1252"), id="of the page"),
        pytest.param(
            "text/html",
            b"<meta http-equiv=content-type content='text/html; charset=latin1'>" + WORD.encode("latin-1"),
            id="of the page, the old way",
        ),
        pytest.param("text/plain", WORD.encode("utf-16"), id="of the byte order mark"),
        pytest.param("text/plain; charset=nonsense", WORD.encode(), id="one that does not exist"),
        pytest.param("text/plain", WORD.encode(), id="none: UTF-8"),
        pytest.param("text/plain; charset=punycode", WORD.encode(), id="an encoding that is slow on purpose"),
    ],
)
def test_a_body_is_read_in_its_charset(content_type: str, body: bytes) -> None:
    run = http(head(200, content_type), body, expect={"contains": WORD})

    assert run.success, run.detail


TWO_COOKIES = head(200, PAGE).replace(b"\r\n\r\n", b"\r\nset-cookie: theme=dark\r\nset-cookie: sid=1\r\n\r\n")


@pytest.mark.parametrize(
    ("expect", "reason"),
    [
        ({"headers": {"set-cookie": "^sid="}}, "ok"),
        ({"headers": {"Set-Cookie": "^nothing="}}, "assertion_failed"),
        ({"headers": {"x-absent": ".*"}}, "assertion_failed"),
        ({"optional_headers": {"x-absent": "^1$"}}, "ok"),
        ({"optional_headers": {"set-cookie": "^nothing="}}, "assertion_failed"),
        ({"not_headers": {"set-cookie": "^sid="}}, "assertion_failed"),
        ({"not_headers": {"x-absent": ".*"}}, "ok"),
        ({"tls": True}, "assertion_failed"),
        ({"tls": False}, "ok"),
        ({"contains": ["well", "all"]}, "ok"),
        ({"contains": ["well", "ill"]}, "assertion_failed"),
        ({"not_contains": ["ill", "dead"]}, "ok"),
        ({"not_contains": "well"}, "assertion_failed"),
        ({"regex": ["^all", "well$"]}, "ok"),
        ({"not_regex": ["ill", "w.ll"]}, "assertion_failed"),
    ],
)
def test_several_inverted_and_header_checks(expect: dict[str, Any], reason: str) -> None:
    run = http(TWO_COOKIES, b"all is well", expect=expect)

    assert run.reason == reason, run.detail


def test_what_is_not_quite_http_is_said_of_a_success() -> None:
    run = http(b"HTTP/1.1 200 OK\nX: a\x01\nContent-Length: 2\n\nhi", expect={"contains": "hi"})

    assert run.success
    assert run.detail == "not quite HTTP: a control character (1); not quite HTTP: a line that ends without CR (4)"

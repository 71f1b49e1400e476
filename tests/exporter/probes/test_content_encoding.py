from __future__ import annotations

import gzip
import json
import zlib
from contextlib import suppress
from typing import Any

import pytest
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.content_encoding import Decoder, decode
from hypothesis import given
from hypothesis import strategies as st

from tests.exporter.probes.played import head, observe

PLAIN = b"status: fine\n" * 50
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
RAW_DEFLATE = RAW.compress(PLAIN) + RAW.flush()

CODINGS = [
    pytest.param("gzip", gzip.compress(PLAIN), id="gzip"),
    pytest.param("x-gzip", gzip.compress(PLAIN), id="x-gzip"),
    pytest.param("identity, gzip", gzip.compress(PLAIN), id="in a list"),
    pytest.param("deflate", zlib.compress(PLAIN), id="deflate"),
    pytest.param("deflate", RAW_DEFLATE, id="deflate without its header"),
    pytest.param("identity", PLAIN, id="identity"),
    pytest.param("", PLAIN, id="none"),
]


@pytest.mark.parametrize(("coding", "body"), CODINGS)
def test_what_a_server_compresses_unasked_is_read(coding: str, body: bytes) -> None:
    assert decode(body, {"content-encoding": coding}, 10_000) == PLAIN


@pytest.mark.parametrize(("coding", "body"), CODINGS)
def test_it_is_read_however_it_is_cut(coding: str, body: bytes) -> None:
    decoder = Decoder({"content-encoding": coding}, 10_000)
    plain = b"".join(decoder.feed(body[at : at + 3]) for at in range(0, len(body), 3))
    decoder.close()

    assert plain == PLAIN


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param("br", b"\x0b\x05\x80", id="a coding that is not read"),
        pytest.param("gzip, gzip", gzip.compress(PLAIN), id="twice"),
        pytest.param("gzip", PLAIN, id="not gzip"),
        pytest.param("gzip", gzip.compress(PLAIN)[:-9], id="without its end"),
        pytest.param("gzip", gzip.compress(bytes(20_000)), id="more than is read"),
    ],
)
def test_what_cannot_be_unpacked_is_malformed(coding: str, body: bytes) -> None:
    with pytest.raises(Failure) as raised:
        decode(body, {"content-encoding": coding}, 10_000)

    assert raised.value.reason == "malformed_response"


@given(st.binary(max_size=200))
def test_nothing_but_a_failure_escapes_from_a_damaged_body(body: bytes) -> None:
    for coding in ("gzip", "deflate"):
        with suppress(Failure):
            decode(body, {"content-encoding": coding}, 1000)


def _played(status: int, content_type: str, body: bytes, **headers: str) -> Any:
    return observe(
        "chat", head(status, content_type, content_encoding="gzip", **headers), gzip.compress(body), model="luna"
    )


def test_the_words_of_a_compressed_error_are_read() -> None:
    body = json.dumps({"error": {"message": "Your credit balance is too low"}}).encode()

    assert _played(429, "application/json", body).reason == "quota_exhausted"


def test_a_compressed_stream_is_read() -> None:
    body = b'data: {"choices": [{"delta": {"content": "OK"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    run = _played(200, "text/event-stream", body)

    assert run.success, run.detail
    assert run.answer_correct is True

"""What every client reads although it is not quite HTTP."""

from __future__ import annotations

import pytest
from ai_provider_exporter.wire import LenientReader, TooLarge
from ai_provider_exporter.wire.response_reader import ResponseReader
from hypothesis import given, settings
from hypothesis import strategies as st

OK = b"HTTP/1.1 200 OK\r\n"


def fed(data: bytes, reader: ResponseReader, size: int = 1 << 20) -> ResponseReader:
    for start in range(0, len(data), size):
        reader.feed(1.0, data[start : start + size])
    reader.close(2.0, None)
    return reader


def body(reader: ResponseReader) -> bytes:
    return b"".join(chunk.data for chunk in reader.queue)


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("response", "remarks"),
    [
        pytest.param(OK + b"Content-Length: 2\r\n\r\nhi", [], id="as it should be"),
        pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", ["a line that ends without CR (3)"], id="bare LF"),
        pytest.param(
            OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
            ["a length that is already said (1)"],
            id="the same length twice",
        ),
        pytest.param(OK + b"Content-Length: 2, 2\r\n\r\nhi", ["a length that is already said (1)"], id="in one line"),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            ["a length that is already said (1)"],
            id="a length beside chunks",
        ),
        pytest.param(
            OK + b"X: a\x01b\x02\r\nContent-Length: 2\r\n\r\nhi", ["a control character (2)"], id="control characters"
        ),
        pytest.param(OK + b"X : a\r\nContent-Length: 2\r\n\r\nhi", ["a blank before a colon (1)"], id="a blank"),
        pytest.param(OK + b"nonsense\r\nContent-Length: 2\r\n\r\nhi", ["a line that is no field (1)"], id="no field"),
        pytest.param(OK + b"X: " + b"x" * 90_000 + b"\r\nContent-Length: 2\r\n\r\nhi", [], id="90 KB of header"),
        pytest.param(b"HTTP/1.1 103 Early\r\nX: y\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", [], id="interim"),
        pytest.param(b"HTTP/1.0 200\r\n\r\nhi", [], id="no reason, no length"),
        pytest.param(OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi\r\n", [], id="data after the end"),
    ],
)
def test_what_curl_reads_is_read_and_its_defects_are_counted(response: bytes, remarks: list[str], size: int) -> None:
    reader = fed(response, LenientReader(max_bytes=100), size)

    assert (reader.status, body(reader), reader.failure) == (200, b"hi", None)
    assert reader.remarks == [f"not quite HTTP: {remark}" for remark in remarks]


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(b"SSH-2.0-x\r\n", id="another protocol"),
        pytest.param(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi", id="two lengths"),
        pytest.param(OK + b"Content-Length: 9\r\n\r\nhi", id="cut off"),
    ],
)
def test_what_no_client_reads_fails(response: bytes) -> None:
    assert fed(response, LenientReader(max_bytes=100)).failure is not None


def test_a_head_without_end_is_too_large() -> None:
    assert isinstance(fed(OK + b"a: b\r\n" * 100_000, LenientReader(max_bytes=100)).failure, TooLarge)


def test_interim_responses_without_end_are_given_up() -> None:
    reader = fed(b"HTTP/1.1 100 Continue\r\n\r\n" * 12_000, LenientReader(max_bytes=100))

    assert isinstance(reader.failure, TooLarge)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200), size=st.integers(1, 50))
def test_junk_never_raises_out_of_the_reader(data: bytes, size: int) -> None:
    reader = fed(OK + data, LenientReader(max_bytes=100), size)

    assert reader.over

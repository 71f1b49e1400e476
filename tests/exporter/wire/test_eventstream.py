import struct
from itertools import pairwise
from uuid import UUID
from zlib import crc32

import pytest
from ai_provider_exporter.wire import BadFrame, EventStreamMessage, EventStreamReader, FrameTooLarge
from ai_provider_exporter.wire.eventstream import HeaderValue
from hypothesis import given
from hypothesis import strategies as st


def header(name: str, kind: int, value: bytes) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([kind]) + value


def text(name: str, value: str) -> bytes:
    return header(name, 7, struct.pack("!H", len(value.encode())) + value.encode())


def message(payload: bytes, *headers: bytes, headers_length: int | None = None) -> bytes:
    block = b"".join(headers)
    prelude = struct.pack(
        "!II", 16 + len(block) + len(payload), len(block) if headers_length is None else headers_length
    )
    unsealed = prelude + struct.pack("!I", crc32(prelude)) + block + payload
    return unsealed + struct.pack("!I", crc32(unsealed))


def read(*pieces: bytes) -> list[EventStreamMessage]:
    reader = EventStreamReader()
    return [message for piece in pieces for message in reader.feed(piece)]


MESSAGES = st.lists(
    st.builds(
        lambda payload, kind: message(payload, text(":message-type", "event"), text(":event-type", kind)),
        st.binary(max_size=40),
        st.text(max_size=10),
    ),
    max_size=5,
)


@given(messages=MESSAGES, cuts=st.lists(st.integers(min_value=0, max_value=300), max_size=10))
def test_messages_are_the_same_however_the_stream_is_cut(messages: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(messages)
    edges = [0, *sorted(cuts), len(stream)]
    whole = read(stream)

    assert len(whole) == len(messages)
    assert whole == read(*(stream[start:end] for start, end in pairwise(edges)))
    assert whole == read(*(stream[i : i + 1] for i in range(len(stream))))


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        pytest.param(0, b"", True, id="true"),
        pytest.param(1, b"", False, id="false"),
        pytest.param(2, b"\xff", -1, id="byte"),
        pytest.param(3, b"\x80\x00", -32768, id="short"),
        pytest.param(4, b"\x00\x00\x01\x00", 256, id="int"),
        pytest.param(5, b"\x00\x00\x00\x01\x00\x00\x00\x00", 1 << 32, id="long"),
        pytest.param(6, b"\x00\x02\x00\xff", b"\x00\xff", id="bytes"),
        pytest.param(7, b"\x00\x05gr\xc3\xbcn", "grün", id="string"),
        pytest.param(8, struct.pack("!q", 1_770_163_200_250), 1_770_163_200.25, id="timestamp"),
        pytest.param(9, bytes(range(16)), UUID("00010203-0405-0607-0809-0a0b0c0d0e0f"), id="uuid"),
    ],
)
def test_every_type_of_header_is_read(kind: int, written: bytes, value: HeaderValue) -> None:
    stream = message(b"{}", header("x", kind, written), text("next", "one"))

    assert read(stream) == [EventStreamMessage({"x": value, "next": "one"}, b"{}")]


def test_a_message_may_be_empty() -> None:
    assert read(message(b"")) == [EventStreamMessage({}, b"")]


def test_what_is_not_whole_is_the_rest() -> None:
    reader = EventStreamReader()
    whole, half = message(b"a"), message(b"b")[:-1]

    assert reader.feed(whole + half) == [EventStreamMessage({}, b"a")]
    assert reader.rest == half


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@given(at=st.integers(min_value=0, max_value=len(message(b"payload", text("x", "y"))) - 1))
def test_no_flipped_bit_goes_unnoticed(at: int) -> None:
    with pytest.raises(BadFrame, match="checksum"):
        read(flipped(message(b"payload", text("x", "y")), at))


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        pytest.param(b'{"message": "Forbidden"}', "no AWS event stream", id="JSON"),
        pytest.param(message(b"", headers_length=99), "16 bytes cannot hold 99 bytes", id="headers too long"),
        pytest.param(message(b"", header("x", 10, b"")), "'x' has the unknown type 10", id="unknown type"),
        pytest.param(message(b"", header("x", 4, b"\x00")), "wants 4 bytes where 1 are left", id="short value"),
        pytest.param(message(b"", b"\x09abc"), "wants 9 bytes where 3 are left", id="short name"),
        pytest.param(message(b"", b"\x01\xff\x00"), "not UTF-8", id="name that is no UTF-8"),
        pytest.param(message(b"", header("x", 7, b"\x00\x01\xff")), "not UTF-8", id="value that is no UTF-8"),
    ],
)
def test_a_message_that_contradicts_itself_is_refused(stream: bytes, problem: str) -> None:
    with pytest.raises(BadFrame, match=problem):
        read(stream)


def test_a_message_too_long_is_refused_before_it_has_come() -> None:
    with pytest.raises(FrameTooLarge, match="longer than 131072 bytes"):
        read(message(bytes(1 << 17))[:12])

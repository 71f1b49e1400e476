"""`application/vnd.amazon.eventstream`, read incrementally: how AWS Bedrock streams its answers.

A message is u32 length of all, u32 length of the headers, u32 CRC of these eight bytes, headers, payload, u32 CRC of
everything before it. A header is u8 length and name, u8 type, value. Numbers are big-endian.
Source: https://smithy.io/2.0/aws/amazon-eventstream.html, read 2026-11.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

from ai_provider_exporter.wire.errors import BadFrame, FrameTooLarge

MAX_MESSAGE_BYTES = 1 << 17
HeaderValue = bool | int | float | bytes | str | UUID

_PRELUDE = struct.Struct("!III")
_CRC = struct.Struct("!I")
_SMALLEST = _PRELUDE.size + _CRC.size


class EventStreamMessage(NamedTuple):
    """`headers` by name, such as `:message-type`, a timestamp in Unix seconds; `payload` is usually JSON."""

    headers: Mapping[str, HeaderValue]
    payload: bytes


class EventStreamReader:
    """Bytes in, whole and checked messages out, however they are cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def rest(self) -> bytes:
        """The beginning of a message that is not whole yet; at the end of the stream it has to be empty."""
        return bytes(self._buffer)

    def feed(self, data: bytes) -> list[EventStreamMessage]:
        """Take in `data`; returns the messages that it completes.

        Raises:
            BadFrame: a checksum or a length is wrong, or a header's type is unknown.
            FrameTooLarge: a message is longer than `MAX_MESSAGE_BYTES`.
        """
        self._buffer += data
        return list(self._messages())

    def _messages(self) -> Iterator[EventStreamMessage]:
        while len(self._buffer) >= _PRELUDE.size:
            total, headers_length = _prelude(self._buffer)
            if len(self._buffer) < total:
                return
            message = bytes(self._buffer[:total])
            del self._buffer[:total]
            yield _message(message, headers_length)


def _prelude(buffer: bytearray) -> tuple[int, int]:
    total, headers_length, checksum = _PRELUDE.unpack_from(buffer)
    if crc32(buffer[: _PRELUDE.size - _CRC.size]) != checksum:
        raise BadFrame("the checksum of a message's prelude is wrong: this is no AWS event stream, or it was damaged")
    if total < _SMALLEST + headers_length:
        raise BadFrame(f"a message of {total} bytes cannot hold {headers_length} bytes of headers")
    if total > MAX_MESSAGE_BYTES:
        raise FrameTooLarge(f"the stream holds a message longer than {MAX_MESSAGE_BYTES} bytes")
    return total, headers_length


def _message(data: bytes, headers_length: int) -> EventStreamMessage:
    end = len(data) - _CRC.size
    if crc32(data[:end]) != _CRC.unpack_from(data, end)[0]:
        raise BadFrame("the checksum of a message is wrong: it was damaged on its way")
    payload = _PRELUDE.size + headers_length
    return EventStreamMessage(dict(_headers(data[_PRELUDE.size : payload])), data[payload:end])


def _headers(data: bytes) -> Iterator[tuple[str, HeaderValue]]:
    rest = _Cursor(data)
    while rest.left:
        name = _text(rest.take(rest.number("!B")))
        kind = rest.number("!B")
        if kind not in _READERS:
            raise BadFrame(f"header {name!r} has the unknown type {kind}")
        yield name, _READERS[kind](rest)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadFrame("the headers of a message are not UTF-8") from error


class _Cursor:
    """Reads on and on in the headers of one message, and never beyond them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise BadFrame(f"a header wants {count} bytes where {self.left} are left")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, spelling: str) -> int:
        (value,) = struct.unpack(spelling, self.take(struct.calcsize(spelling)))
        return int(value)

    def sized(self) -> bytes:
        return self.take(self.number("!H"))


_READERS: dict[int, Callable[[_Cursor], HeaderValue]] = {
    0: lambda _: True,
    1: lambda _: False,
    2: lambda rest: rest.number("!b"),
    3: lambda rest: rest.number("!h"),
    4: lambda rest: rest.number("!i"),
    5: lambda rest: rest.number("!q"),
    6: lambda rest: rest.sized(),
    7: lambda rest: _text(rest.sized()),
    8: lambda rest: rest.number("!q") / 1000,
    9: lambda rest: UUID(bytes=rest.take(16)),
}

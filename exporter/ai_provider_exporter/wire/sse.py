"""Server-sent events, read incrementally (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

from typing import NamedTuple

from ai_provider_exporter.wire.errors import FrameTooLarge

MAX_FRAME_BYTES = 1 << 17
_LINE_OVERHEAD_BYTES = 48  # what Python keeps of a line beside its bytes: a flood of empty ones is a flood, too
_BOM = b"\xef\xbb\xbf"


class SseEvent(NamedTuple):
    """`event` is `message` where the stream names none; `data` has its lines joined by LF."""

    event: str
    data: bytes


class SseReader:
    """Bytes in, events out, however they are cut. An event that its blank line has not ended is not an event.

    `comments` counts keep-alives.
    """

    def __init__(self) -> None:
        self.comments = 0
        self._tail: list[bytes] = []  # the line under way, in pieces: joined only once, however long it grows
        self._tail_bytes = 0
        self._after_cr = False
        self._first = True
        self._event = b""
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._stray: list[bytes] = []
        self._stray_bytes = 0

    @property
    def rest(self) -> bytes:
        """What is no event stream: lines without a field of its own, and the line that no line end has ended.

        Gemini may put a bare JSON error there.
        """
        return b"\n".join([*self._stray, b"".join(self._tail)])

    def feed(self, data: bytes) -> list[SseEvent]:
        """Take in `data`; returns the events that it ends.

        Raises:
            FrameTooLarge: a line, an event or what is no event stream has grown beyond `MAX_FRAME_BYTES`.
        """
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\n" not in data and b"\r" not in data:
            self._keep(data)
            return []
        lines = b"".join([*self._tail, data]).splitlines()
        self._after_cr = data.endswith(b"\r")
        self._tail, self._tail_bytes = [], 0
        if not data.endswith((b"\n", b"\r")):
            self._keep(lines.pop())
        return [event for line in lines if (event := self._line(line)) is not None]

    def _keep(self, data: bytes) -> None:
        if data:
            self._tail.append(data)
            self._tail_bytes += len(data)
        self._limit(self._tail_bytes)

    def _line(self, line: bytes) -> SseEvent | None:
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._data_bytes += len(value) + _LINE_OVERHEAD_BYTES
            self._limit(self._data_bytes)
        elif name == b"event":
            self._event = value
        elif not name:
            self.comments += 1
        elif name not in {b"id", b"retry"}:
            self._stray.append(line)
            self._stray_bytes += len(line) + _LINE_OVERHEAD_BYTES
            self._limit(self._stray_bytes)
        return None

    def _dispatch(self) -> SseEvent | None:
        name, data = self._event or b"message", self._data
        self._event, self._data, self._data_bytes = b"", [], 0
        return SseEvent(name.decode(errors="replace"), b"\n".join(data)) if data else None

    def _limit(self, size: int) -> None:
        if size > MAX_FRAME_BYTES:
            raise FrameTooLarge(f"the stream holds an event larger than {MAX_FRAME_BYTES} bytes")

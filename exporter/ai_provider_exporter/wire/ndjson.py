"""Lines of JSON, read incrementally (https://github.com/ndjson/ndjson-spec, as Ollama streams its answers)."""

from __future__ import annotations

from ai_provider_exporter.wire.errors import FrameTooLarge

MAX_LINE_BYTES = 1 << 17


class NdjsonReader:
    """Bytes in, whole lines out, however they are cut; blank lines are none."""

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._tail_bytes = 0

    @property
    def rest(self) -> bytes:
        """The line that no line end has ended yet."""
        return b"".join(self._tail)

    def feed(self, data: bytes) -> list[bytes]:
        """Take in `data`; returns the lines that it ends, without their line ends.

        Raises:
            FrameTooLarge: a line has grown beyond `MAX_LINE_BYTES`.
        """
        *lines, tail = data.split(b"\n")
        if lines:
            lines[0] = self.rest + lines[0]
            self._tail, self._tail_bytes = [], 0
        self._tail.append(tail)
        self._tail_bytes += len(tail)
        if max(self._tail_bytes, *map(len, lines), 0) > MAX_LINE_BYTES:
            raise FrameTooLarge(f"the stream holds a line longer than {MAX_LINE_BYTES} bytes")
        return [stripped for line in lines if (stripped := line.strip())]

"""A response that is read as curl and browsers read it, and what is wrong with it.

What is timed for an API is read strictly: there a defect of the framing may be what breaks a stream. A web site that
every client reads is not down.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ai_provider_exporter.wire.errors import TooLarge
from ai_provider_exporter.wire.response_reader import ResponseReader

MAX_HEAD_BYTES = 300 * 1024
"""What curl takes: MAX_HTTP_RESP_HEADER_SIZE, https://github.com/curl/curl/blob/master/lib/http.h (2026-11-28)."""

_MAX_HEADS = 50  # interim responses before the one that is waited for
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class LenientReader(ResponseReader):
    """Writes the head anew before it is parsed; `remarks` says what had to be written otherwise."""

    def __init__(self, *, max_bytes: int, has_body: bool = True) -> None:
        super().__init__(max_bytes=max_bytes, has_body=has_body, max_head_bytes=MAX_HEAD_BYTES)
        self._head = bytearray()
        self._heads = 0
        self._defects: Counter[str] = Counter()
        self._parser.set_dangerous_leniencies(
            lenient_chunked_length=True,
            lenient_keep_alive=True,
            lenient_transfer_encoding=True,
            lenient_optional_lf_after_cr=True,
            lenient_optional_cr_before_lf=True,
            lenient_optional_crlf_after_chunk=True,
            lenient_spaces_after_chunk_size=True,
        )

    @property
    def remarks(self) -> list[str]:
        return [f"not quite HTTP: {defect} ({count})" for defect, count in sorted(self._defects.items())]

    def feed(self, at: float, data: bytes) -> None:
        while data and not self.over and self.headers_at is None:
            data = self._feed_head(at, data)
        if data:
            super().feed(at, data)

    def _feed_head(self, at: float, data: bytes) -> bytes:
        """Take in a head, or a part of one; returns what follows it."""
        searched = max(0, len(self._head) - 3)
        self._head += data
        end = _END_OF_HEAD.search(self._head, searched)
        if end is None:
            self._received += len(data)
            self._at = at
            self._limit()
            return b""
        head, rest = bytes(self._head[: end.end()]), bytes(self._head[end.end() :])
        self._head.clear()
        self._heads += 1
        super().feed(at, self._rewritten(head))
        if self._heads > _MAX_HEADS and self.headers_at is None and not self.over:
            self._fail(TooLarge(f"more than {_MAX_HEADS} interim responses came, and no other"))
        return rest

    def close(self, at: float, error: Exception | None) -> None:
        if self._head and not self.over:
            super().feed(at, bytes(self._head))  # its first bytes may show that it is no HTTP at all
        super().close(at, error)

    def _rewritten(self, head: bytes) -> bytes:
        lines = head.split(b"\n")
        self._count("a line that ends without CR", sum(not line.endswith(b"\r") for line in lines[:-1]))
        status, *fields = [line.rstrip(b"\r") for line in lines]
        return b"\r\n".join([status, *self._fields(fields), b"", b""])

    def _fields(self, lines: list[bytes]) -> Iterator[bytes]:
        """One line a field, as `Name: value`; lengths that say nothing new are left out."""
        fields = list(self._parts(lines))
        is_chunked = any(name.lower() == b"transfer-encoding" and b"chunked" in value.lower() for name, value in fields)
        length: bytes | None = None
        for name, value in fields:
            if name.lower() == b"content-length":
                value = self._one_length(value)  # noqa: PLW2901  # the same value, written once
                if is_chunked or value == length:
                    self._count("a length that is already said", 1)
                    continue
                length = value
            yield name + b": " + value

    def _parts(self, lines: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
        for line in filter(None, lines):
            name, colon, value = line.partition(b":")
            if not colon or not _NAME.fullmatch(name.rstrip()):
                self._count("a line that is no field", 1)
                continue
            self._count("a blank before a colon", name != name.rstrip())
            self._count("a control character", len(_CONTROL.findall(value)))
            yield name.rstrip(), _CONTROL.sub(b" ", value).strip()

    def _one_length(self, value: bytes) -> bytes:
        lengths = {length.strip() for length in value.split(b",")}
        if len(lengths) > 1 or b"," not in value:
            return value
        self._count("a length that is already said", value.count(b","))
        return lengths.pop()

    def _count(self, defect: str, count: int) -> None:
        if count:
            self._defects[defect] += count

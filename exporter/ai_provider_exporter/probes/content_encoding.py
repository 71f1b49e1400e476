"""Undoes the compression that some servers apply although `identity` was asked for."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from ai_provider_exporter.model.reasons import Failure

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = frozenset({"gzip", "x-gzip"})
_READ_AT_ONCE = 1 << 20


class Decoder:
    """Compressed bytes in, plain bytes out, at most `limit` of them.

    Raises:
        Failure: malformed_response; a coding that is not read here, damaged data, or more than `limit` bytes.
    """

    def __init__(self, headers: Mapping[str, str], limit: int) -> None:
        named = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
        codings = [name for name in named if name not in {"", "identity"}]
        if len(codings) > 1 or not {*codings} <= {*_GZIP, "deflate"}:
            raise Failure(
                "malformed_response", f"content-encoding: {', '.join(codings)} is not read, only gzip and deflate"
            )
        self._coding = codings[0] if codings else ""
        self._limit = limit
        self._unpacker: zlib._Decompress | None = None

    def feed(self, data: bytes) -> bytes:
        if not self._coding or not data:
            return data
        if self._unpacker is None:
            self._unpacker = zlib.decompressobj(wbits=self._window(data))
        try:
            plain = self._unpacker.decompress(data, min(self._limit + 1, _READ_AT_ONCE))
        except zlib.error as error:
            raise Failure(
                "malformed_response", f"the body is not the {self._coding} that its header promises: {error}"
            ) from None
        self._limit -= len(plain)
        if self._limit < 0 or self._unpacker.unconsumed_tail:
            raise Failure("malformed_response", "the body unpacks to more bytes than are read")
        return plain + self._next_member(self._unpacker)

    def _next_member(self, unpacker: zlib._Decompress) -> bytes:
        """Gzip may be made of several members, one after the other: RFC 1952, section 2.2."""
        if not unpacker.eof or not unpacker.unused_data.startswith(_GZIP_MAGIC):
            return b""
        self._unpacker = None
        return self.feed(unpacker.unused_data)

    def close(self) -> None:
        """Check that the end has come; raises as `feed`."""
        if self._unpacker is not None and not self._unpacker.eof:
            raise Failure("malformed_response", f"the {self._coding} body ends before its end mark")

    def _window(self, data: bytes) -> int:
        """`deflate` is zlib's format by the standard, and raw at some servers."""
        if self._coding in _GZIP:
            return 16 + zlib.MAX_WBITS
        has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2].ljust(2, b"\1")) % 31 == 0  # noqa: PLR2004  # RFC 1950
        return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def decode(body: bytes, headers: Mapping[str, str], limit: int) -> bytes:
    """A whole body in plain; raises as `Decoder`."""
    decoder = Decoder(headers, limit)
    plain = decoder.feed(body)
    decoder.close()
    return plain

"""Text that strangers wrote, made fit for one line and for a label."""

from __future__ import annotations

from hashlib import blake2s

_HASH = 8  # characters
# C0 and C1 controls that are no white space: NUL, ESC and their like.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()}


def one_line(text: str) -> str:
    """Blanks become one space each, control characters U+FFFD, and lone surrogates, which nothing can encode, `?`."""
    return " ".join(text.encode("utf-8", "replace").decode().translate(_CONTROLS).split())


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; what is longer ends in a hash of the whole, so that it stays distinct."""
    if len(text) <= limit:
        return text
    tail = blake2s(text.encode("utf-8", "replace"), digest_size=_HASH // 2).hexdigest()
    return f"{text[: limit - _HASH - 1]}~{tail}"

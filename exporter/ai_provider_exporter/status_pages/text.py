"""Text that strangers wrote: their URLs, and what of it is fit for a label."""

from __future__ import annotations

from hashlib import blake2s
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

MAX_URL = 2048  # characters; what is longer is no URL
_TAIL = 8  # characters of the hash
# C0 and C1 controls that are no white space, and the two separators that end a line for some readers of logs.
_CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()
}


def split_url(url: str) -> SplitResult:
    """The parts of a URL that somebody else wrote; all of them empty if it is none."""
    try:
        return urlsplit(url if len(url) <= MAX_URL else "")
    except ValueError:
        return urlsplit("")


def safe_url(url: str) -> str:
    """The URL without what may be secret in it: user, password and query; empty if it is none."""
    parts = split_url(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def web_link(url: str) -> str:
    """The URL if a browser may be sent there; empty if it is not http or https, or too long."""
    return url if split_url(url).scheme in {"http", "https"} else ""


def one_line(value: Any) -> str:
    """Text on one line: blanks collapsed, control characters and lone surrogates replaced.

    A whole number becomes its digits; anything else is empty.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() < 64 else ""  # noqa: PLR2004  # no id is longer
    if not isinstance(value, str):
        return ""
    return " ".join(value.encode("utf-8", "replace").decode().translate(_CONTROLS).split())


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` bytes of UTF-8; what is longer ends in a hash of the whole, so it stays distinct."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    tail = blake2s(encoded, digest_size=_TAIL // 2).hexdigest()
    return f"{encoded[: limit - _TAIL - 1].decode(errors='ignore')}~{tail}"

"""Text that strangers wrote: their URLs, and what of it is fit for a label."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from ai_provider_exporter.schema.text import one_line

MAX_URL = 2048  # characters; what is longer is no URL


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


def label_text(value: Any) -> str:
    """Text on one line, fit for a label; a whole number becomes its digits, anything else is empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() < 64 else ""  # noqa: PLR2004  # no id is longer
    return one_line(value) if isinstance(value, str) else ""

"""Text that strangers wrote, made fit for one line."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Blanks become one space each, and a lone surrogate, which nothing can encode, becomes `?`."""
    return " ".join(text.encode("utf-8", "replace").decode().split())

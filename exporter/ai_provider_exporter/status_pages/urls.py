"""Addresses that other people wrote: taken apart without trusting that they are any."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def taken_apart(url: str) -> SplitResult:
    """The parts of `url`, all empty if it is no address."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")

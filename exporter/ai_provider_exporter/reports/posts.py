"""Which posts are complaints: of late, about the provider, and about trouble."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ai_provider_exporter.reports.options import PostOptions

WINDOW = 900.0  # seconds; counts of reports are per 15 minutes


def complaints(posts: Iterable[tuple[float | None, str]], options: PostOptions, now: float) -> int:
    """How many of the posts, each a time in Unix seconds and a text, are."""
    return sum(
        1
        for at, text in posts
        if at is not None and now - WINDOW < at <= now and _has(options.words, text) and _has(options.trouble, text)
    )


def _has(words: tuple[str, ...], text: str) -> bool:
    return pattern(words).search(text) is not None


@lru_cache(maxsize=256)
def pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, in any case."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)

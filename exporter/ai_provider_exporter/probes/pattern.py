"""Regular expressions that users write, in RE2: the syntax of Go and so of blackbox_exporter, matched in linear time.

`re` takes exponential time for some patterns and holds the interpreter meanwhile, so that no timeout reaches it. RE2
releases it (https://github.com/google/re2, read 2026-11-28).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any

import re2
from pydantic import AfterValidator

MAX_INSTRUCTIONS = 10_000
"""Of a compiled pattern: where RE2's fast ways fail, time is the product of these and of the text's length."""

_UNSUPPORTED = ("(?=", "(?!", "(?<=", "(?<!", "(?>", "*+", "++", "?+")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def cost(patterns: Iterable[str], size: int) -> int:
    """How many steps it takes at most to match these in `size` bytes."""
    return size * sum(int(_compiled(pattern).programsize) for pattern in patterns)


def search(pattern: str, text: bytes) -> Any:
    """The first match, with `group` and `end` as those of `re`; None: there is none."""
    return _compiled(pattern).search(text)


def matches(pattern: str, text: bytes) -> bool:
    """Whether `pattern` matches anywhere in `text`, which is UTF-8."""
    return search(pattern, text) is not None


def _pattern(value: str) -> str:
    try:
        instructions = _compiled(value).programsize
    except re2.error as error:
        raise ValueError(_problem(value, error)) from None
    if instructions > MAX_INSTRUCTIONS:
        raise ValueError(
            f"is too large a regular expression ({instructions} instructions, {MAX_INSTRUCTIONS} at most); "
            "write fewer repetitions"
        )
    return value


def _problem(pattern: str, error: re2.error) -> str:
    message = error.args[0]
    reason = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
    if any(piece in pattern for piece in _UNSUPPORTED):
        return f"is not RE2 syntax: {reason}; lookaround and possessive repetition do not exist there, write it without"
    return f"is not RE2 syntax: {reason}; correct it, see https://github.com/google/re2/wiki/Syntax"


Pattern = Annotated[str, AfterValidator(_pattern)]
"""A regular expression in RE2 syntax; it is searched for anywhere in a text."""

"""A stranger's text as part of a sentence: short, on one line, without keys."""

from __future__ import annotations

import re

from ai_provider_exporter.schema.text import one_line

MAX_LETTERS = 200
_MAX_READ = 4096

# Keys of well known shapes: errors like to quote them.
_KEYS = re.compile(
    r"\b(?:sk|pk|rk|gsk|csk|xai|hf|r8|nvapi|fw|pplx|tgp|AIza|ya29|eyJ|AKIA|ASIA|ABSK|Bearer)"
    r"[-_. ]?[\w\-.=+/]{8,}"
)
_MASK = "***"  # of a key that the provider has masked itself


def redacted_line(text: str) -> str:
    """At most 200 printable letters; what looks like a key is replaced."""
    line = "".join(letter for letter in one_line(text[:_MAX_READ]) if letter.isprintable())
    hidden = _KEYS.sub("<key>", line)
    if _MASK in hidden:
        hidden = " ".join("<key>" if _MASK in word else word for word in hidden.split(" "))
    return hidden if len(hidden) <= MAX_LETTERS else hidden[: MAX_LETTERS - 1] + "…"


def snippet(body: bytes) -> str:
    """The beginning of a body as such a line."""
    return redacted_line(body[:MAX_LETTERS].decode("utf-8", "replace"))

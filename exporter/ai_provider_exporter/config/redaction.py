"""Finds secrets in text, to replace them: whole or cut off, in any case, percent-encoded or in base64."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import quote, unquote, urlsplit

REPLACEMENT = "<secret>"
PREFIX = 8  # letters by which a secret is recognised: a text that was cut may hold no more of it
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)  # unlike lower(), keeps every position


class Redactor:
    """Works in time linear in the text, however many secrets there are."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._by_prefix: dict[str, set[str]] = {}
        self._short: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        for part in _parts(secret):
            for spelling in _spellings(part):
                self._add(spelling.translate(_LOWER))

    def _add(self, spelling: str) -> None:
        if len(spelling) < PREFIX:
            self._short |= {spelling} - {""}
        else:
            self._by_prefix.setdefault(spelling[:PREFIX], set()).add(spelling)

    def redact(self, text: str) -> str:
        """`text` with every secret replaced, also where only its first letters are left."""
        lower = text.translate(_LOWER)
        return "".join(self._redacted(text, lower))

    def _redacted(self, text: str, lower: str) -> Iterator[str]:
        at = unchanged = 0
        while at < len(text):
            length = self._length(lower, at)
            if length:
                yield text[unchanged:at] + REPLACEMENT
                unchanged = at + length
            at += length or 1
        yield text[unchanged:]

    def _length(self, lower: str, at: int) -> int:
        """How many letters from `at` on are of a secret."""
        whole = max((len(short) for short in self._short if lower.startswith(short, at)), default=0)
        spellings = self._by_prefix.get(lower[at : at + PREFIX], ())
        return max([whole, *(_common(spelling, lower, at) for spelling in spellings)])


def _common(spelling: str, lower: str, at: int) -> int:
    shared = lower[at : at + len(spelling)]
    return next((n for n, (one, other) in enumerate(zip(spelling, shared, strict=False)) if one != other), len(shared))


def _parts(secret: str) -> Iterable[str]:
    """Of a URL with a password only what is private: its scheme and host stand in other texts too."""
    if "://" not in secret:
        return {secret}
    userinfo, at, _ = urlsplit(secret).netloc.rpartition("@")
    if not at:
        return {secret}
    user, _, password = userinfo.partition(":")
    return {userinfo, password or user, f"{unquote(user)}:{unquote(password)}", unquote(password or user)}


def _spellings(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote(secret), *_in_base64(secret.encode())}


def _in_base64(secret: bytes) -> Iterator[str]:
    """In base64 at each of the three places where it can begin, without the letters that neighbours change."""
    for shift in range(3):
        first = -(-shift * 8 // 6)
        last = (shift + len(secret)) * 8 // 6
        encoded = base64.b64encode(bytes(shift) + secret).decode()[first:last]
        yield from {encoded, encoded.replace("+", "-").replace("/", "_")}

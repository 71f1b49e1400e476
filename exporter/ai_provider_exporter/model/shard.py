"""Which of several processes runs what: rendezvous hashing, so that one more shard moves no more than its share.

The unit is a provider: its probes and its page go together, because what we see and what they admit are compared
in one process (`correlate`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shard:
    """`index` counts from 0."""

    index: int = 0
    count: int = 1

    def owns(self, provider: str) -> bool:
        return self.index == max(range(self.count), key=lambda index: _weight(index, provider))

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


WHOLE = Shard()


def _weight(index: int, provider: str) -> bytes:
    return hashlib.sha256(f"{index}\0{provider}".encode()).digest()


def parse(text: str) -> Shard:
    """Read `I/N`.

    Raises:
        ValueError: it is not one; the message says what to write.
    """
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
        raise ValueError(f"{text!r} is not a shard; write I/N with I from 0 to N-1, such as 0/3")
    return Shard(int(index), int(count))

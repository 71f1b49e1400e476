"""File descriptors: probes leave some for the web side and for files, so that a scrape is answered all the same."""

from __future__ import annotations

import errno
import resource
from pathlib import Path

RESERVE = 48  # for scrapers, pages, files and what libraries open; a quarter where there are few
_OPEN = Path("/proc/self/fd")


class Descriptors:
    """How many connections of probes are open, and how many may be."""

    def __init__(self, limit: float = float("inf")) -> None:
        self.limit = limit
        self.open = 0

    def take(self) -> None:
        """One connection more; `give_back` when it has ended.

        Raises:
            OSError: EMFILE, as the kernel would say it once the reserve were used up too.
        """
        if self.open >= self.limit:
            raise OSError(errno.EMFILE, f"{self.open} connections of probes are open, all that ulimit -n leaves them")
        self.open += 1

    def give_back(self) -> None:
        self.open -= 1


CONNECTIONS = Descriptors()


def raise_limit() -> None:
    """Allow as many descriptors as the host does (as Go programs do), and set the probes' part of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    CONNECTIONS.limit = for_probes(hard, sum(1 for _ in _OPEN.iterdir()) if _OPEN.exists() else 0)


def for_probes(limit: int, used: int) -> float:
    """The part of `limit` descriptors, of which `used` are open, that connections of probes may take."""
    if limit == resource.RLIM_INFINITY:
        return float("inf")
    return max(1, limit - used - min(RESERVE, limit // 4))

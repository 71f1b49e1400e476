"""How late the event loop is: the error that our own clock may carry."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter

TICK_SECONDS = 0.1
WORTH_KEEPING_SECONDS = 0.01


class LoopLag:
    """Wakes ten times a second and remembers how late it was woken."""

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._observe = observe
        self._late: deque[tuple[float, float]] = deque(maxlen=1024)  # (stamp, seconds)
        self._due = 0.0

    def worst(self, since: float) -> float:
        """The longest delay after the `perf_counter` stamp, seconds; a tick that is overdue right now counts.

        Of a delay that began before `since`, only the rest counts.
        """
        overdue = (perf_counter(), self.overdue) if self._due else (since, 0.0)
        return max(0.0, *(min(late, stamp - since) for stamp, late in (*self._late, overdue)))

    @property
    def overdue(self) -> float:
        """Seconds since a tick was due that has not come; may be read from any thread."""
        return max(0.0, perf_counter() - self._due) if self._due else 0.0

    async def watch(self) -> None:
        """Run until cancelled."""
        while True:
            self._due = perf_counter() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            now = perf_counter()
            late = max(0.0, now - self._due)
            self._observe(late)
            if late > WORTH_KEEPING_SECONDS:
                self._late.append((now, late))

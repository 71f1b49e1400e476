"""A clock of its own: time passes only from one planned moment to the next, so that hours take seconds."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

SETTLING = 25
"""Turns of the event loop in which all that a moment has woken comes to rest: the jobs of a story await no I/O."""


class StoryClock:
    def __init__(self, now: float) -> None:
        self.now = now
        self._order = count()
        self._planned: list[tuple[float, int, asyncio.Future[None]]] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._planned, (self.now + seconds, next(self._order), woken))
        await woken

    async def play(self, until: float) -> None:
        """Let everything happen that is planned up to `until`."""
        await self._settle()
        while self._planned and self._planned[0][0] <= until:
            self.now, _, woken = heapq.heappop(self._planned)
            if not woken.done():
                woken.set_result(None)
            await self._settle()
        self.now = until

    @staticmethod
    async def _settle() -> None:
        for _ in range(SETTLING):
            await asyncio.sleep(0)

"""One piece of work at a time, for many clients: addresses take turns, and each may wait only so often."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

MAX_WAITING = 64
MAX_WAITING_PER_CLIENT = 8


class TooManyWaitingError(Exception):
    """The queue, or this client's share of it, is full."""


class Turns:
    """Used on one event loop. A client that waits is served after at most one request of each other client.

    A waiter that is cancelled, because its client left, gives up its place; work that has begun is finished first.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # in the order of the round
        self._is_busy = False

    @property
    def waiting(self) -> int:
        return sum(len(places) for places in self._waiting.values())

    async def take(self, client: str) -> None:
        """Wait for a turn; `release` ends it.

        Raises:
            TooManyWaitingError: nobody else may wait.
        """
        if not self._is_busy:
            self._is_busy = True
            return
        places = self._waiting.get(client, deque())
        if len(places) >= MAX_WAITING_PER_CLIENT or self.waiting >= MAX_WAITING:
            raise TooManyWaitingError
        self._waiting[client] = places
        place = asyncio.get_running_loop().create_future()
        places.append(place)
        try:
            await place
        except asyncio.CancelledError:
            self._give_up(client, place)
            raise

    def _give_up(self, client: str, place: asyncio.Future[None]) -> None:
        if not place.cancelled():  # the turn came in the moment that the client left
            self.release()
            return
        places = self._waiting.get(client)
        if places is not None and place in places:
            places.remove(place)
            self._drop_if_empty(client, places)

    def release(self) -> None:
        """End the present turn; the next client's begins."""
        while self._waiting:
            client, places = next(iter(self._waiting.items()))
            place = places.popleft()
            self._waiting[client] = self._waiting.pop(client)  # to the end of the round
            self._drop_if_empty(client, places)
            if not place.done():  # else cancelled, and about to give up
                place.set_result(None)
                return
        self._is_busy = False

    def _drop_if_empty(self, client: str, places: deque[asyncio.Future[None]]) -> None:
        if not places:
            del self._waiting[client]


async def in_turn(turns: Turns, client: str, begin: Callable[[], asyncio.Future[bool]]) -> bool:
    """The outcome of what `begin` starts once it is this client's turn; the turn ends when the work does."""
    await turns.take(client)
    work = begin()
    work.add_done_callback(lambda _: turns.release())
    return await asyncio.shield(work)

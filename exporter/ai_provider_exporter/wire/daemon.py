"""Work that may never end, such as reading from a dead network file system: in a thread that exit does not wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def start(work: Callable[[], T], name: str) -> Future[T]:
    """Begin `work` in a daemon thread of its own; an executor's threads would be waited for at exit."""
    outcome: Future[T] = Future()

    outcome.set_running_or_notify_cancel()  # who gives up waiting does not end it

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001  # it is raised where the outcome is awaited
            outcome.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return outcome


async def run(work: Callable[[], T], name: str, seconds: float | None = None) -> T:
    """The result of `work`, done in a daemon thread.

    Raises:
        TimeoutError: it has not ended after `seconds`; it may go on, but nobody waits for it.
    """
    async with asyncio.timeout(seconds):
        return await asyncio.wrap_future(start(work, name))

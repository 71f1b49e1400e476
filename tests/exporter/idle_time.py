"""A clock on which a busy machine makes nothing late.

For tests whose client and server live in one event loop. Time passes only while the loop has nothing to do: work takes
none of it, however slow the machine, and a wait that nothing can end any more is skipped. The program's `perf_counter`
shows the same time, a microsecond later at each look.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

QUIET = 0.05
"""Real seconds without an event on any socket after which none will come: TCP delays nothing on loopback longer."""
_LOOK = 1e-6


class _IdleTimeSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = time.perf_counter()
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if self.threads:
            return super().select()  # a thread works: that is no idle time, and its end wakes the loop
        began = time.perf_counter()
        events = super().select(min(timeout, QUIET))
        self.now += min(time.perf_counter() - began, timeout, QUIET) if events else timeout
        return events

    def look(self) -> float:
        self.now += _LOOK
        return self.now


class _IdleTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.idle_time = _IdleTimeSelector()
        super().__init__(self.idle_time)

    def time(self) -> float:
        return self.idle_time.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        future = super().run_in_executor(executor, func, *args)
        self.idle_time.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _: asyncio.Future[Any]) -> None:
        self.idle_time.threads -= 1


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, in idle time."""
    loop = _IdleTimeLoop()
    with _clock(loop.idle_time.look), asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(coroutine)


@contextmanager
def _clock(now: Callable[[], float]) -> Iterator[None]:
    """Whatever module of the program looks at `perf_counter` looks at `now`."""
    lookers = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("ai_provider_exporter") and getattr(module, "perf_counter", None) is time.perf_counter
    ]
    for module in lookers:
        module.__dict__["perf_counter"] = now
    try:
        yield
    finally:
        for module in lookers:
            module.__dict__["perf_counter"] = time.perf_counter

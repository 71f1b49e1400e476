"""Matching what strangers send against what users write: at once where it is little, beside the event loop else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.wire import daemon

T = TypeVar("T")

_AT_ONCE = 2_000_000
"""Bytes times instructions of a pattern, of which RE2 does 100 million a second at its slowest: 20 ms."""
_MAX_THREADS = 4


class _Judges:
    """Threads that match; a slow one may go on after its run has ended, so they are counted."""

    def __init__(self) -> None:
        self.at_work = 0

    async def run(self, work: Callable[[], T], cost: int, seconds: float) -> T:
        if cost <= _AT_ONCE:
            return work()
        if self.at_work >= _MAX_THREADS:
            raise Failure("prober_overloaded", f"{self.at_work} responses are being matched; write simpler patterns")
        self.at_work += 1
        try:
            return await daemon.run(lambda: self._counted(work), "judge", seconds)
        except TimeoutError:
            raise Failure("bad_request", "matching expect takes longer than timeout; write simpler patterns") from None

    def _counted(self, work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            self.at_work -= 1


_JUDGES = _Judges()


async def judged(work: Callable[[], T], cost: int, seconds: float) -> T:
    """What `work` returns; `cost` is that of `pattern.cost`.

    Raises:
        Failure: bad_request, it takes longer than `seconds`; prober_overloaded, too many others do.
    """
    return await _JUDGES.run(work, cost, seconds)

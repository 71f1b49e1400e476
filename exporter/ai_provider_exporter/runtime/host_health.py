"""What a run must know of the host that it runs on, so that our own trouble is not blamed on anybody else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # spares the verbs that do not need it the import
    from ai_provider_exporter.probes.options import ProbeOptions


def _now() -> float:
    return time.time()


async def _egress_is_up(_: ProbeOptions) -> bool:
    return False


async def _some_name_resolves() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class HostHealth:
    """`worst_lag(since)` is how late the event loop has been since that `perf_counter` stamp, in seconds.

    `egress_down(options)` is whether the egress that this probe takes is down, `names_resolve()` whether any other
    name does; `redact` takes secrets out of text.
    """

    wall: Callable[[], float] = _now
    worst_lag: Callable[[float], float] = lambda _: 0.0
    egress_down: Callable[[ProbeOptions], Awaitable[bool]] = _egress_is_up
    names_resolve: Callable[[], Awaitable[bool]] = _some_name_resolves
    redact: Callable[[str], str] = lambda text: text

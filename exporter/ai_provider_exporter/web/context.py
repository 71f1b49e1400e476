"""What the web side may read and call: the state of this moment, the configuration, reload and `/probe`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ai_provider_exporter.metrics import View
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.state import State
from ai_provider_exporter.runtime.targets import ProbeRequest

ProbeTarget = Callable[[ProbeRequest], Awaitable[State]]
"""Probes a target, or raises `TargetError`."""
Reload = Callable[[], Awaitable[str | None]]
"""Reads the configuration again; gives what is wrong with it, None if it is in force now."""


def _not_planned(_: ProbeState, __: float) -> float | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebContext:
    """What each of these gives.

    `view` is the state of this moment, `config` the settings without secrets, `ready` whether the schedule is laid.
    `titles` are the names that people know providers by, where they differ from the label. `next_run` gives the Unix
    time of the first run of a probe after a moment, None if none is planned. `loop_silence` gives the seconds for which
    the probing loop should have run and has not. `reload` is None where --web.enable-lifecycle is not set;
    `probe_target` is None where nothing can be probed on request.
    """

    view: Callable[[], View]
    config: Callable[[], str]
    ready: Callable[[], bool]
    titles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    next_run: Callable[[ProbeState, float], float | None] = _not_planned
    loop_silence: Callable[[], float] = lambda: 0.0
    reload: Reload | None = None
    probe_target: ProbeTarget | None = None

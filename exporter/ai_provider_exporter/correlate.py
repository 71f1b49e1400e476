"""Probes against pages: what we see of a provider, beside what it admits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ai_provider_exporter.faults import Fault
from ai_provider_exporter.observation import Status
from ai_provider_exporter.state import ProbeState, State

STALE_INTERVALS = 3


def observed_statuses(state: State, now: float) -> dict[tuple[str, str], Status]:
    """(provider, location) -> what the last runs of its probes show."""
    groups: defaultdict[tuple[str, str], list[ProbeState]] = defaultdict(list)
    for probe in state.probes.values():
        groups[probe.id.provider, probe.id.location].append(probe)
    return {key: observed_status(probes, now) for key, probes in groups.items()}


def observed_status(probes: Iterable[ProbeState], now: float) -> Status:
    """All well, some fail, all fail, or unknown.

    A run that failed through our key, our network or our host is no evidence about the provider either way;
    nor is one that is too old.
    """
    evidence = [verdict for probe in probes if (verdict := _verdict(probe, now)) is not None]
    if not evidence:
        return Status.UNKNOWN
    if all(evidence):
        return Status.OPERATIONAL
    return Status.DEGRADED_PERFORMANCE if any(evidence) else Status.MAJOR_OUTAGE


def _verdict(probe: ProbeState, now: float) -> bool | None:
    run = probe.last
    if run is None or now - run.started_at - run.duration_seconds > STALE_INTERVALS * probe.interval:
        return None
    if run.success:
        return True
    return False if run.fault is Fault.PROVIDER else None

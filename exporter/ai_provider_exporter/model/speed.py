"""Whether a run was slow: slower than its objective or, where there is none, than what is usual for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType

from ai_provider_exporter.model.observation import ProbeObservation

OBJECTIVES = ("first_token", "duration")
MIN_SAMPLES, MAX_SAMPLES = 20, 240
USUAL_FACTOR, USUAL_SECONDS = 3.0, 0.1


def seconds_of(run: ProbeObservation, objective: str) -> float | None:
    return run.time_to_first_token_seconds if objective == "first_token" else run.duration_seconds


@dataclass(frozen=True, slots=True)
class Speed:
    """How long the last successes of one probe took, and whether the newest was slow."""

    samples: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    is_slow: bool = False

    def after(self, run: ProbeObservation, objectives: Mapping[str, float]) -> Speed:
        taken = {name: seconds for name in OBJECTIVES if (seconds := seconds_of(run, name)) is not None}
        limits = {name: objectives.get(name, self.usual_limit(name)) for name in taken}
        samples = {name: (*self.samples.get(name, ())[-MAX_SAMPLES + 1 :], seconds) for name, seconds in taken.items()}
        is_slow = any(limit is not None and taken[name] > limit for name, limit in limits.items())
        return Speed(MappingProxyType({**self.samples, **samples}), is_slow)

    def usual_limit(self, objective: str) -> float | None:
        """Three times the median of the last 240 successes; None before there are twenty."""
        samples = self.samples.get(objective, ())
        if len(samples) < MIN_SAMPLES:
            return None
        usual = median(samples)
        return max(USUAL_FACTOR * usual, usual + USUAL_SECONDS)

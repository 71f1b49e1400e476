"""What is known of one probe: a pure fold over its runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ai_provider_exporter.model.backoff import Backoff
from ai_provider_exporter.model.counts import added
from ai_provider_exporter.model.histogram import DURATION_BUCKETS, TOKEN_BUCKETS, Histogram
from ai_provider_exporter.model.measurement import TokenType
from ai_provider_exporter.model.observation import ProbeId, ProbeObservation, Skip
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.speed import Speed, seconds_of

STALE_INTERVALS = 3
RECENT_SUCCESSES = 30
RECENT_FAILURES = 70  # failures outlive successes: they are what a page to on-call asks about


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What can fail by itself: a part of a provider as it is seen from one location. Empty: it has no such part."""

    provider: str
    location: str = ""
    kind: str = ""
    model: str = ""
    region: str = ""
    tier: str = ""
    endpoint_host: str = ""


def _durations() -> Histogram:
    return Histogram.empty(DURATION_BUCKETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeState:
    """One probe: how it was set up, what it did last, and everything counted since the start."""

    id: ProbeId
    interval: float
    credential: str = ""
    objectives: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    info: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    last: ProbeObservation | None = None
    last_success_at: float | None = None
    attempts: int = 0
    failures: Mapping[Fault, int] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(Fault, 0)))
    reasons: Mapping[tuple[str, Fault], int] = field(default_factory=lambda: MappingProxyType({}))
    skipped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    unknown_finishes: int = 0
    duration: Histogram = field(default_factory=_durations)
    time_to_first_token: Histogram = field(default_factory=_durations)
    time_to_first_answer: Histogram = field(default_factory=_durations)
    time_per_output_token: Histogram = field(default_factory=lambda: Histogram.empty(TOKEN_BUCKETS))
    tokens: Mapping[TokenType, int] = field(default_factory=lambda: MappingProxyType({}))
    cost_usd: float | None = None
    recent_successes: tuple[ProbeObservation, ...] = ()
    recent_failures: tuple[ProbeObservation, ...] = ()
    slow: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    speed: Speed = field(default_factory=Speed)
    backoff: Backoff = field(default_factory=lambda: Backoff(interval=0.0))

    @property
    def scope(self) -> Scope:
        """What it covers; probes that cover the same are one evidence."""
        id_ = self.id
        return Scope(
            provider=id_.provider,
            location=id_.location,
            kind=id_.kind,
            model=id_.model,
            region=self.info.get("region", ""),
            tier=id_.tier,
            endpoint_host=self.info.get("endpoint_host", ""),
        )

    @property
    def pace(self) -> float:
        """Seconds from run to run as they are now: to back off lengthens the interval."""
        return max(self.interval, self.backoff.pause)

    @property
    def history(self) -> list[ProbeObservation]:
        """Recent runs, newest first."""
        runs = [*self.recent_successes, *self.recent_failures]
        return sorted(runs, key=lambda run: run.started_at, reverse=True)

    def after(self, run: ProbeObservation | Skip) -> ProbeState:
        if isinstance(run, Skip):
            return replace(self, skipped=added(self.skipped, {run.cause: 1}))
        return replace(
            self._succeeded(run) if run.success else self._failed(run),
            last=run,
            backoff=replace(self.backoff, interval=self.interval).after(run),
            attempts=self.attempts + 1,
            tokens=added(self.tokens, run.tokens),
            cost_usd=self.cost_usd if run.cost_usd is None else (self.cost_usd or 0.0) + run.cost_usd,
        )

    def _succeeded(self, run: ProbeObservation) -> ProbeState:
        slow = [name for name, limit in self.objectives.items() if (seconds_of(run, name) or 0.0) > limit]
        return replace(
            self,
            last_success_at=run.ended_at,
            unknown_finishes=self.unknown_finishes + bool(run.unknown_finish),
            slow=added(self.slow, dict.fromkeys(slow, 1)),
            speed=self.speed.after(run, self.objectives),
            duration=self.duration.observe(run.duration_seconds),
            time_to_first_token=self.time_to_first_token.observe(run.time_to_first_token_seconds),
            time_to_first_answer=self.time_to_first_answer.observe(run.time_to_first_answer_seconds),
            time_per_output_token=self.time_per_output_token.observe(run.time_per_output_token_seconds),
            recent_successes=(*self.recent_successes[-RECENT_SUCCESSES + 1 :], run),
        )

    def _failed(self, run: ProbeObservation) -> ProbeState:
        fault = run.fault or Fault.UNKNOWN
        return replace(
            self,
            failures=added(self.failures, {fault: 1}),
            reasons=added(self.reasons, {(run.reason, fault): 1}),
            recent_failures=(*self.recent_failures[-RECENT_FAILURES + 1 :], run),
        )

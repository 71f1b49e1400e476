"""When a probe may ask again after its key was refused, its account empty, or it was told to wait.

A pure fold: each observation gives the next backoff. Nothing is ever retried inside a probe.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ai_provider_exporter.model.observation import ProbeObservation

# To go on asking may lock a key, and refused requests count toward limits: so ever more rarely.
REFUSALS = frozenset({"key_rejected", "quota_exhausted", "token_refused"})
# Our own limit is used up, and the provider may say until when. What is their fault must not blind us: a busy provider
# that asks to be left alone for a quarter of an hour is probed on.
WAITS = frozenset({"rate_limited"})

LONGEST_REFUSAL = 30 * 60.0
LONGEST_WAIT = 15 * 60.0  # a provider that says "tomorrow" must not blind us for a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Of one probe. `interval` is its pace in seconds; `since` and `until` are Unix seconds."""

    interval: float
    refusals: int = 0
    since: float = 0.0
    until: float = 0.0

    @property
    def pause(self) -> float:
        """Seconds from the last run to the next that may take place; 0.0 without a wait."""
        return 0.0 if self.until <= self.since else self.until - self.since + self.interval

    def after(self, observation: ProbeObservation) -> Backoff:
        """The backoff that `observation` leads to; a success or any other reason ends it."""
        ended_at = observation.started_at + observation.duration_seconds
        backoff = Backoff(interval=self.interval, since=ended_at, until=ended_at)
        if observation.reason in REFUSALS:
            return backoff._refused(self.refusals + 1, observation.started_at)
        if observation.reason in WAITS and observation.retry_after_seconds is not None:
            return replace(backoff, until=ended_at + min(observation.retry_after_seconds, LONGEST_WAIT))
        return backoff

    def next_allowed(self, now: float) -> float:
        """`now`, or the later moment to wait for. A clock set back behind `since` ends the wait."""
        return self.until if self.since <= now < self.until else now

    def _refused(self, refusals: int, started_at: float) -> Backoff:
        """1, 2, 4 … intervals from start to start: the first refusal costs no run.

        Half an interval is given back: a tick a little sooner than the last must not wait for the next one.
        """
        pause = min(self.interval * 2.0 ** min(refusals - 1, 32), LONGEST_REFUSAL)
        return replace(self, refusals=refusals, until=started_at + pause - self.interval / 2)

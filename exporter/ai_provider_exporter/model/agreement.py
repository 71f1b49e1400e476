"""Probes against pages: what we see of a provider, beside what it admits. Pure; time is an argument.

A failure counts as seen only where the provider is at fault: our key, our network and our host are no evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ai_provider_exporter.model.observation import ProbeObservation, Status
from ai_provider_exporter.model.reasons import Fault

STALE_INTERVALS = 3
LONGEST_GAP_SECONDS = 900.0  # between two observations; a process that slept has not watched anybody disagree


class Disagreement(StrEnum):
    UNACKNOWLEDGED = "unacknowledged"  # probes fail, page green
    UNOBSERVED = "unobserved"  # page red, probes fine


def observed_status(runs: Iterable[tuple[ProbeObservation | None, float]], now: float) -> Status:
    """All well, some fail, all fail, or unknown, from the last run of each probe and its interval."""
    evidence = [verdict for run, interval in runs if (verdict := _verdict(run, interval, now)) is not None]
    if not evidence:
        return Status.UNKNOWN
    if all(evidence):
        return Status.OPERATIONAL
    return Status.DEGRADED_PERFORMANCE if any(evidence) else Status.MAJOR_OUTAGE


def _verdict(run: ProbeObservation | None, interval: float, now: float) -> bool | None:
    if run is None or now - run.started_at - run.duration_seconds > STALE_INTERVALS * interval:
        return None
    if run.success:
        return True
    return False if run.fault is Fault.PROVIDER else None


def is_trouble(status: Status) -> bool:
    """A maintenance that was announced is no trouble, and what is unknown is none either."""
    return status >= Status.DEGRADED_PERFORMANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of one provider at one location: how long probes and page disagreed, and how long it took to admit.

    `failing_since` and `admitted_since` are Unix seconds, None while there is no such trouble. `lag_seconds` is
    that of the present trouble or, when all is well, of the last one; None until the page has admitted it.
    """

    at: float | None = None
    kind: Disagreement | None = None
    seconds: Mapping[Disagreement, float] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(Disagreement, 0.0))
    )
    failing_since: float | None = None
    admitted_since: float | None = None
    lag_seconds: float | None = None

    def after(self, at: float, observed: Status, admitted: Status, failed_at: float | None = None) -> Agreement:
        """The agreement once both are known at `at`; `failed_at` is when the run began that shows a failure."""
        moment = max(at, self.at or at)
        failing_since = self._since(self.failing_since, observed, failed_at or moment)
        admitted_since = self._since(self.admitted_since, admitted, moment)
        return Agreement(
            at=moment,
            kind=_disagreement(observed, admitted),
            seconds=self._counted(moment),
            failing_since=failing_since,
            admitted_since=admitted_since,
            lag_seconds=self._lag(failing_since, admitted_since),
        )

    def _counted(self, moment: float) -> Mapping[Disagreement, float]:
        if self.kind is None or self.at is None:
            return self.seconds
        passed = min(moment - self.at, LONGEST_GAP_SECONDS)
        return MappingProxyType({**self.seconds, self.kind: self.seconds[self.kind] + passed})

    @staticmethod
    def _since(before: float | None, status: Status, moment: float) -> float | None:
        """Unknown is no news: what was so goes on."""
        if status is Status.UNKNOWN:
            return before
        if not is_trouble(status):
            return None
        return moment if before is None else before

    def _lag(self, failing_since: float | None, admitted_since: float | None) -> float | None:
        if failing_since is None:
            return self.lag_seconds
        if self.failing_since is not None and self.lag_seconds is not None:
            return self.lag_seconds  # admitted before; a page that takes it back does not change when it spoke
        return None if admitted_since is None else admitted_since - failing_since


def _disagreement(observed: Status, admitted: Status) -> Disagreement | None:
    if is_trouble(observed) and admitted is Status.OPERATIONAL:
        return Disagreement.UNACKNOWLEDGED
    if observed is Status.OPERATIONAL and is_trouble(admitted):
        return Disagreement.UNOBSERVED
    return None

"""Probes against pages: what we see of a provider, beside what it admits. Pure; time is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from ai_provider_exporter.model.observation import Status

LONGEST_GAP_SECONDS = 900.0  # between two observations; a process that slept has not watched anybody disagree
NEAR_SECONDS = 1800.0  # what a page says since longer before our first failure is about something else


class Disagreement(StrEnum):
    UNACKNOWLEDGED = "unacknowledged"  # probes fail, and the page says nothing that concerns it
    UNOBSERVED = "unobserved"  # page red, probes fine


def is_trouble(status: Status) -> bool:
    """A maintenance that was announced is no trouble, and what is unknown is none either."""
    return status >= Status.DEGRADED_PERFORMANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a page says: `status` as far as it is known, and since when each statement stands that concerns us.

    A statement of unknown age stands since 0.0; the times are when it was first seen.
    """

    status: Status = Status.UNKNOWN
    said_since: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of one provider at one location: how long probes and page disagreed, and how long it took to admit.

    `failing_since` is when the first run of the present episode began that failed, None while there is none;
    `admitted_since` when the page first spoke of trouble that concerns it. `lag_seconds` is measured once an episode
    and stays until the next; None where the page has not spoken, or where it cannot be said.
    """

    at: float | None = None
    kind: Disagreement | None = None
    seconds: Mapping[Disagreement, float] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(Disagreement, 0.0))
    )
    failing_since: float | None = None
    last_failing_since: float | None = None
    admitted_since: float | None = None
    lag_seconds: float | None = None

    def after(self, at: float, failing_since: float | None, observed: Status, page: Admission) -> Agreement:
        """The agreement once all three are known at `at`; `failing_since` is None while no episode is open."""
        moment = max(at, self.at or at)
        return self.counted(moment).in_episode(failing_since).compared(moment, observed, page)

    def counted(self, moment: float) -> Agreement:
        """The disagreement of the time up to `moment` counted."""
        if self.kind is None or self.at is None:
            return replace(self, at=moment)
        passed = min(moment - self.at, LONGEST_GAP_SECONDS)
        return replace(
            self, at=moment, seconds=MappingProxyType({**self.seconds, self.kind: self.seconds[self.kind] + passed})
        )

    def in_episode(self, failing_since: float | None) -> Agreement:
        """An episode begins once: what opens beside it later, or ends before it, does not move its beginning."""
        if failing_since is None:
            return replace(self, failing_since=None)
        if self.failing_since is not None:
            return self
        if self.last_failing_since is not None and failing_since <= self.last_failing_since:
            return replace(
                self, failing_since=self.last_failing_since
            )  # the evidence came back, the episode is the same
        return replace(self, failing_since=failing_since, last_failing_since=failing_since, lag_seconds=None)

    def compared(self, moment: float, observed: Status, page: Admission) -> Agreement:
        """What both say at `moment`, side by side."""
        return replace(
            self,
            kind=self._disagreement(observed, page),
            admitted_since=min(page.said_since, default=None) or (moment if page.said_since else None),
            lag_seconds=self._lag(page),
        )

    def _disagreement(self, observed: Status, page: Admission) -> Disagreement | None:
        if self.failing_since is not None:
            is_silent = page.status is not Status.UNKNOWN and not page.said_since
            return Disagreement.UNACKNOWLEDGED if is_silent else None
        is_unobserved = observed is Status.OPERATIONAL and is_trouble(page.status)
        return Disagreement.UNOBSERVED if is_unobserved else None

    def _lag(self, page: Admission) -> float | None:
        if self.failing_since is None or self.lag_seconds is not None:
            return self.lag_seconds
        words = [since for since in page.said_since if since >= self.failing_since - NEAR_SECONDS]
        return min(words) - self.failing_since if words else None

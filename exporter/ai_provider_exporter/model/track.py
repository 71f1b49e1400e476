"""The runs of one scope, and the episode of trouble that they are in. Pure; time is an argument.

An outage is an episode, not the last run. It opens once two of five runs in a row failed, or three of twenty, and began
with the first of them; a single success does not end it. It ends after as many clean runs in a row as its own share
of failures makes unlikely by chance (1 in 1000): five where everything failed, ten at a half, never more than thirty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ai_provider_exporter.model.reasons import Fault

EVIDENCE = ((5, 2), (20, 3))  # so many runs, and failures among them
MIN_CLEAN_RUNS, MAX_CLEAN_RUNS = 5, 30
CHANCE = 0.001
PRIOR_FAILURES, PRIOR_RUNS = 1, 4  # of which a short episode does not know much
MAX_RUNS = 50
DEAD_RUNS, DEAD_SHARE, DEAD_FAILURES = 20, 0.65, 3
SLOW_RUNS, SLOW_LIMIT = 5, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one run ended, as far as episodes need it. `reason` is `ok` for a success; times are Unix seconds."""

    started_at: float
    ended_at: float
    bad: bool
    reason: str = "ok"
    fault: Fault | None = None
    slow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Trouble that is open. `runs` are those from its first failure to its last, at most `MAX_RUNS`."""

    started_at: float
    runs: tuple[Outcome, ...]
    clean_runs: int = 0
    had_provider_failure: bool = False

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(run for run in self.runs if run.bad)

    @property
    def clean_runs_needed(self) -> int:
        """After so many clean runs in a row it is over."""
        share = (len(self.failures) + PRIOR_FAILURES) / (len(self.runs) + PRIOR_RUNS)
        return min(max(math.ceil(math.log(CHANCE) / math.log(1.0 - share)), MIN_CLEAN_RUNS), MAX_CLEAN_RUNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The last runs of one scope, newest last, and its open episode."""

    runs: tuple[Outcome, ...] = ()
    episode: Episode | None = None
    fresh_until: float = 0.0
    is_blind: bool = False  # our own egress was down at the last run

    def after(self, run: Outcome, fresh_until: float = math.inf) -> Track:
        """The track with one more run, which says something until `fresh_until`."""
        if self.runs and run.started_at < self.runs[-1].started_at:
            return self  # a clock that was set back: nothing is learned from runs in the wrong order
        runs = (*self.runs[-MAX_RUNS + 1 :], run)
        fresh_until = max(self.fresh_until, fresh_until)
        if self.episode is None:
            return Track(runs=runs, episode=_opened(runs), fresh_until=fresh_until)
        episode = _continued(self.episode, runs)
        # What an episode was made of is no evidence for another one.
        evidence = runs if episode else runs[-self.episode.clean_runs - 1 :]
        return Track(runs=evidence, episode=episode, fresh_until=fresh_until)

    def is_fresh(self, now: float) -> bool:
        """Whether the last run still says something about `now`."""
        return bool(self.runs) and not self.is_blind and now <= self.fresh_until

    @property
    def last(self) -> Outcome | None:
        return self.runs[-1] if self.runs else None

    @property
    def is_dead(self) -> bool:
        """In an episode in which hardly any run succeeds."""
        if self.episode is None:
            return False
        recent = [run.bad for run in self.runs if run.started_at >= self.episode.started_at][-DEAD_RUNS:]
        if sum(recent) < DEAD_FAILURES:
            return False
        return sum(recent) >= DEAD_SHARE * (len(recent) + 1) or all(recent[-EVIDENCE[0][0] :])

    @property
    def is_slow(self) -> bool:
        return sum(run.slow for run in self.runs[-SLOW_RUNS:]) >= SLOW_LIMIT

    @property
    def is_proven(self) -> bool:
        """Its last run says something: it succeeded, or its failure is part of an episode."""
        return self.last is not None and (not self.last.bad or self.episode is not None or self._succeeded_lately)

    @property
    def _succeeded_lately(self) -> bool:
        return any(not run.bad for run in self.runs[-EVIDENCE[0][0] :])


def _opened(runs: tuple[Outcome, ...]) -> Episode | None:
    since = next((since for among, needed in EVIDENCE if (since := _evidence(runs[-among:], needed))), None)
    if since is None:
        return None
    began_theirs = any(map(_is_provider_failure, since))
    return Episode(started_at=since[0].started_at, runs=since, had_provider_failure=began_theirs)


def _evidence(runs: tuple[Outcome, ...], needed: int) -> tuple[Outcome, ...] | None:
    """From the first failure on, if the last run is one of so many; None if they do not suffice."""
    failures = [at for at, run in enumerate(runs) if run.bad]
    return runs[failures[0] :] if runs[-1].bad and len(failures) >= needed else None


def _continued(episode: Episode, runs: tuple[Outcome, ...]) -> Episode | None:
    run = runs[-1]
    if not run.bad:
        clean = episode.clean_runs + 1
        return None if clean >= episode.clean_runs_needed else replace(episode, clean_runs=clean)
    return replace(
        episode,
        runs=tuple(other for other in runs if other.started_at >= episode.started_at),
        clean_runs=0,
        had_provider_failure=episode.had_provider_failure or _is_provider_failure(run),
    )


def _is_provider_failure(run: Outcome) -> bool:
    return run.fault is Fault.PROVIDER

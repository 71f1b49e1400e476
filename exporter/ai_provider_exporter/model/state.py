"""What is known now: a pure fold over observations. No clock, no I/O; each fold returns a new state.

The loop that times probes folds; any thread may read `Store.state` at any moment and sees one whole state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ai_provider_exporter.model.agreement import Agreement
from ai_provider_exporter.model.cause import Cause
from ai_provider_exporter.model.evidence import admission, causes_at
from ai_provider_exporter.model.histogram import LAG_BUCKETS, Histogram
from ai_provider_exporter.model.observation import (
    PageObservation,
    Place,
    ProbeId,
    ProbeObservation,
    ReportsObservation,
    Skip,
    Status,
)
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.persistent import PersistentMap
from ai_provider_exporter.model.probe_state import STALE_INTERVALS, ProbeState, Scope
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.reports_state import ReportsState, SourceId
from ai_provider_exporter.model.track import Outcome, Track

Observation = ProbeObservation | Skip | PageObservation | ReportsObservation


def _empty() -> PersistentMap[Any, Any]:
    return PersistentMap()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`members` and `scopes` are what `probes` holds of each place: a run is folded without a look at the others."""

    probes: PersistentMap[ProbeId, ProbeState] = field(default_factory=_empty)
    pages: PersistentMap[str, PageState] = field(default_factory=_empty)
    reports: PersistentMap[SourceId, ReportsState] = field(default_factory=_empty)
    loop_lag: Histogram = field(default_factory=lambda: Histogram.empty(LAG_BUCKETS))
    schedule_delay: Histogram = field(default_factory=lambda: Histogram.empty(LAG_BUCKETS))
    egress: PersistentMap[str, bool] = field(default_factory=_empty)
    tracks: PersistentMap[Scope, Track] = field(default_factory=_empty)
    quality: PersistentMap[Scope, Track] = field(default_factory=_empty)
    agreements: PersistentMap[Place, Agreement] = field(default_factory=_empty)
    members: PersistentMap[Place, tuple[ProbeId, ...]] = field(default_factory=_empty)
    scopes: PersistentMap[Place, tuple[Scope, ...]] = field(default_factory=_empty)

    @classmethod
    def of(cls, probes: Iterable[ProbeState] = (), pages: Iterable[PageState] = ()) -> State:
        state = cls(pages=PersistentMap.of({page.provider: page for page in pages}))
        for probe in probes:
            state = state.with_probe(probe)
        return state

    def after(self, observation: Observation) -> State:
        """The state with one more observation in it; one of what was removed changes nothing."""
        if isinstance(observation, ReportsObservation):
            source = self.reports.get((observation.provider, observation.source))
            return self if source is None else self.with_reports(source.after(observation))
        if isinstance(observation, PageObservation):
            page = self.pages.get(observation.provider)
            if page is None:
                return self
            return self.with_page(page.after(observation)).page_compared(observation.provider, observation.at)
        probe = self.probes.get(observation.id)
        if probe is None:
            return self
        counted = self.with_probe(probe.after(observation))
        if isinstance(observation, Skip):
            return counted
        tracked = counted.tracked(counted.probes[observation.id], observation)
        return tracked.compared(observation.id.place, observation.ended_at)

    def tracked(self, probe: ProbeState, run: ProbeObservation) -> State:
        """The state with the run in the tracks of what it covers; what our own host spoiled is no evidence."""
        scope = probe.scope
        track = self.tracks.get(scope, Track())
        if run.fault is Fault.PROBER:
            is_blind = run.reason == "egress_down"
            return replace(self, tracks=self.tracks.set(scope, replace(track, is_blind=True))) if is_blind else self
        outcome = Outcome(
            started_at=run.started_at,
            ended_at=run.ended_at,
            bad=not run.success,
            reason=run.reason,
            fault=run.fault,
            slow=run.success and probe.speed.is_slow,
        )
        fresh_until = run.ended_at + STALE_INTERVALS * probe.pace
        tracked = replace(self, tracks=self.tracks.set(scope, track.after(outcome, fresh_until)))
        if not run.success or run.answer_correct is None:
            return tracked
        answer = replace(outcome, bad=not run.answer_correct, slow=False)
        quality = self.quality.get(scope, Track()).after(answer, fresh_until)
        return replace(tracked, quality=self.quality.set(scope, quality))

    def observed(self, provider: str, location: str, now: float) -> Status:
        """What our probes there see: 4 all fail, 2 some fail or are slow, 0 operational, unknown without evidence."""
        causes = causes_at(self, (provider, location), now)
        scopes = [scope for scope in self.fresh_scopes((provider, location), now) if not self._is_ours(causes, scope)]
        if not scopes:
            return Status.UNKNOWN
        dead = [scope in causes and self.tracks[scope].is_dead for scope in scopes]
        if all(dead):
            return Status.MAJOR_OUTAGE
        has_trouble = any(scope in causes or self.tracks[scope].is_slow for scope in scopes)
        return Status.DEGRADED_PERFORMANCE if has_trouble else Status.OPERATIONAL

    @staticmethod
    def _is_ours(causes: Mapping[Scope, Cause], scope: Scope) -> bool:
        return scope in causes and not causes[scope].blame.is_trouble

    def fresh_scopes(self, place: Place, now: float) -> list[Scope]:
        """The scopes there of which the last run says something about `now`."""
        return [scope for scope, track in self.tracks_at(place) if track.is_fresh(now) and track.is_proven]

    def tracks_at(self, place: Place) -> Iterator[tuple[Scope, Track]]:
        for scope in self.scopes.get(place, ()):
            track = self.tracks.get(scope)
            if track is not None:
                yield scope, track

    def probes_at(self, place: Place) -> list[ProbeState]:
        return [self.probes[member] for member in self.members.get(place, ())]

    @property
    def places(self) -> list[Place]:
        """Every provider and location that is probed, once."""
        return list(self.members)

    def failing_since(self, place: Place, now: float) -> float | None:
        """When the first run failed of the open episodes there that count against the provider."""
        causes = causes_at(self, place, now)
        episodes = (self.tracks[scope].episode for scope, cause in causes.items() if cause.blame.is_trouble)
        return min((episode.started_at for episode in episodes if episode), default=None)

    def is_failing(self, place: Place) -> bool:
        """Whether there is trouble there that counts against the provider."""
        agreement = self.agreements.get(place)
        return agreement is not None and agreement.failing_since is not None

    def wrong_answers(self, place: Place) -> float | None:
        """The share of wrong answers in the open episodes of wrong answers there; None while there is none."""
        tracks = (self.quality.get(scope) for scope in self.scopes.get(place, ()))
        runs = [run for track in tracks if track and track.episode for run in track.episode.runs]
        return sum(run.bad for run in runs) / len(runs) if runs else None

    def compared(self, place: Place, at: float) -> State:
        """The state once what was seen there at `at` stands beside what the provider's page says."""
        agreement = self.agreements.get(place, Agreement()).after(
            at, self.failing_since(place, at), self.observed(*place, at), admission(self, place, at)
        )
        return replace(self, agreements=self.agreements.set(place, agreement))

    def page_compared(self, provider: str, at: float) -> State:
        """The same for every place that the provider is probed from."""
        state = self
        for place in self.members:
            if place[0] == provider:
                state = state.compared(place, at)
        return state

    def with_probe(self, probe: ProbeState) -> State:
        state = replace(self, probes=self.probes.set(probe.id, probe))
        return state if probe.id in self.probes else state.with_member(probe)

    def with_member(self, probe: ProbeState) -> State:
        place, scopes = probe.id.place, self.scopes.get(probe.id.place, ())
        return replace(
            self,
            members=self.members.set(place, (*self.members.get(place, ()), probe.id)),
            scopes=self.scopes.set(place, scopes if probe.scope in scopes else (*scopes, probe.scope)),
        )

    def without_probe(self, gone: ProbeId) -> State:
        """The state without a probe, and without what only it told of its place."""
        if gone not in self.probes:
            return self
        left = tuple(member for member in self.members[gone.place] if member != gone)
        probes = self.probes.without(gone)
        scopes = tuple(dict.fromkeys(probes[member].scope for member in left))
        state = replace(self, probes=probes).with_place(gone.place, left, scopes)
        ghost = self.probes[gone].scope
        if ghost in scopes:
            return state
        return replace(state, tracks=state.tracks.without(ghost), quality=state.quality.without(ghost))

    def with_place(self, place: Place, members: tuple[ProbeId, ...], scopes: tuple[Scope, ...]) -> State:
        if members:
            return replace(self, members=self.members.set(place, members), scopes=self.scopes.set(place, scopes))
        return replace(
            self,
            members=self.members.without(place),
            scopes=self.scopes.without(place),
            agreements=self.agreements.without(place),
        )

    def with_page(self, page: PageState) -> State:
        return replace(self, pages=self.pages.set(page.provider, page))

    def without_page(self, gone: str) -> State:
        return replace(self, pages=self.pages.without(gone))

    def with_reports(self, reports: ReportsState) -> State:
        return replace(self, reports=self.reports.set(reports.source_id, reports))

    def without_reports(self, gone: SourceId) -> State:
        return replace(self, reports=self.reports.without(gone))

    def with_egress(self, location: str, *, up: bool) -> State:
        return replace(self, egress=self.egress.set(location, up))

    def without_egress(self) -> State:
        """The state before any check of the egress."""
        return replace(self, egress=PersistentMap())

    def with_lag(self, seconds: float) -> State:
        return replace(self, loop_lag=self.loop_lag.observe(seconds))

    def with_delay(self, seconds: float) -> State:
        return replace(self, schedule_delay=self.schedule_delay.observe(seconds))

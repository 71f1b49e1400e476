"""What is known now: a pure fold over observations. No clock, no I/O; each fold returns a new state.

The loop that times probes folds; any thread may read `Store.state` at any moment and sees one whole state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ai_provider_exporter.model.agreement import Agreement
from ai_provider_exporter.model.cause import Cause
from ai_provider_exporter.model.evidence import Place, admission, causes_at
from ai_provider_exporter.model.histogram import LAG_BUCKETS, Histogram
from ai_provider_exporter.model.observation import (
    PageObservation,
    ProbeId,
    ProbeObservation,
    ReportsObservation,
    Skip,
    Status,
)
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState, Scope
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.reports_state import ReportsState, SourceId
from ai_provider_exporter.model.track import Outcome, Track

Observation = ProbeObservation | Skip | PageObservation | ReportsObservation


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    probes: Mapping[ProbeId, ProbeState] = field(default_factory=lambda: MappingProxyType({}))
    pages: Mapping[str, PageState] = field(default_factory=lambda: MappingProxyType({}))
    reports: Mapping[SourceId, ReportsState] = field(default_factory=lambda: MappingProxyType({}))
    loop_lag: Histogram = field(default_factory=lambda: Histogram.empty(LAG_BUCKETS))
    schedule_delay: Histogram = field(default_factory=lambda: Histogram.empty(LAG_BUCKETS))
    egress: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    tracks: Mapping[Scope, Track] = field(default_factory=lambda: MappingProxyType({}))
    quality: Mapping[Scope, Track] = field(default_factory=lambda: MappingProxyType({}))
    agreements: Mapping[Place, Agreement] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, observation: Observation) -> State:
        """The state with one more observation in it; one of what was removed changes nothing."""
        if isinstance(observation, ReportsObservation):
            source = self.reports.get((observation.provider, observation.source))
            return self if source is None else self.with_reports(source.after(observation))
        if isinstance(observation, PageObservation):
            page = self.pages.get(observation.provider)
            if page is None:
                return self
            return self.with_page(page.after(observation)).compared(observation.provider, observation.at)
        probe = self.probes.get(observation.id)
        if probe is None:
            return self
        counted = self.with_probe(probe.after(observation))
        if isinstance(observation, Skip):
            return counted
        return counted.tracked(counted.probes[observation.id], observation).compared(
            observation.id.provider, observation.ended_at
        )

    def tracked(self, probe: ProbeState, run: ProbeObservation) -> State:
        """The state with the run in the tracks of what it covers; what our own host spoiled is no evidence."""
        if run.fault is Fault.PROBER:
            return self
        outcome = Outcome(
            started_at=run.started_at,
            ended_at=run.ended_at,
            bad=not run.success,
            reason=run.reason,
            fault=run.fault,
            slow=run.success and probe.speed.is_slow,
        )
        tracks = {**self.tracks, probe.scope: self.tracks.get(probe.scope, Track()).after(outcome)}
        quality = dict(self.quality)
        if run.success and run.answer_correct is not None:
            answer = replace(outcome, bad=not run.answer_correct, slow=False)
            quality[probe.scope] = quality.get(probe.scope, Track()).after(answer)
        return replace(self, tracks=MappingProxyType(tracks), quality=MappingProxyType(quality))

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
        probes = (p for p in self.probes.values() if (p.id.provider, p.id.location) == place)
        fresh = dict.fromkeys(probe.scope for probe in probes if probe.is_fresh(now, self.tracks.get(probe.scope)))
        return [scope for scope in fresh if self.tracks[scope].is_proven]

    @property
    def places(self) -> list[Place]:
        """Every provider and location that is probed, once."""
        return list(dict.fromkeys((probe.provider, probe.location) for probe in self.probes))

    def failing_since(self, place: Place, now: float) -> float | None:
        """When the first run failed of the open episodes there that count against the provider."""
        causes = causes_at(self, place, now)
        episodes = (self.tracks[scope].episode for scope, cause in causes.items() if cause.blame.is_trouble)
        return min((episode.started_at for episode in episodes if episode), default=None)

    def wrong_answers(self, place: Place) -> float | None:
        """The share of wrong answers in the open episodes of wrong answers there; None while there is none."""
        tracks = (track for scope, track in self.quality.items() if (scope.provider, scope.location) == place)
        runs = [run for track in tracks if track.episode for run in track.episode.runs]
        return sum(run.bad for run in runs) / len(runs) if runs else None

    def compared(self, provider: str, at: float) -> State:
        """The state once what was seen at `at` of a provider stands beside what its page says."""
        agreements = dict(self.agreements)
        for place in self.places:
            if place[0] == provider:
                agreements[place] = agreements.get(place, Agreement()).after(
                    at, self.failing_since(place, at), self.observed(*place, at), admission(self, place, at)
                )
        return replace(self, agreements=MappingProxyType(agreements))

    def with_probe(self, probe: ProbeState) -> State:
        return replace(self, probes=MappingProxyType({**self.probes, probe.id: probe}))

    def without_probe(self, gone: ProbeId) -> State:
        kept = {key: probe for key, probe in self.probes.items() if key != gone}
        return replace(self, probes=MappingProxyType(kept)).without_ghosts()

    def with_page(self, page: PageState) -> State:
        return replace(self, pages=MappingProxyType({**self.pages, page.provider: page}))

    def without_page(self, gone: str) -> State:
        kept = {key: page for key, page in self.pages.items() if key != gone}
        return replace(self, pages=MappingProxyType(kept)).without_ghosts()

    def with_reports(self, reports: ReportsState) -> State:
        return replace(self, reports=MappingProxyType({**self.reports, reports.source_id: reports}))

    def without_reports(self, gone: SourceId) -> State:
        kept = {source_id: reports for source_id, reports in self.reports.items() if source_id != gone}
        return replace(self, reports=MappingProxyType(kept))

    def without_ghosts(self) -> State:
        """The state without tracks and comparisons of what is no longer probed."""
        places, scopes = set(self.places), {probe.scope for probe in self.probes.values()}
        return replace(
            self,
            tracks=MappingProxyType({scope: track for scope, track in self.tracks.items() if scope in scopes}),
            quality=MappingProxyType({scope: track for scope, track in self.quality.items() if scope in scopes}),
            agreements=MappingProxyType({place: a for place, a in self.agreements.items() if place in places}),
        )

    def with_egress(self, location: str, *, up: bool) -> State:
        return replace(self, egress=MappingProxyType({**self.egress, location: up}))

    def without_egress(self) -> State:
        """The state before any check of the egress."""
        return replace(self, egress=MappingProxyType({}))

    def with_lag(self, seconds: float) -> State:
        return replace(self, loop_lag=self.loop_lag.observe(seconds))

    def with_delay(self, seconds: float) -> State:
        return replace(self, schedule_delay=self.schedule_delay.observe(seconds))

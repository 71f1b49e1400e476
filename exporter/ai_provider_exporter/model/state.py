"""What is known now: a pure fold over observations. No clock, no I/O; each fold returns a new state.

The loop that times probes folds; any thread may read `Store.state` at any moment and sees one whole state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from ai_provider_exporter.model.agreement import Agreement, observed_status
from ai_provider_exporter.model.histogram import DURATION_BUCKETS, LAG_BUCKETS, TOKEN_BUCKETS, Histogram
from ai_provider_exporter.model.measurement import TokenType
from ai_provider_exporter.model.observation import (
    Impact,
    PageObservation,
    PageStatus,
    ProbeId,
    ProbeObservation,
    Reports,
    ReportsObservation,
    Skip,
    Status,
)
from ai_provider_exporter.model.reasons import Fault

Key = TypeVar("Key")
Place = tuple[str, str]  # a provider, and a location that it is probed from
SourceId = tuple[str, str]  # a provider, and a source that reports about it

Observation = ProbeObservation | Skip | PageObservation | ReportsObservation

RECENT_SUCCESSES = 30
RECENT_FAILURES = 70  # failures outlive successes: they are what a page to on-call asks about


def _durations() -> Histogram:
    return Histogram.empty(DURATION_BUCKETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeState:
    """One probe: how it was set up, what it did last, and everything counted since the start."""

    id: ProbeId
    interval: float
    info: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    last: ProbeObservation | None = None
    last_success_at: float | None = None
    attempts: int = 0
    failures: Mapping[Fault, int] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(Fault, 0)))
    reasons: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
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

    @property
    def history(self) -> list[ProbeObservation]:
        """Recent runs, newest first."""
        runs = [*self.recent_successes, *self.recent_failures]
        return sorted(runs, key=lambda run: run.started_at, reverse=True)

    def after(self, run: ProbeObservation | Skip) -> ProbeState:
        if isinstance(run, Skip):
            return replace(self, skipped=_added(self.skipped, {run.cause: 1}))
        return replace(
            self._succeeded(run) if run.success else self._failed(run),
            last=run,
            attempts=self.attempts + 1,
            tokens=_added(self.tokens, run.tokens),
            cost_usd=self.cost_usd if run.cost_usd is None else (self.cost_usd or 0.0) + run.cost_usd,
        )

    def _succeeded(self, run: ProbeObservation) -> ProbeState:
        return replace(
            self,
            last_success_at=run.ended_at,
            unknown_finishes=self.unknown_finishes + bool(run.unknown_finish),
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
            failures=_added(self.failures, {fault: 1}),
            reasons=_added(self.reasons, {run.reason: 1}),
            recent_failures=(*self.recent_failures[-RECENT_FAILURES + 1 :], run),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """One provider's status page: the last read, the last whole read, and what was counted."""

    provider: str
    interval: float
    url: str = ""
    last: PageObservation | None = None
    page: PageStatus | None = None
    page_at: float | None = None
    changed_at: float | None = None
    failures: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    bytes_received: int = 0
    opened: Mapping[Impact, int] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(Impact, 0)))
    resolved: Mapping[Impact, int] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(Impact, 0)))
    stale: bool = False

    @property
    def status(self) -> Status:
        return Status.UNKNOWN if self.page is None or self.stale else self.page.status

    def after(self, read: PageObservation) -> PageState:
        if read.page is None:
            folded = replace(self, failures=_added(self.failures, {read.reason: 1}))
        else:
            folded = self._whole(read, read.page)
        return replace(folded, last=read, bytes_received=self.bytes_received + read.bytes_received)

    def _whole(self, read: PageObservation, page: PageStatus) -> PageState:
        changed = self.page != page
        opened, resolved = _incident_changes(self.page, page) if changed else ({}, {})
        return replace(
            self,
            page=page,
            page_at=read.at,
            changed_at=read.at if changed else self.changed_at,
            opened=_added(self.opened, opened),
            resolved=_added(self.resolved, resolved),
        )

    def is_stale(self, now: float, missed_intervals: int = 3) -> bool:
        """No whole read for `missed_intervals` intervals: what the page said is no longer known to be so."""
        return self.page_at is None or now - self.page_at > missed_intervals * self.interval

    def as_of(self, now: float) -> PageState:
        """This page as it can be believed at `now`: once stale, all that it said of states is unknown.

        Its incidents stay: not being able to read a page ends no incident.
        """
        if self.page is None or not self.is_stale(now):
            return self
        components = tuple(replace(c, status=Status.UNKNOWN, uptime={}) for c in self.page.components)
        unknown = replace(self.page, components=components, indicator=Status.UNKNOWN)
        return replace(self, page=unknown, stale=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsState:
    """One source about one provider: the last question to it, and its last answer."""

    provider: str
    source: str
    interval: float
    last: ReportsObservation | None = None
    reports: Reports | None = None
    reports_at: float | None = None

    @property
    def source_id(self) -> SourceId:
        return self.provider, self.source

    def after(self, asked: ReportsObservation) -> ReportsState:
        if asked.reports is None:
            return replace(self, last=asked)
        return replace(self, last=asked, reports=asked.reports, reports_at=asked.at)

    def as_of(self, now: float, missed_intervals: int = 3) -> Reports | None:
        """What the source says; nothing once it has not answered for `missed_intervals` intervals."""
        is_stale = self.reports_at is None or now - self.reports_at > missed_intervals * self.interval
        return None if is_stale else self.reports


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    probes: Mapping[ProbeId, ProbeState] = field(default_factory=lambda: MappingProxyType({}))
    pages: Mapping[str, PageState] = field(default_factory=lambda: MappingProxyType({}))
    reports: Mapping[SourceId, ReportsState] = field(default_factory=lambda: MappingProxyType({}))
    loop_lag: Histogram = field(default_factory=lambda: Histogram.empty(LAG_BUCKETS))
    schedule_delay: Histogram = field(default_factory=lambda: Histogram.empty(LAG_BUCKETS))
    egress: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    agreements: Mapping[Place, Agreement] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, seen: Observation) -> State:
        """The state with one more observation in it; one of what was removed changes nothing."""
        if isinstance(seen, ReportsObservation):
            heard = self.reports.get((seen.provider, seen.source))
            return self if heard is None else self.with_reports(heard.after(seen))
        if isinstance(seen, PageObservation):
            page = self.pages.get(seen.provider)
            return self if page is None else self.with_page(page.after(seen)).compared(seen.provider, seen.at)
        probe = self.probes.get(seen.id)
        if probe is None:
            return self
        counted = self.with_probe(probe.after(seen))
        return counted if isinstance(seen, Skip) else counted.compared(seen.id.provider, seen.ended_at)

    def observed(self, provider: str, location: str, now: float) -> Status:
        """What the last runs of this provider's probes at this location show."""
        runs = [(probe.last, probe.interval) for probe in self._probes_at(provider, location)]
        return observed_status(runs, now)

    @property
    def places(self) -> list[Place]:
        """Every provider and location that is probed, once."""
        return list(dict.fromkeys((probe.provider, probe.location) for probe in self.probes))

    def _probes_at(self, provider: str, location: str) -> list[ProbeState]:
        return [p for p in self.probes.values() if (p.id.provider, p.id.location) == (provider, location)]

    def compared(self, provider: str, at: float) -> State:
        """The state once what was seen at `at` of a provider stands beside what its page says."""
        page = self.pages.get(provider)
        if page is None:
            return self
        admitted = page.as_of(at).status
        agreements = dict(self.agreements)
        for place in self.places:
            if place[0] == provider:
                before = agreements.get(place, Agreement())
                agreements[place] = before.after(at, self.observed(*place, at), admitted, self._failed_at(*place))
        return replace(self, agreements=MappingProxyType(agreements))

    def _failed_at(self, provider: str, location: str) -> float | None:
        """When the earliest run began that now shows a failure of the provider's."""
        last = (probe.last for probe in self._probes_at(provider, location))
        return min((run.started_at for run in last if run and run.fault is Fault.PROVIDER), default=None)

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
        """The state without comparisons of which one side is gone."""
        alive = {place: a for place, a in self.agreements.items() if place in self.places and place[0] in self.pages}
        return replace(self, agreements=MappingProxyType(alive))

    def with_egress(self, location: str, *, up: bool) -> State:
        return replace(self, egress=MappingProxyType({**self.egress, location: up}))

    def without_egress(self) -> State:
        """The state before any check of the way out."""
        return replace(self, egress=MappingProxyType({}))

    def with_lag(self, seconds: float) -> State:
        return replace(self, loop_lag=self.loop_lag.observe(seconds))

    def with_delay(self, seconds: float) -> State:
        return replace(self, schedule_delay=self.schedule_delay.observe(seconds))


def _added(old: Mapping[Key, int], new: Mapping[Key, int]) -> Mapping[Key, int]:
    return MappingProxyType({**old, **{key: old.get(key, 0) + count for key, count in new.items()}})


def _incident_changes(before: PageStatus | None, after: PageStatus) -> tuple[dict[Impact, int], dict[Impact, int]]:
    """How many incidents opened and resolved between two reads; what the first read shows did not open."""
    if before is None:
        return {}, {}
    old = {incident.id: incident.impact for incident in before.open_incidents}
    new = {incident.id: incident.impact for incident in after.open_incidents}
    return _tally(new, old), _tally(old, new)


def _tally(these: Mapping[str, Impact], without: Mapping[str, Impact]) -> dict[Impact, int]:
    counts: dict[Impact, int] = {}
    for incident_id, impact in these.items():
        if incident_id not in without:
            counts[impact] = counts.get(impact, 0) + 1
    return counts

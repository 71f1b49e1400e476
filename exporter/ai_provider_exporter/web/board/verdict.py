"""One verdict a provider, from its probes and its status page. Pure.

The board and the JSON API both render it, so that they never disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ai_provider_exporter.metrics import View
from ai_provider_exporter.model.agreement import Agreement
from ai_provider_exporter.model.observation import Incident, ProbeObservation, Status
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import RECENT_FAILURES, RECENT_SUCCESSES, STALE_INTERVALS, ProbeState
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.reports_state import ReportsState
from ai_provider_exporter.model.verdict import Judgement, Verdict, judge, worst
from ai_provider_exporter.web.context import WebContext

_ORDER = list(Verdict)
_OF_FAULT: dict[Fault | None, Verdict] = {
    Fault.PROVIDER: Verdict.DOWN,
    Fault.NETWORK: Verdict.UNREACHABLE,
    Fault.OURS: Verdict.REFUSED,
}  # what cannot be told apart, or is our own host's, is unknown
_BLAME: dict[Verdict, Fault] = {
    Verdict.DOWN: Fault.PROVIDER,
    Verdict.PARTLY_DOWN: Fault.PROVIDER,
    Verdict.DEGRADED: Fault.PROVIDER,
    Verdict.WRONG_ANSWERS: Fault.PROVIDER,
    Verdict.UNREACHABLE: Fault.NETWORK,
    Verdict.REFUSED: Fault.OURS,
    Verdict.UNKNOWN: Fault.UNKNOWN,
}


@dataclass(frozen=True, kw_only=True)
class ProbeVerdict:
    """One probe as it can be believed at `now`. `fallback` runs in its place while the budget is spent."""

    state: ProbeState
    now: float
    next_run_at: float | None = None
    fallback: ProbeVerdict | None = None
    is_fallback: bool = False

    @property
    def last(self) -> ProbeObservation | None:
        return self.state.last

    @property
    def backs_off(self) -> bool:
        """Refused by a fault of ours, it runs less often until that is fixed."""
        return self.last is not None and self.state.backoff.pause > 0.0 and not self.is_stale

    @property
    def is_stale(self) -> bool:
        """It ran once, and not for so long that the result says nothing about now."""
        return self.last is not None and self.now - self.last.ended_at > STALE_INTERVALS * self.state.pace

    @cached_property
    def verdict(self) -> Verdict:
        if self.last is None or self.is_stale:
            return Verdict.UNKNOWN
        return Verdict.OPERATIONAL if self.last.success else _OF_FAULT.get(self.last.fault, Verdict.UNKNOWN)

    @property
    def failing_since(self) -> float | None:
        """Start of the first run of the present row of failures; the last success if that run is kept no more.

        None while it does not fail, and where it has failed for as long as anybody can remember.
        """
        if self.last is None or self.last.success:
            return None
        last_success_at = self.state.last_success_at
        row = [run.started_at for run in self.state.recent_failures if run.started_at >= (last_success_at or 0.0)]
        is_cut = len(row) >= RECENT_FAILURES
        return last_success_at if is_cut else min(row, default=None)

    @property
    def recent(self) -> list[ProbeObservation]:
        """The newest runs, oldest first, back to where either kind is no longer kept: nothing is missing between."""
        recent_successes, recent_failures = self.state.recent_successes, self.state.recent_failures
        since = max(
            recent_successes[0].started_at if len(recent_successes) >= RECENT_SUCCESSES else 0.0,
            recent_failures[0].started_at if len(recent_failures) >= RECENT_FAILURES else 0.0,
        )
        return [run for run in reversed(self.state.history) if run.started_at >= since]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is seen of a provider at one location, and how that compares with its page."""

    location: str
    observed: Status
    agreement: Agreement | None
    judgement: Judgement


@dataclass(frozen=True, kw_only=True)
class ProviderVerdict:
    """`page` is what can be believed of the status page now, None where none is read; `reports` are of its users."""

    provider: str
    title: str
    now: float
    probes: tuple[ProbeVerdict, ...]
    places: tuple[Place, ...]
    judgement: Judgement
    page: PageState | None
    reports: tuple[ReportsState, ...] = ()

    @property
    def evidence(self) -> Iterator[ProbeVerdict]:
        """Every probe, and what stands in for it."""
        for probe in self.probes:
            yield probe
            if probe.fallback is not None:
                yield probe.fallback

    @property
    def official(self) -> Status:
        return self.page.status if self.page else Status.UNKNOWN

    @cached_property
    def observed(self) -> Status:
        """Over all locations; unknown only if every one is."""
        observed = {place.observed for place in self.places} - {Status.UNKNOWN}
        if len(observed) > 1:
            return Status.DEGRADED_PERFORMANCE
        return observed.pop() if observed else Status.UNKNOWN

    @cached_property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @cached_property
    def failing(self) -> list[ProbeVerdict]:
        """The probes that the verdict rests on, if it is one of failure."""
        return [probe for probe in self.evidence if probe.state.scope in self.judgement.failing]

    @property
    def since(self) -> float | None:
        """When the first run failed of the present episode; for a page, since when we saw it say so."""
        if self.verdict is Verdict.REPORTED:
            return self.admitted_since
        return self.judgement.since

    @property
    def admitted_since(self) -> float | None:
        """When we first saw the page speak of the present trouble; else when its oldest open incident began."""
        admitted = [p.agreement.admitted_since for p in self.places if p.agreement and p.agreement.admitted_since]
        started = [incident.started_at for incident in self.incidents if incident.started_at is not None]
        return min(admitted or started, default=None)

    @property
    def lag_seconds(self) -> float | None:
        """From our first failed run to the page's admission; the longest of all locations."""
        lags = [p.agreement.lag_seconds for p in self.places if p.agreement and p.agreement.lag_seconds is not None]
        return max(lags, default=None)

    @cached_property
    def reason(self) -> str:
        """What most of the failing probes last failed for; empty if none did."""
        counted = Counter(run.reason for run in self._last_failures)
        return counted.most_common(1)[0][0] if counted else ""

    @property
    def detail(self) -> str:
        """What the newest of the runs that failed for that reason says of it."""
        runs = [run for run in self._last_failures if run.reason == self.reason]
        return max(runs, key=lambda run: run.started_at).detail if runs else ""

    @property
    def blame(self) -> Fault | None:
        """Whose fault the verdict says it is; None where nothing fails."""
        return _BLAME.get(self.verdict) if self.failing else None

    @property
    def _last_failures(self) -> list[ProbeObservation]:
        return [probe.state.recent_failures[-1] for probe in self.failing if probe.state.recent_failures]

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """The open ones, worst first."""
        opened = self.page.page.open_incidents if self.page and self.page.page else ()
        return tuple(sorted(opened, key=lambda incident: -incident.impact.status))


def provider_verdicts(view: View, context: WebContext) -> list[ProviderVerdict]:
    """Every provider that has a probe or a page, in the order of the board."""
    probed = _probes_by_provider(view, context)
    providers = dict.fromkeys([*probed, *view.state.pages])
    verdicts = [_judge(provider, probed.get(provider, ()), view, context) for provider in providers]
    return sorted(verdicts, key=lambda s: (_ORDER.index(s.verdict), not s.probes, s.title.casefold()))


def provider_verdict(provider: str, view: View, context: WebContext) -> ProviderVerdict | None:
    """That of one provider; None if nothing is known by that name."""
    probes = _probes_by_provider(view, context).get(provider, ())
    if not probes and provider not in view.state.pages:
        return None
    return _judge(provider, probes, view, context)


def probe_verdict(name: str, view: View, context: WebContext) -> ProbeVerdict | None:
    """That of one probe; None if there is none of that name."""
    states = [probe for probe in view.state.probes.values() if probe.id.probe == name]
    return _probe(states, view, context) if states else None


def _judge(provider: str, probes: Sequence[ProbeVerdict], view: View, context: WebContext) -> ProviderVerdict:
    page = view.state.pages.get(provider)
    places = tuple(
        Place(
            location=location,
            observed=view.state.observed(provider, location, view.now),
            agreement=view.state.agreements.get((provider, location)),
            judgement=judge(view.state, (provider, location), view.now),
        )
        for location in dict.fromkeys(probe.state.id.location for probe in probes)
    )
    judgements = [place.judgement for place in places] or [judge(view.state, (provider, ""), view.now)]
    return ProviderVerdict(
        provider=provider,
        title=context.titles.get(provider, provider),
        now=view.now,
        probes=tuple(probes),
        places=places,
        judgement=worst(judgements),
        page=page.as_of(view.now) if page else None,
        reports=tuple(reports for reports in view.state.reports.values() if reports.provider == provider),
    )


def _probes_by_provider(view: View, context: WebContext) -> dict[str, list[ProbeVerdict]]:
    by_name: dict[str, list[ProbeState]] = {}
    for probe in view.state.probes.values():
        by_name.setdefault(probe.id.probe, []).append(probe)
    by_provider: dict[str, list[ProbeVerdict]] = {}
    for states in by_name.values():
        by_provider.setdefault(states[0].id.provider, []).append(_probe(states, view, context))
    return by_provider


def _probe(states: list[ProbeState], view: View, context: WebContext) -> ProbeVerdict:
    """Of the probes that share a name the first is what the user wrote; the other came when money ran out."""
    first, *others = states
    return ProbeVerdict(
        state=first,
        now=view.now,
        next_run_at=context.next_run(first, view.now),
        fallback=ProbeVerdict(state=others[-1], now=view.now, is_fallback=True) if others else None,
    )

"""What all evidence together says of one provider at one location: one verdict, one reason, and why, in words. Pure.

The metric, the JSON API and the board render it, so that they never disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ai_provider_exporter.model.agreement import is_trouble
from ai_provider_exporter.model.cause import Blame, Cause, Reason
from ai_provider_exporter.model.evidence import admission, causes_at
from ai_provider_exporter.model.observation import Place, Status
from ai_provider_exporter.model.probe_state import Scope
from ai_provider_exporter.model.state import State
from ai_provider_exporter.model.verdict_words import sentences

REPORTS_FACTOR, MIN_REPORTS = 10.0, 50.0


class Verdict(StrEnum):
    """Worst first: what may wake somebody."""

    DOWN = "down"
    UNREACHABLE = "unreachable"
    PARTLY_DOWN = "partly_down"
    DEGRADED = "degraded"
    WRONG_ANSWERS = "wrong_answers"
    REFUSED = "refused"
    REPORTED = "reported"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"
    OPERATIONAL = "operational"

    @property
    def is_trouble(self) -> bool:
        return self not in {Verdict.UNKNOWN, Verdict.MAINTENANCE, Verdict.OPERATIONAL}

    @property
    def is_failure(self) -> bool:
        """Our probes fail, and it counts against the provider."""
        return self in {Verdict.DOWN, Verdict.UNREACHABLE, Verdict.PARTLY_DOWN, Verdict.DEGRADED}


MEANINGS: dict[Verdict, str] = {
    Verdict.DOWN: "every part of it that we probe there fails, and it is theirs until shown otherwise",
    Verdict.UNREACHABLE: "it cannot be reached from there (DNS, connect, TLS, challenge), while our egress is up",
    Verdict.PARTLY_DOWN: "a kind, model, region, tier or location of it is dead, while others work",
    Verdict.DEGRADED: "runs fail now and then, or answers are slow",
    Verdict.WRONG_ANSWERS: "it answers, and the answers are wrong: quality, never availability",
    Verdict.REFUSED: "it refuses us: key, bill, quota, request; nothing says that it refuses others too",
    Verdict.REPORTED: "its page, a second opinion or its users report trouble that none of our probes sees",
    Verdict.UNKNOWN: "nothing can be said: no run yet, none lately, or our own egress or host is in trouble",
    Verdict.MAINTENANCE: "announced work is under way, and nothing fails",
    Verdict.OPERATIONAL: "our probes succeed, and nobody reports trouble",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`since` is when the first run failed that it rests on; `failing` what it rests on, `parts` what sets that apart.

    `sentences` say why, in plain words, the first the most important.
    """

    verdict: Verdict
    reason: Reason
    since: float | None = None
    failing: tuple[Scope, ...] = ()
    parts: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()


def judge(state: State, place: Place, now: float) -> Judgement:
    fresh = state.fresh_scopes(place, now)
    causes = {scope: cause for scope, cause in causes_at(state, place, now).items() if scope in fresh}
    verdict, reason, failing = _verdict(state, place, now, fresh, causes)
    tracks = state.quality if verdict is Verdict.WRONG_ANSWERS else state.tracks
    episodes = [episode for scope in failing if (episode := tracks[scope].episode)]
    alive = [scope for scope in fresh if scope not in failing]
    return Judgement(
        verdict=verdict,
        reason=reason,
        since=_since(state, place, verdict) or min((episode.started_at for episode in episodes), default=None),
        failing=tuple(failing),
        parts=distinguishing(failing, alive) if alive else (),
        sentences=sentences(state, place, now, reason=reason, failing=failing, tracks=tracks),
    )


def _since(state: State, place: Place, verdict: Verdict) -> float | None:
    """When the trouble there began: parts of it may come and go, its age does not begin anew."""
    agreement = state.agreements.get(place)
    return agreement.failing_since if agreement and verdict.is_failure else None


Assessment = tuple[Verdict, Reason, list[Scope]]


def _verdict(
    state: State, place: Place, now: float, fresh: Sequence[Scope], causes: Mapping[Scope, Cause]
) -> Assessment:
    trouble = [scope for scope, cause in causes.items() if cause.blame.is_trouble]
    if trouble:
        return _failing(state, fresh, causes, trouble)
    if slow := [scope for scope in fresh if state.tracks[scope].is_slow]:
        return Verdict.DEGRADED, Reason.SLOW, slow
    if wrong := [scope for scope in fresh if scope in state.quality and state.quality[scope].episode]:
        return Verdict.WRONG_ANSWERS, Reason.WRONG_ANSWERS, wrong
    for blame, verdict in ((Blame.OURS, Verdict.REFUSED), (Blame.UNEXPLAINED, Verdict.UNKNOWN)):
        if scopes := [scope for scope, cause in causes.items() if cause.blame is blame]:
            return verdict, _most_common(causes[scope].reason for scope in scopes), scopes
    return *_without_failures(state, place, now, fresh), []


def _failing(state: State, fresh: Sequence[Scope], causes: Mapping[Scope, Cause], trouble: list[Scope]) -> Assessment:
    reason = _most_common(causes[scope].reason for scope in trouble)
    dead = [scope for scope in trouble if state.tracks[scope].is_dead]
    if not dead:
        return Verdict.DEGRADED, reason, trouble
    evidence = [scope for scope in fresh if scope not in causes or scope in trouble]
    if len(dead) < len(evidence):
        return Verdict.PARTLY_DOWN, _most_common(causes[scope].reason for scope in dead), dead
    is_unreachable = all(causes[scope].blame is Blame.UNREACHABLE for scope in dead)
    return (Verdict.UNREACHABLE if is_unreachable else Verdict.DOWN), reason, dead


def _without_failures(state: State, place: Place, now: float, fresh: Sequence[Scope]) -> tuple[Verdict, Reason]:
    page = admission(state, place, now).status
    if reporter := _reporter(state, place, now, page):
        return Verdict.REPORTED, reporter
    if not fresh:
        is_probed = any(provider == place[0] for provider, _ in state.members)
        if is_probed or page is Status.UNKNOWN:
            return Verdict.UNKNOWN, _why_unknown(state, place)
    if page is Status.UNDER_MAINTENANCE:
        return Verdict.MAINTENANCE, Reason.ANNOUNCED
    return Verdict.OPERATIONAL, Reason.PROBES_SUCCEED if fresh else Reason.PAGE


def _reporter(state: State, place: Place, now: float, page: Status) -> Reason | None:
    if is_trouble(page):
        return Reason.PAGE
    reports = [r for source in state.reports.values() if source.provider == place[0] and (r := source.as_of(now))]
    if any(r.status is not None and is_trouble(r.status) for r in reports):
        return Reason.SECOND_OPINION
    many = (r.count >= max(MIN_REPORTS, REPORTS_FACTOR * r.baseline) for r in reports if r.count and r.baseline)
    return Reason.USERS if any(many) else None


def _why_unknown(state: State, place: Place) -> Reason:
    last = [probe.last for probe in state.probes_at(place) if probe.last is not None]
    if not last:
        return Reason.NO_DATA
    reasons = {run.reason for run in last}
    if "egress_down" in reasons:
        return Reason.EGRESS_DOWN
    return Reason.PROBER if reasons & {"prober_overloaded", "prober_error"} else Reason.STALE


def _most_common(reasons: Iterable[Reason]) -> Reason:
    return Counter(reasons).most_common(1)[0][0]


# --- naming -----------------------------------------------------------------------------------------------

DIMENSIONS = ("kind", "region", "model", "tier", "endpoint_host")


def distinguishing(failing: Collection[Scope], alive: Collection[Scope]) -> tuple[str, ...]:
    """The regions, models, tiers or kinds that only what fails has: those of the first dimension that tells them apart.

    Where none does, each part by all that it is: `chat small us-east-1`.
    """
    for dimension in DIMENSIONS:
        ours = {getattr(scope, dimension) for scope in failing}
        if "" not in ours and not ours & {getattr(scope, dimension) for scope in alive}:
            return tuple(sorted(ours))
    return tuple(sorted({name_of(scope) for scope in failing}))


def name_of(scope: Scope) -> str:
    """`chat small us-east-1 paid`."""
    return " ".join(part for part in (scope.kind, scope.model, scope.region, scope.tier) if part)


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """Of several locations: where it fails at one and not at another, it is partly down."""
    order = list(Verdict)
    judgement = min(judgements, key=lambda one: order.index(one.verdict))
    verdicts = {one.verdict for one in judgements} - {Verdict.UNKNOWN, Verdict.REFUSED}
    if judgement.verdict in {Verdict.DOWN, Verdict.UNREACHABLE} and len(verdicts) > 1:
        places = [scope.location for scope in judgement.failing if scope.location]
        parts = tuple(dict.fromkeys(places)) or judgement.parts
        return Judgement(
            verdict=Verdict.PARTLY_DOWN,
            reason=judgement.reason,
            since=judgement.since,
            failing=judgement.failing,
            parts=parts,
            sentences=judgement.sentences,
        )
    return judgement

"""Why a verdict is what it is, in plain sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ai_provider_exporter.model.cause import Reason
from ai_provider_exporter.model.evidence import admission
from ai_provider_exporter.model.observation import Place, Status
from ai_provider_exporter.model.probe_state import Scope
from ai_provider_exporter.model.state import State
from ai_provider_exporter.model.track import Track

MAX_PARTS = 3

WHY: dict[Reason, str] = {
    Reason.PROBES_FAIL: "The failures are the provider's.",
    Reason.REFUSED_AT_ONCE: "Keys that worked are refused, and the keys are not why: theirs until shown otherwise.",
    Reason.THROTTLED_FOR_ALL: "They throttle every tier, or have since their outage began: theirs to explain.",
    Reason.CANNOT_RESOLVE: "Their name does not resolve from here.",
    Reason.CANNOT_CONNECT: "No connection to them comes about from here.",
    Reason.CHALLENGED: "Something before them answers in their place.",
    Reason.SLOW: "Three of the last five answers were slow.",
    Reason.WRONG_ANSWERS: "Answers come, and they are wrong. That is quality, not availability.",
    Reason.KEY_REJECTED: "They refuse our only key: it was revoked, or their authentication fails.",
    Reason.QUOTA_EXHAUSTED: "Our account has no credit or quota left.",
    Reason.RATE_LIMITED: "Our own rate limit is used up.",
    Reason.MISCONFIGURED: "They do not take a request of ours; see the reason of the probe.",
    Reason.PAGE: "Their status page says so.",
    Reason.SECOND_OPINION: "Somebody else who watches them says so.",
    Reason.USERS: "Far more users complain than usual.",
    Reason.NO_DATA: "No probe has run yet.",
    Reason.STALE: "No probe has run lately.",
    Reason.THROTTLED: "They throttle us, and nothing says whose limit it is.",
    Reason.EGRESS_DOWN: "Our own egress is down.",
    Reason.EGRESS_SUSPECTED: "No provider can be reached at all: our own egress is the first suspect.",
    Reason.PROBER: "This process or its host was in trouble.",
    Reason.ANNOUNCED: "Maintenance that they announced is under way.",
    Reason.PROBES_SUCCEED: "Our probes succeed.",
}


def sentences(
    state: State, place: Place, now: float, *, reason: Reason, failing: Sequence[Scope], tracks: Mapping[Scope, Track]
) -> tuple[str, ...]:
    parts = [sentence for scope in failing[:MAX_PARTS] if (sentence := _part(scope, tracks[scope]))]
    parts += [f"So do {len(failing) - MAX_PARTS} more."] if len(failing) > MAX_PARTS else []
    return (*parts, WHY[reason], *(_around(state, place, now) if failing else ()))


def _part(scope: Scope, track: Track) -> str:
    if track.episode is None:
        return ""
    runs = track.episode.runs
    failures = [run.reason for run in runs if run.bad]
    named = " ".join(part for part in (scope.kind, scope.model, scope.region, scope.tier) if part)
    worst = Counter(failures).most_common(1)[0][0].replace("_", " ")
    why = f", mostly {worst}" if worst != "ok" else ""
    return f"{named}: {len(failures)} of {len(runs)} runs failed{why}."


def _around(state: State, place: Place, now: float) -> Iterator[str]:
    page = admission(state, place, now)
    if page.said_since:
        yield "Their page speaks of trouble that may concern it."
    elif page.status is Status.UNKNOWN:
        yield "What their page says is unknown."
    else:
        yield "Their page says nothing that concerns it."
    others = {scope.provider for scope, track in state.tracks.items() if scope.provider != place[0] and track.last}
    ill = {scope.provider for scope, track in state.tracks.items() if track.episode}
    if others - ill:
        count = len(others - ill)
        yield f"{count} other {'provider is' if count == 1 else 'providers are'} fine."

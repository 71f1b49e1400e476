"""Who an open episode is laid on, once all evidence is weighed. The blame of each run stays as it is. Pure.

Their fault until shown otherwise is what a key of ours alone does not explain: keys that are refused and accepted in
turn, several keys that are refused at once, a throttle for every tier, a refusal while their page admits trouble.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.track import Episode, Outcome, Track

RECENT_FAILURES = 10
REFUSALS = frozenset({"key_rejected", "token_refused", "forbidden"})
QUOTAS = {"quota_exhausted": "quota_exhausted", "rate_limited": "rate_limited"}


class Blame(StrEnum):
    """Of an episode."""

    THEIRS = "theirs"
    UNREACHABLE = "unreachable"  # the network between, while our egress is up
    OURS = "ours"
    UNEXPLAINED = "unexplained"

    @property
    def is_trouble(self) -> bool:
        """Whether it counts against the provider until shown otherwise."""
        return self in {Blame.THEIRS, Blame.UNREACHABLE}


class Reason(StrEnum):
    """Of a verdict, in a word; a closed list. exporter/README.md says what each means."""

    PROBES_FAIL = "probes_fail"
    REFUSED_AT_ONCE = "refused_at_once"
    THROTTLED_FOR_ALL = "throttled_for_all"
    CANNOT_RESOLVE = "cannot_resolve"
    CANNOT_CONNECT = "cannot_connect"
    CHALLENGED = "challenged"
    SLOW = "slow"
    WRONG_ANSWERS = "wrong_answers"
    KEY_REJECTED = "key_rejected"
    QUOTA_EXHAUSTED = "quota_exhausted"
    RATE_LIMITED = "rate_limited"
    MISCONFIGURED = "misconfigured"
    PAGE = "page"
    SECOND_OPINION = "second_opinion"
    USERS = "users"
    NO_DATA = "no_data"
    STALE = "stale"
    THROTTLED = "throttled"
    EGRESS_DOWN = "egress_down"
    EGRESS_SUSPECTED = "egress_suspected"
    PROBER = "prober"
    ANNOUNCED = "announced"
    PROBES_SUCCEED = "probes_succeed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    blame: Blame
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What stands beside an episode of one provider at one location.

    `refused_credentials` of `credentials` are refused now. `throttled_everywhere`: every tier is. `admits`: their
    page, or a second opinion, speaks of trouble that concerns it. `all_unreachable`: so is every other provider.
    """

    credentials: int = 0
    refused_credentials: int = 0
    throttled_everywhere: bool = False
    admits: bool = False
    egress_down: bool = False
    all_unreachable: bool = False


def cause_of(track: Track, evidence: Evidence) -> Cause | None:
    """None where no episode is open."""
    episode = track.episode
    if episode is None:
        return None
    failures = episode.failures[-RECENT_FAILURES:]
    fault = Counter(run.fault for run in failures).most_common(1)[0][0]
    weigh = {Fault.PROVIDER: _theirs, Fault.NETWORK: _between, Fault.OURS: _refused}.get(fault or Fault.UNKNOWN)
    return (weigh or _throttled)(track, episode, failures, evidence)


def _theirs(_: Track, __: Episode, ___: tuple[Outcome, ...], ____: Evidence) -> Cause:
    return Cause(blame=Blame.THEIRS, reason=Reason.PROBES_FAIL)


def _between(_: Track, __: Episode, failures: tuple[Outcome, ...], evidence: Evidence) -> Cause:
    if evidence.egress_down:
        return Cause(blame=Blame.UNEXPLAINED, reason=Reason.EGRESS_DOWN)
    if evidence.all_unreachable:
        return Cause(blame=Blame.UNEXPLAINED, reason=Reason.EGRESS_SUSPECTED)
    return Cause(blame=Blame.UNREACHABLE, reason=_barrier(failures[-1].reason))


def _barrier(reason: str) -> Reason:
    if reason.startswith("dns_"):
        return Reason.CANNOT_RESOLVE
    if reason in {"challenged", "unexpected_content_type"}:
        return Reason.CHALLENGED
    return Reason.CANNOT_CONNECT


def _refused(track: Track, episode: Episode, failures: tuple[Outcome, ...], evidence: Evidence) -> Cause:
    reason = Counter(run.reason for run in failures).most_common(1)[0][0]
    if reason not in REFUSALS:
        return Cause(blame=Blame.OURS, reason=Reason(QUOTAS.get(reason, Reason.MISCONFIGURED)))
    if evidence.admits or _all_at_once(evidence) or episode.had_provider_failure or _in_turn(track, episode):
        return Cause(blame=Blame.THEIRS, reason=Reason.REFUSED_AT_ONCE)
    return Cause(blame=Blame.OURS, reason=Reason.KEY_REJECTED)


def _all_at_once(evidence: Evidence) -> bool:
    """One key may be revoked; that every one of several is, in the same minutes, is no coincidence."""
    return 1 < evidence.credentials == evidence.refused_credentials


def _in_turn(track: Track, episode: Episode) -> bool:
    """A key that is refused and then accepted is not revoked."""
    return any(not run.bad for run in track.runs if episode.started_at <= run.started_at < episode.runs[-1].started_at)


def _throttled(_: Track, episode: Episode, __: tuple[Outcome, ...], evidence: Evidence) -> Cause:
    if episode.had_provider_failure or evidence.throttled_everywhere or evidence.admits:
        return Cause(blame=Blame.THEIRS, reason=Reason.THROTTLED_FOR_ALL)
    return Cause(blame=Blame.UNEXPLAINED, reason=Reason.THROTTLED)

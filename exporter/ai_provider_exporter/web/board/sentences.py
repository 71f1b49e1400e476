"""The sentences of the board: who is in trouble, since when, whose fault it is, and what they admit."""

from __future__ import annotations

from collections.abc import Sequence

from ai_provider_exporter.model.agreement import Disagreement
from ai_provider_exporter.model.cause import Reason
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.reasons import PAGE_REASONS, REASONS, Fault
from ai_provider_exporter.model.reports_state import ReportsState
from ai_provider_exporter.model.verdict import Verdict
from ai_provider_exporter.web.board.formatting import age, count, spaced
from ai_provider_exporter.web.board.verdict import ProviderVerdict

VERDICTS: dict[Verdict, str] = {
    Verdict.DOWN: "Down for us",
    Verdict.UNREACHABLE: "Cannot be reached",
    Verdict.PARTLY_DOWN: "Partly down",
    Verdict.DEGRADED: "Partly failing",
    Verdict.WRONG_ANSWERS: "Answers are wrong",
    Verdict.REFUSED: "Refuses us",
    Verdict.REPORTED: "They report trouble",
    Verdict.UNKNOWN: "Unknown",
    Verdict.MAINTENANCE: "Maintenance",
    Verdict.OPERATIONAL: "Operational",
}
BLAME: dict[Fault, str] = {
    Fault.PROVIDER: "Theirs",
    Fault.OURS: "Ours",
    Fault.NETWORK: "The network",
    Fault.PROBER: "Ours: this prober",
    Fault.UNKNOWN: "Unknown",
}


def meaning(reason: str) -> str:
    return REASONS[reason].meaning if reason in REASONS else ""


def headline(verdicts: Sequence[ProviderVerdict], egress: dict[str, bool]) -> str:
    """What somebody who was just woken reads first."""
    down = [place or "here" for place, is_up in egress.items() if not is_up]
    if down and _is_egress_down(verdicts):
        return f"It is us: egress from {' and '.join(down)} is down."
    for shown, one, many in _HEADLINES:
        titles = [judged.title for judged in verdicts if judged.verdict in shown]
        if titles:
            return (one if len(titles) == 1 else many).format(named(titles))
    return _reported(verdicts) or _quiet(verdicts)


def lead(verdicts: Sequence[ProviderVerdict], egress: dict[str, bool]) -> str:
    """What follows the headline: the story of the first provider, named where the headline names several."""
    if not all(egress.values()) and _is_egress_down(verdicts):
        return "The providers' state is unknown."
    first = verdicts[0] if verdicts else None
    if first is None or not first.verdict.is_trouble or not first.probes:
        return ""
    is_one_of_many = sum(judged.verdict is first.verdict for judged in verdicts) > 1
    return f"{first.title}: {gist(first)}" if is_one_of_many else gist(first)


def gist(judged: ProviderVerdict) -> str:
    """The rest of a story, in a breath: since when, whose fault, what they admit."""
    parts = [f"For {age(judged.now - judged.since)}."] if judged.since else []
    parts += [f"{_faults(judged)}: {spaced(judged.reason)}."] if judged.reason else []
    parts += [f"It is {named(judged.judgement.parts)}."] if judged.judgement.parts else []
    if is_unadmitted(judged):
        return " ".join([*parts, "They say: operational, and admit nothing."])
    parts += [f"They say: {spaced(judged.official.word)}."] if judged.page else []
    return " ".join([*parts, lag(judged)]).strip()


def _faults(judged: ProviderVerdict) -> str:
    if judged.judgement.reason is Reason.KEY_REJECTED:
        return "Our key, or their authentication"  # one key cannot tell
    return _FAULTS[judged.blame or Fault.UNKNOWN]


_FAULTS: dict[Fault, str] = {
    Fault.PROVIDER: "Their fault",
    Fault.NETWORK: "The network between",
    Fault.OURS: "Our fault",
    Fault.PROBER: "Our own host",
    Fault.UNKNOWN: "Nobody's fault that we know of",
}


def _is_egress_down(verdicts: Sequence[ProviderVerdict]) -> bool:
    """Whether egress explains the failures: it does not where every probe stays inside our own network."""
    probes = [probe for judged in verdicts for probe in judged.evidence if probe.last and not probe.is_stale]
    return not probes or any(probe.last and probe.last.reason == "egress_down" for probe in probes)


_HEADLINES: tuple[tuple[set[Verdict], str, str], ...] = (
    ({Verdict.DOWN}, "{} is down for us.", "{} are down for us."),
    ({Verdict.UNREACHABLE}, "{} cannot be reached.", "{} cannot be reached."),
    ({Verdict.PARTLY_DOWN, Verdict.DEGRADED}, "{} is partly failing for us.", "{} are partly failing for us."),
    ({Verdict.WRONG_ANSWERS}, "{} answers wrongly.", "{} answer wrongly."),
    ({Verdict.REFUSED}, "{} refuses us.", "{} refuse us."),
)
_NAMED = 3


def named(titles: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`, `A, B and 3 more`."""
    if len(titles) > _NAMED:
        return f"{', '.join(titles[: _NAMED - 1])} and {len(titles) - _NAMED + 1} more"
    *first, last = titles
    return f"{', '.join(first)} and {last}" if first else last


def _reported(verdicts: Sequence[ProviderVerdict]) -> str:
    """Of those that we probe by name; of the others, of whom some always have trouble, how many."""
    reporting = [s for s in verdicts if s.verdict is Verdict.REPORTED]
    ours = [s.title for s in reporting if s.probes]
    if not reporting:
        return ""
    who = named(ours) if ours else count(len(reporting), "page")
    us = "no probe of ours fails" if any(s.probes for s in verdicts) else "nobody is probed"
    return f"{who} report{'s' if len(ours or reporting) == 1 else ''} trouble; {us}."


def _quiet(verdicts: Sequence[ProviderVerdict]) -> str:
    unknown = sum(s.verdict is Verdict.UNKNOWN for s in verdicts)
    if not verdicts:
        return "Nothing is monitored."
    if unknown == len(verdicts):
        return "Nothing has been measured yet."
    return f"No trouble known; {unknown} of {len(verdicts)} unknown." if unknown else "All is well."


def observed(judged: ProviderVerdict) -> str:
    """What our probes show."""
    probes = list(judged.evidence)
    fresh = [p for p in probes if p.last is not None and not p.is_stale]
    if not probes:
        return "We do not probe them."
    if not fresh:
        return "No probe has run lately." if any(p.last for p in probes) else "No probe has run yet."
    tally = _tally(sum(p.verdict is Verdict.OPERATIONAL for p in fresh), len(fresh))
    return f"{tally} Free fallback probes run instead." if any(p.is_fallback for p in fresh) else tally


def _tally(ok: int, of: int) -> str:
    if 0 < ok < of:
        return f"{ok} of {of} probes succeed."
    verb = "succeed" if ok else "fail"
    return f"Our only probe {verb}s." if of == 1 else f"All {of} probes {verb}."


def admitted(judged: ProviderVerdict) -> str:
    """What their page says of it."""
    page = judged.page
    if page is None:
        return "No status page of theirs is read."
    if page.page is None or page.stale:
        return unread(page)
    if judged.incidents and judged.official is not Status.OPERATIONAL:
        return f"{count(len(judged.incidents), 'open incident')}."
    return "They admit nothing." if is_unadmitted(judged) else _OFFICIAL[judged.official]


_OFFICIAL: dict[Status, str] = {
    Status.UNKNOWN: "Their page says something that we do not understand.",
    Status.OPERATIONAL: "Nothing reported.",
    Status.UNDER_MAINTENANCE: "They are at work.",
    Status.DEGRADED_PERFORMANCE: "No incident, but a component is not operational.",
    Status.PARTIAL_OUTAGE: "No incident, but a component is not operational.",
    Status.MAJOR_OUTAGE: "No incident, but a component is not operational.",
}


def unread(page: PageState) -> str:
    """Why nothing is known of a page."""
    if page.last is None:
        return "Their page has not been read yet."
    if page.last.up:
        return "Their page has not been read lately."
    why = PAGE_REASONS.get(page.last.reason, page.last.reason)
    return f"Their page cannot be read: {why[:1].lower()}{why[1:]}"


def user_reports(reports: ReportsState, now: float) -> str:
    """One source of user reports: `13,042 complaints in 15 min, 121 as usual`."""
    current = reports.as_of(now)
    if current is None:
        return "not read yet" if reports.last is None else f"unknown, {spaced(reports.last.reason)}"
    parts = [] if current.count is None else [f"{current.count:,.0f} complaints in 15 min"]
    parts += [] if current.baseline is None else [f"{current.baseline:,.0f} as usual"]
    parts += [] if current.status is None else [spaced(current.status.word)]
    parts += [f"{min(current.uptimes.values()):.1%} of requests succeed at the worst model"] if current.uptimes else []
    return ", ".join(parts) or "nothing"


def lag(judged: ProviderVerdict) -> str:
    """How long the admission took, or has been due."""
    if not judged.verdict.is_failure or judged.page is None:
        return ""
    lag_seconds = judged.lag_seconds
    if is_unadmitted(judged):
        return f"Unacknowledged for {age(judged.now - judged.since)}." if judged.since else "Unacknowledged."
    if lag_seconds is None:
        return ""
    return f"Admitted {age(abs(lag_seconds))} {'after' if lag_seconds >= 0 else 'before'} our first failed probe."


def is_unadmitted(judged: ProviderVerdict) -> bool:
    """Our probes fail and their page says operational."""
    kinds = (place.agreement.kind for place in judged.places if place.agreement)
    return judged.verdict.is_failure and Disagreement.UNACKNOWLEDGED in kinds


def blame(judged: ProviderVerdict) -> str:
    """Whose fault it is, in a word or two; empty where nothing fails."""
    return BLAME[judged.blame] if judged.blame else ""

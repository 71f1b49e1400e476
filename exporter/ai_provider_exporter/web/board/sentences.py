"""The words of the board: ages, amounts and the sentences that answer who, since when, whose fault, what they admit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from markupsafe import Markup

from ai_provider_exporter.model.observation import PHASES, ProbeObservation, Status
from ai_provider_exporter.model.reasons import MEANINGS, Fault
from ai_provider_exporter.model.state import PageState, ReportsState
from ai_provider_exporter.status_pages.errors import PAGE_REASONS
from ai_provider_exporter.status_pages.times import format_time
from ai_provider_exporter.web.board.verdict import Standing, Verdict

VERDICTS: dict[Verdict, str] = {
    Verdict.DOWN: "Down for us",
    Verdict.DEGRADED: "Partly failing",
    Verdict.NETWORK: "Cannot be reached",
    Verdict.OURS: "It is us",
    Verdict.PROBER: "It is us",
    Verdict.REPORTED: "They report trouble",
    Verdict.UNKNOWN: "Unknown",
    Verdict.MAINTENANCE: "Maintenance",
    Verdict.WELL: "Well",
}
BLAME: dict[Fault, str] = {
    Fault.PROVIDER: "Theirs",
    Fault.OURS: "Ours",
    Fault.NETWORK: "The network",
    Fault.PROBER: "Ours: this prober",
    Fault.UNKNOWN: "Cannot be told",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SHORT = 0.0995  # below it milliseconds carry a decimal


def age(seconds: float) -> str:
    """`12 s`, `5 min`, `2 h 5 min`, `3 d 4 h`: two units at most, never rounded up."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    large, small, size = ("d", "h", _HOUR) if whole >= _DAY else ("h", "min", _MINUTE)
    first, rest = divmod(whole, _DAY if whole >= _DAY else _HOUR)
    return f"{first} {large} {rest // size} {small}" if rest >= size else f"{first} {large}"


def when(at: float | None, now: float) -> Markup:
    """A time as an age, with the moment itself for machines and for whoever hovers; a dash for None."""
    if at is None:
        return Markup("&ndash;")
    said = f"in {age(at - now)}" if at > now else f"{age(now - at)} ago"
    return _time(at, said)


def lasting(since: float, now: float) -> Markup:
    return _time(since, f"for {age(now - since)}")


def clock(at: float, now: float) -> Markup:
    """The moment itself: `03:02 UTC`, with the date if it was another day."""
    moment, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC)
    return _time(at, moment.strftime("%H:%M UTC" if moment.date() == today.date() else "%-d %b %H:%M UTC"))


def exact(at: float) -> Markup:
    """The moment to the second: `03:14:07 UTC`."""
    return _time(at, datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S UTC"))


def _time(at: float, said: str) -> Markup:
    stamp = format_time(float(int(at))) or ""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, stamp.replace("T", " ")[:-1] + " UTC", said)


def seconds(value: float | None) -> str:
    """`0.4 ms`, `312 ms`, `2.41 s`; a dash for what was not measured."""
    if value is None:
        return "\N{EN DASH}"
    if value >= 1:
        return f"{value:.2f} s"
    return f"{1000 * value:.{1 if value < _SHORT else 0}f} ms"


def dollars(usd: float) -> str:
    """Cents, or as many places as a small amount needs."""
    return f"${usd:.2f}" if usd >= 0.01 or usd == 0 else f"${usd:.6f}".rstrip("0")  # noqa: PLR2004  # a cent


def period(name: str) -> str:
    return {"day": "today"}.get(name, f"this {name}")


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spaced(word: str) -> str:
    return word.replace("_", " ")


def meaning(reason: str) -> str:
    return MEANINGS.get(reason, "")


def web_address(url: str) -> str:
    """The URL if it is one that a reader may be sent to, else nothing: it comes from other people's pages."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""


# --- sentences ----------------------------------------------------------------------------------------------


def headline(found: Sequence[Standing], egress: dict[str, bool]) -> str:
    """What somebody who was just woken reads first."""
    closed = [place or "here" for place, is_open in egress.items() if not is_open]
    if closed and _is_egress_down(found):
        return f"It is us: the way out from {' and '.join(closed)} is closed."
    for verdicts, one, many in _HEADLINES:
        titles = [standing.title for standing in found if standing.verdict in verdicts]
        if titles:
            return (one if len(titles) == 1 else many).format(named(titles))
    return _reported(found) or _quiet(found)


def gist(standing: Standing) -> str:
    """The rest of a story, in a breath: since when, whose fault, what they admit."""
    said = [f"For {age(standing.now - standing.since)}."] if standing.since else []
    said += [f"{_FAULTS[standing.verdict]}: {spaced(standing.reason)}."] if standing.failing else []
    if standing.verdict is Verdict.PROBER:
        return " ".join([*said, "What lies beyond us is unknown."])
    if is_unadmitted(standing):
        return " ".join([*said, "They say: operational, and admit nothing."])
    said += [f"They say: {spaced(standing.official.word)}."] if standing.page else []
    return " ".join([*said, lag(standing)]).strip()


_FAULTS: dict[Verdict, str] = {
    Verdict.DOWN: "Their fault",
    Verdict.DEGRADED: "Their fault",
    Verdict.NETWORK: "The network between",
    Verdict.OURS: "Our fault",
    Verdict.PROBER: "Our own host",
}


def _is_egress_down(found: Sequence[Standing]) -> bool:
    """Whether a closed way out is the story: not where all that we probe lies on our side of it."""
    probes = [probe for standing in found for probe in standing.evidence if probe.last and not probe.is_stale]
    return not probes or any(probe.verdict is Verdict.PROBER for probe in probes)


_HEADLINES: tuple[tuple[set[Verdict], str, str], ...] = (
    ({Verdict.DOWN}, "{} is down for us.", "{} are down for us."),
    ({Verdict.DEGRADED}, "{} is partly failing for us.", "{} are partly failing for us."),
    ({Verdict.NETWORK}, "{} cannot be reached.", "{} cannot be reached."),
    ({Verdict.OURS, Verdict.PROBER}, "It is us: {} cannot serve us.", "It is us: {} cannot serve us."),
)
_NAMED = 3


def named(titles: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`, `A, B and 3 more`."""
    if len(titles) > _NAMED:
        return f"{', '.join(titles[: _NAMED - 1])} and {len(titles) - _NAMED + 1} more"
    *first, last = titles
    return f"{', '.join(first)} and {last}" if first else last


def _reported(found: Sequence[Standing]) -> str:
    """Of those that we probe by name; of the others, of whom some always have trouble, how many."""
    reporting = [s for s in found if s.verdict is Verdict.REPORTED]
    ours = [s.title for s in reporting if s.probes]
    if not reporting:
        return ""
    who = named(ours) if ours else count(len(reporting), "page")
    us = "no probe of ours fails" if any(s.probes for s in found) else "nobody is probed"
    return f"{who} report{'s' if len(ours or reporting) == 1 else ''} trouble; {us}."


def _quiet(found: Sequence[Standing]) -> str:
    unknown = sum(s.verdict is Verdict.UNKNOWN for s in found)
    if not found:
        return "Nothing is watched."
    if unknown == len(found):
        return "Nothing is known yet."
    return f"No trouble known; {unknown} of {len(found)} unknown." if unknown else "All is well."


def seen(standing: Standing) -> str:
    """What our probes show."""
    probes = list(standing.evidence)
    fresh = [p for p in probes if p.last is not None and not p.is_stale]
    if not probes:
        return "We do not probe them."
    if not fresh:
        return "No probe has answered lately." if any(p.last for p in probes) else "No probe has run yet."
    said = _tally(sum(p.verdict is Verdict.WELL for p in fresh), len(fresh))
    return f"{said} Free probes stand in." if any(p.stands_in for p in fresh) else said


def _tally(ok: int, of: int) -> str:
    if 0 < ok < of:
        return f"{ok} of {of} probes succeed."
    verb = "succeed" if ok else "fail"
    return f"Our only probe {verb}s." if of == 1 else f"All {of} probes {verb}."


def admitted(standing: Standing) -> str:
    """What their page says of it."""
    page = standing.page
    if page is None:
        return "No status page of theirs is read."
    if page.page is None or page.stale:
        return unread(page)
    if standing.incidents and standing.official is not Status.OPERATIONAL:
        return f"{count(len(standing.incidents), 'open incident')}."
    return "They admit nothing." if is_unadmitted(standing) else _SAID[standing.official]


_SAID: dict[Status, str] = {
    Status.UNKNOWN: "Their page says something that we do not understand.",
    Status.OPERATIONAL: "Nothing reported.",
    Status.UNDER_MAINTENANCE: "They are at work.",
    Status.DEGRADED_PERFORMANCE: "No incident, yet a component is not well.",
    Status.PARTIAL_OUTAGE: "No incident, yet a component is not well.",
    Status.MAJOR_OUTAGE: "No incident, yet a component is not well.",
}


def unread(page: PageState) -> str:
    """Why nothing is known of a page."""
    if page.last is None:
        return "Their page has not been read yet."
    if page.last.up:
        return "Their page has not been read lately."
    why = PAGE_REASONS.get(page.last.reason, page.last.reason)
    return f"Their page cannot be read: {why[:1].lower()}{why[1:]}"


def heard(reports: ReportsState, now: float) -> str:
    """What one source of user reports says: `13,042 complaints in 15 min, 121 as usual`."""
    found = reports.as_of(now)
    if found is None:
        return "not asked yet" if reports.last is None else f"unknown, {spaced(reports.last.reason)}"
    said = [] if found.count is None else [f"{found.count:,.0f} complaints in 15 min"]
    said += [] if found.baseline is None else [f"{found.baseline:,.0f} as usual"]
    said += [] if found.status is None else [spaced(found.status.word)]
    said += [f"{min(found.uptimes.values()):.1%} of requests succeed at the worst model"] if found.uptimes else []
    return ", ".join(said) or "nothing"


def lag(standing: Standing) -> str:
    """How long the admission took, or has been due."""
    if standing.verdict not in {Verdict.DOWN, Verdict.DEGRADED} or standing.page is None:
        return ""
    found = standing.lag_seconds
    if is_unadmitted(standing):
        return f"Unacknowledged for {age(standing.now - standing.since)}." if standing.since else "Unacknowledged."
    if found is None:
        return ""
    return f"Admitted {age(abs(found))} {'after' if found >= 0 else 'before'} our first failed probe."


def is_unadmitted(standing: Standing) -> bool:
    """Our probes fail and their page says that all is well."""
    return standing.verdict in {Verdict.DOWN, Verdict.DEGRADED} and standing.official is Status.OPERATIONAL


def blame(standing: Standing) -> str:
    """Whose fault it is, in a word or two; empty where nothing fails."""
    fault = next((probe.last.fault for probe in standing.failing if probe.last), None)
    return BLAME[fault] if fault else ""


def phases(run: ProbeObservation) -> str:
    """`dns 10 ms, connect 20 ms`: where the time went, for who cannot see the bar."""
    return ", ".join(f"{spaced(phase)} {seconds(run.phases[phase])}" for phase in PHASES if phase in run.phases)

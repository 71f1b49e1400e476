"""How the board writes values: ages, moments, amounts, names and links."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from markupsafe import Markup

from ai_provider_exporter.model.measurement import PHASES
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.status_pages.times import format_time

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
    text = f"in {age(at - now)}" if at > now else f"{age(now - at)} ago"
    return _time(at, text)


def lasting(since: float, now: float) -> Markup:
    return _time(since, f"for {age(now - since)}")


def clock(at: float, now: float) -> Markup:
    """The moment itself: `03:02 UTC`, with the date if it was another day."""
    moment, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC)
    return _time(at, moment.strftime("%H:%M UTC" if moment.date() == today.date() else "%-d %b %H:%M UTC"))


def exact(at: float) -> Markup:
    """The moment to the second: `03:14:07 UTC`."""
    return _time(at, datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S UTC"))


def _time(at: float, text: str) -> Markup:
    stamp = format_time(float(int(at))) or ""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, stamp.replace("T", " ")[:-1] + " UTC", text)


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


def web_address(url: str) -> str:
    """The URL if it is one that a reader may be sent to, else nothing: it comes from other people's pages."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""


def phases(run: ProbeObservation) -> str:
    """`dns 10 ms, connect 20 ms`: where the time went, for who cannot see the bar."""
    return ", ".join(f"{spaced(phase)} {seconds(run.phases[phase])}" for phase in PHASES if phase in run.phases)

"""The spellings of time that status pages use; all become Unix seconds, UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

MAX_LENGTH = 64  # characters, without a zone's name in parentheses behind them

_LATEST = 1e11  # the year 5138; a larger number counts milliseconds
_EPOCH = re.compile(r"\d{9,16}(?:\.\d{1,9})?")
_ZONE_NAME = re.compile(r"\s{0,9}(?:UTC|GMT|Z)$")
_SPACED_OFFSET = re.compile(r"\s{1,9}(?=[+-]\d\d:?\d\d$)")
# What JavaScript's Date prints: `Sat Jun 11 2022 18:55:50 GMT+0200 (Central European Summer Time)`.
_JAVASCRIPT = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4})")


def parse_time(value: Any, zone: tzinfo = UTC) -> float | None:
    """Read RFC 3339, RFC 822 (with `Z`, `PST`, `PDT`), JavaScript's `Date`, or an epoch in s or ms.

    `zone` is where a time without an offset was written. None for what is not a time, lies before 1970, or is
    longer than `MAX_LENGTH`: the parsers of RFC 822 take quadratic time.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_epoch(value)
    if not isinstance(value, str) or len(value) > 2 * MAX_LENGTH:
        return None
    text = value.partition(" (")[0].strip()
    if len(text) > MAX_LENGTH:
        return None
    return _from_epoch(float(text)) if _EPOCH.fullmatch(text) else _from_text(text, zone)


def format_time(seconds: float | None) -> str | None:
    """RFC 3339 in UTC, with milliseconds only where there are some; None stays None."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(round(seconds, 3), UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def _from_epoch(number: float) -> float | None:
    if not 0 < number < _LATEST * 1000:
        return None
    return float(number) if number < _LATEST else number / 1000


def _from_text(text: str, zone: tzinfo) -> float | None:
    for read in (_iso, _rfc822):
        try:
            moment = read(text)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
            seconds = aware.timestamp()
        except (ValueError, OverflowError):
            continue
        return seconds if 0 < seconds < _LATEST else None
    return None


def _iso(text: str) -> datetime:
    with_offset = _ZONE_NAME.sub("+00:00", text.upper())
    return datetime.fromisoformat(_SPACED_OFFSET.sub("", with_offset))


def _rfc822(text: str) -> datetime:
    javascript = _JAVASCRIPT.fullmatch(text)
    return parsedate_to_datetime("{1} {0} {2} {3} {4}".format(*javascript.groups()) if javascript else text)

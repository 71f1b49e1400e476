"""When to come back, in every form that a provider says it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# Go's time.Duration ("6m0s", "8.64s", "12ms"), which Google's RetryInfo ("33s") is a case of.
_GO_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_GO_PART = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(h|ms|m|s|us|µs|ns)", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)

# A plain number this large is no span but a time: OpenRouter's x-ratelimit-reset is Unix milliseconds.
_UNIX_SECONDS = 1e9
_UNIX_MILLISECONDS = 1e12
_MAX_DATE = 64  # characters
_LONGEST_WAIT = 366 * 86400.0  # what is longer was not meant


def retry_after(headers: Mapping[str, str], body: bytes, now: float) -> float | None:
    """Seconds to wait: as `retry-after-ms`, `retry-after` or Google's RetryInfo in the body asks."""
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(milliseconds):
        return _bounded(float(milliseconds) / 1000)
    wait = seconds_until(headers.get("retry-after", ""), now)
    return _retry_info(body) if wait is None else wait


def seconds_until(value: str, now: float) -> float | None:
    """Seconds from `now` (Unix seconds) to what a header names, never negative; None if it names no time.

    Understands plain seconds, Go durations, RFC 3339, HTTP dates, and Unix seconds and milliseconds.
    """
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return _bounded(_since(float(value), now))
    span = go_duration(value)
    if span is not None:
        return _bounded(span)
    then = moment(value)
    return None if then is None else _bounded(then - now)


def go_duration(value: str) -> float | None:
    """Seconds of `1h2m3.5s`, None if it is not written so."""
    parts = _GO_PART.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        return None
    return sum(float(number) * _GO_UNITS[unit] for number, unit in parts)


def _since(number: float, now: float) -> float:
    if number >= _UNIX_MILLISECONDS:
        return number / 1000 - now
    return number - now if number >= _UNIX_SECONDS else number


def moment(value: str) -> float | None:
    """Unix seconds of an RFC 3339 or HTTP date; None if it is neither, or longer than any (its parser is quadratic)."""
    if len(value) > _MAX_DATE:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            then = read(value)
            return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _bounded(seconds: float) -> float | None:
    return max(0.0, seconds) if seconds <= _LONGEST_WAIT else None


def _retry_info(body: bytes) -> float | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    waits = (go_duration(delay) for delay in _delays(document))
    return next((_bounded(wait) for wait in waits if wait is not None), None)


def _delays(document: Any) -> Iterator[str]:
    holders = document if isinstance(document, list) else [document]
    for holder in holders[:1]:
        error = holder.get("error") if isinstance(holder, dict) else None
        details = error.get("details") if isinstance(error, dict) else None
        for detail in details if isinstance(details, list) else []:
            delay = detail.get("retryDelay") if isinstance(detail, dict) else None
            if isinstance(delay, str):
                yield delay

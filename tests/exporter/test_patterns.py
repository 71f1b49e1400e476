"""No pattern that foreign text reaches takes more than linear time, whatever it is given.

Each pattern is fed blanks, repeats of single characters and of its own words, and for each of its own repetitions a
text that fills that repetition and then fails. Time is the CPU time of this thread; only a growth of the order of a
square fails.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from re import _constants as sre  # type: ignore[attr-defined]  # what `re` itself parses with
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import ai_provider_exporter
import pytest
from ai_provider_exporter.reports import posts

SIZE = 1000  # characters, times 1, 2 and 4
CHEAP = 0.002  # seconds for four times the size: whatever it grows like, it harms nobody
MAX_GROWTH = 9.0  # from SIZE to four times SIZE: linear is 4, a square 16
TOO_LONG = 3.0  # seconds

OUR_OWN_TEXT = {
    "schema.types._DURATION": "a value of the configuration, matched as a whole",
    "probes.tcp._ADDRESS": "a value of the configuration, or a target of /probe, which is bounded by the web server",
    "web.prefix._PREFIX": "an option of the command line, matched as a whole",
    "web.security.tls._PRIVATE_KEY": "a file of the operator",
}
"""Patterns that no foreign text reaches. The simulator is left out as a whole: it plays for who started it."""


def patterns() -> dict[str, re.Pattern[Any]]:
    found: dict[str, re.Pattern[Any]] = {}
    for info in pkgutil.walk_packages(ai_provider_exporter.__path__, "ai_provider_exporter."):
        if not info.name.endswith("__main__") and ".simulator" not in info.name:
            module = importlib.import_module(info.name)
            for name, value in vars(module).items():
                for place, pattern in enumerate(_patterns_in(value)):
                    home = info.name.removeprefix("ai_provider_exporter.")
                    found[f"{home}.{name}" + (f"[{place}]" if place else "")] = pattern
    found["reports.posts"] = posts.pattern(("acme", "not working"))  # made of words of the configuration
    unique = {pattern.pattern: name for name, pattern in reversed(found.items())}
    return {name: found[name] for name in sorted(unique.values()) if name not in OUR_OWN_TEXT}


def _patterns_in(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4:
        for part in _parts(value):
            yield from _patterns_in(part, depth + 1)


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif isinstance(value, dict):
        yield from value
        yield from value.values()
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, field.name, None) for field in fields(value))


# --- texts ------------------------------------------------------------------------------------------------


def attacks(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    words = re.findall(r"[A-Za-z<>/:\[\(# ]{2,}", _text(pattern))[:4]
    for unit in (" ", "\n", "a", "1", "-", "<", "<b>", "<li>", "[", "(", "a-", "a,", "a ", ": ", *words):
        yield _repeated(unit, size)
        yield "x" + _repeated(unit, size) + "\0"
        yield from (word + _repeated(unit, size) + "\0" for word in words[:1])
    tree: Any = parser.parse(pattern.pattern, pattern.flags)
    for prefix, unit in _pumps(tree, ""):
        yield prefix + _repeated(unit, size) + "\0"
        yield _repeated(prefix + unit, size) + "\0"


def _repeated(unit: str, size: int) -> str:
    return unit * (size // max(1, len(unit)))


def _text(pattern: re.Pattern[Any]) -> str:
    return pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")


def _pumps(tree: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Of each repetition what comes before it, and what it repeats."""
    for node in tree:
        kind, argument = node
        for children in _children(kind, argument):
            yield from _pumps(children, prefix)
        if kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            yield prefix, _sample(argument[2])
        prefix += _sample([node])


def _children(kind: Any, argument: Any) -> list[Any]:
    if kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
        return [argument[2]]
    if kind is sre.SUBPATTERN:
        return [argument[3]]
    return list(argument[1]) if kind is sre.BRANCH else []


def _sample(tree: Any) -> str:
    """A text that matches, look-arounds aside."""
    return "".join(_sample_of(kind, argument) for kind, argument in tree)


def _sample_of(kind: Any, argument: Any) -> str:
    if kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
        return _sample(argument[2]) * max(1, int(argument[0]))
    samples: dict[Any, Callable[[], str]] = {
        sre.LITERAL: lambda: chr(argument),
        sre.NOT_LITERAL: lambda: "a" if argument != ord("a") else "b",
        sre.IN: lambda: _member(argument),
        sre.BRANCH: lambda: _sample(argument[1][0]),
        sre.SUBPATTERN: lambda: _sample(argument[3]),
        sre.ANY: lambda: "a",
    }
    sample: Callable[[], str] | None = samples.get(kind)
    return sample() if sample else ""


_OF_CATEGORY = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_WORD: " ",
    sre.CATEGORY_NOT_SPACE: "a",
}


def _member(items: Any) -> str:
    if items[0][0] is sre.NEGATE:
        return next(one for one in "a1 -<\x02" if not any(_contains(item, one) for item in items[1:]))
    kind, argument = items[0]
    if kind is sre.RANGE:
        return chr(argument[0])
    return chr(argument) if kind is sre.LITERAL else _OF_CATEGORY.get(argument, "a")


def _contains(item: Any, character: str) -> bool:
    kind, argument = item
    if kind is sre.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    if kind is sre.LITERAL:
        return bool(ord(character) == argument)
    return bool(_OF_CATEGORY.get(argument) == character)


# --- time -------------------------------------------------------------------------------------------------


class _TooLongError(Exception):
    pass


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise _TooLongError


def seconds(pattern: re.Pattern[Any], text: str, repeats: int) -> float:
    """The least CPU time of some runs over the whole text."""
    data = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    times = []
    for _ in range(repeats):
        began = time.thread_time()
        for _match in pattern.finditer(data):
            pass
        times.append(time.thread_time() - began)
    return min(times)


def growth(pattern: re.Pattern[Any], small: str, large: str) -> float:
    if seconds(pattern, large, 1) < CHEAP or seconds(pattern, large, 3) < CHEAP:
        return 0.0
    return seconds(pattern, large, 5) / max(seconds(pattern, small, 5), 1e-6)


@pytest.mark.parametrize("name", PATTERNS := patterns())
def test_a_pattern_takes_linear_time(name: str) -> None:
    pattern = PATTERNS[name]
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, TOO_LONG)
    text = ""
    try:
        for small, text in zip(attacks(pattern, SIZE), attacks(pattern, 4 * SIZE), strict=True):
            grown = growth(pattern, small, text)
            assert grown < MAX_GROWTH, f"{pattern.pattern!r} grows {grown:.1f} times for 4 times {text[:40]!r}"
    except _TooLongError:
        pytest.fail(f"{pattern.pattern!r} does not end on {len(text)} characters of {text[:40]!r}")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\s*x", id="blanks before a word that is not there"),
        pytest.param(r"<b>\s*x?\s*</", id="blanks on both sides of an option"),
        pytest.param(r"<li>.*?</li>", id="a dot up to an end that never comes"),
    ],
)
def test_a_pattern_of_more_than_linear_time_is_found(pattern: str) -> None:
    PATTERNS["example"] = re.compile(pattern)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test_a_pattern_takes_linear_time("example")

    del PATTERNS["example"]

"""Users' regular expressions: RE2, in linear time, and never in the way of anybody else."""

from __future__ import annotations

import re
import time
from threading import Event, Thread

import pytest
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.http_expect import HttpExpect
from ai_provider_exporter.probes.judging import _MAX_THREADS, _Judges
from ai_provider_exporter.probes.pattern import Pattern, cost, matches
from ai_provider_exporter.wire import Headers
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.exporter import idle_time
from tests.exporter.wire.loopback import HANG

PATTERN: TypeAdapter[str] = TypeAdapter(Pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("queue: [[:digit:]]+ jobs", "queue: 17 jobs", True),
        (r"\bup\b", "it is up now", True),
        ("(?i)HEALTHY", "healthy", True),
        ("^ok$", "not ok", False),
        ("(?m)^ok$", "not\nok\n", True),
        (r"\p{Cyrillic}+", "Привет", True),
    ],
)
def test_a_pattern_means_what_it_means_in_blackbox_exporter(pattern: str, text: str, *, expected: bool) -> None:
    assert matches(PATTERN.validate_python(pattern), text.encode()) is expected


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "is not RE2 syntax: missing"),
        (r"(a)\1", "correct it"),
        ("(?=x)", "lookaround and possessive repetition do not exist there"),
        ("(?<!x)y", "lookaround and possessive repetition do not exist there"),
        (r"(\pL\pN){400}", "too large"),
    ],
)
def test_what_re2_cannot_do_is_refused_with_the_reason(pattern: str, says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        PATTERN.validate_python(pattern)


SLOW = "(a|b|c| |d|e|f){1,900}Q"
HOSTILE = [".*(ERROR|FATAL).*", "(x+x+)+y", "(.*a){100}z", "(a?){200}b", SLOW]


def test_a_hostile_pattern_costs_time_in_proportion_to_the_body() -> None:
    """`re` takes twice as long for one letter more; RE2 is bounded by its instructions times the bytes."""
    for pattern in HOSTILE:
        assert cost([pattern], 2_000) == 2 * cost([pattern], 1_000)
        assert not matches(pattern, b"x" * 5_000)


def test_while_a_pattern_is_matched_other_threads_run() -> None:
    """The body is large and the pattern slow: with the interpreter held, the others would not have a turn."""
    turns, over = [0], Event()

    def others() -> None:
        while not over.wait(0.001):
            turns[0] += 1

    thread = Thread(target=others)
    thread.start()
    text = b"a b c d e f " * 500
    began = time.thread_time()
    for _ in range(3):
        matches(SLOW, text)
    took = time.thread_time() - began
    over.set()
    thread.join()

    assert took == 0 or turns[0] > 0


def test_a_match_that_takes_too_long_is_our_fault_and_not_waited_for() -> None:
    release = Event()

    async def story() -> None:
        judges = _Judges()
        with pytest.raises(Failure, match="longer than timeout") as caught:
            await judges.run(lambda: release.wait(HANG), 1 << 40, 0.05)
        release.set()
        assert caught.value.reason == "bad_request"

    idle_time.run(story())


def test_no_more_than_a_few_bodies_are_matched_at_once() -> None:
    async def story() -> None:
        judges = _Judges()
        judges.at_work = _MAX_THREADS
        with pytest.raises(Failure) as caught:
            await judges.run(lambda: None, 1 << 40, 1.0)
        assert caught.value.reason == "prober_overloaded"

    idle_time.run(story())


BODIES = st.one_of(st.text(max_size=300), st.sampled_from(["a b c " * 2000, "x" * 20_000, "ERROR" * 100, "\n" * 9_999]))


@settings(max_examples=60, deadline=None)
@given(body=BODIES, pattern=st.sampled_from(HOSTILE), wanted=st.booleans())
def test_every_pattern_judges_every_body(body: str, pattern: str, *, wanted: bool) -> None:
    expect = HttpExpect.model_validate({"regex" if wanted else "not_regex": pattern})
    found = matches(pattern, body.encode("utf-8", "replace"))

    assert bool(list(expect.problems(Headers(()), body))) is (found is not wanted)

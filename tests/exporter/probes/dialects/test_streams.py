from __future__ import annotations

import json
import tracemalloc
from collections import deque
from contextlib import suppress
from itertools import repeat
from pathlib import Path

import pytest
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.dialects import DIALECTS
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exporter.probes.dialects.play import play, recorded

RECORDED = recorded()
IDS = [f"{path.parent.name}/{path.stem}" for path in RECORDED]


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("path", RECORDED, ids=IDS)
def test_a_stream_means_the_same_however_it_is_cut(path: Path, size: int) -> None:
    dialect, data = path.parent.name, path.read_bytes()

    assert play(dialect, data, size).reason == play(dialect, data).reason
    assert play(dialect, data, size).metadata == play(dialect, data).metadata


@pytest.mark.parametrize("path", RECORDED, ids=IDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_nothing_but_a_failure_escapes_from_a_damaged_stream(path: Path, data: st.DataObject) -> None:
    stream = DIALECTS[path.parent.name].Stream()
    damaged = _damage(path.read_bytes(), data)

    with suppress(Failure):
        stream.feed(damaged)
        stream.flush()
        stream.close()


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_nothing_but_a_failure_escapes_from_a_strange_document(dialect: str, data: st.DataObject) -> None:
    stream = DIALECTS[dialect].Stream()
    document = data.draw(st.recursive(SCALARS, _containers, max_leaves=20))

    with suppress(Failure):
        stream.whole(json.dumps(document).encode())
        stream.flush()
        stream.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_endless_stream_without_tokens_takes_no_memory(dialect: str) -> None:
    stream = DIALECTS[dialect].Stream()
    tracemalloc.start()
    with suppress(Failure):  # a framing that has no comments says so at once
        for _ in range(1000):
            stream.feed(b": keep-alive\n\n" * 100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 300_000


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_document_without_an_end_is_given_up(dialect: str) -> None:
    stream = DIALECTS[dialect].Stream()

    with pytest.raises(Failure) as raised:
        deque(map(stream.feed, repeat(b"data: {" + b"x" * 65536, 40)), maxlen=0)

    assert raised.value.reason == "malformed_response"


WORDS = st.sampled_from([
    "choices", "delta", "content", "error", "type", "message", "usage", "candidates", "parts", "text", "finish_reason",
    "output", "stopReason", "metadata", "done", "response", "x_groq", "tokens", "embedding",
])  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS


def _containers(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4)


def _damage(stream: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(stream)))
    length = data.draw(st.integers(0, 40))
    return stream[:at] + data.draw(st.binary(max_size=40)) + stream[at + length :]

"""Whatever an endpoint sends, a chat ends in time, with a reason of the table, in little memory."""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvloop
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.reasons import OK, REASONS
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects import openai_chat
from ai_provider_exporter.probes.dialects.base import Event
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exporter import idle_time
from tests.exporter.wire.loopback import HANG

STREAMS = sorted(path for path in (Path(__file__).parent / "dialects" / "streams").glob("*/*") if path.is_file())
TYPES = {"bedrock": b"application/vnd.amazon.eventstream", "ollama": b"application/x-ndjson"}
TIMEOUT = 0.25
MIB = 1 << 20
RunLoop = Callable[[Coroutine[Any, Any, tuple[ProbeObservation, int]]], tuple[ProbeObservation, int]]


@dataclass(frozen=True)
class Said:
    """What the server says; then it hangs up, or `waits` for us to do so."""

    dialect: str
    data: bytes
    waits: bool = False


@contextmanager
def _saying(said: Said) -> Iterator[int]:
    """A server for one connection, which allocates nothing while it speaks."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_say, args=(listener, said))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


def _say(listener: socket.socket, said: Said) -> None:
    client, _ = listener.accept()
    with client, suppress(OSError):
        client.recv(65536)
        client.sendall(said.data)
        while said.waits and client.recv(65536):
            pass


def _options(port: int, **more: object) -> ChatOptions:
    free = {"price": {"per_request": 0.0}}  # or the price list would be loaded, and measured
    who = {"name": "p", "provider": "acme", "kind": "chat", "model": "m", "base_url": f"http://127.0.0.1:{port}/v1"}
    return ChatOptions.model_validate(who | free | more)


def _probe(said: Said, run_loop: RunLoop, timeout: float) -> tuple[ProbeObservation, int]:
    """The run, and how many bytes more than before it were in use at its worst."""

    async def run(port: int) -> tuple[ProbeObservation, int]:
        options = _options(port, dialect=said.dialect, timeout=timeout)
        async with ProbeContext.opened(lambda _: "") as context:
            tracemalloc.start()
            before, _ = tracemalloc.get_traced_memory()
            observation = await runner.probe(options, context, HostHealth())
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return observation, peak - before

    with _saying(said) as port:
        return run_loop(run(port))


def _in_bounds(said: Said, run_loop: RunLoop = idle_time.run, timeout: float = TIMEOUT) -> ProbeObservation:
    observation, most_bytes = _probe(said, run_loop, timeout)

    assert observation.reason in {OK, *REASONS} - {"prober_error"}, observation.detail
    assert most_bytes < MIB
    return observation


def _head(dialect: str, *headers: bytes, content_type: bytes = b"") -> bytes:
    kind = content_type or TYPES.get(dialect, b"text/event-stream")
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"content-type: " + kind, *headers, b"", b""])


def _chunked(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


# --- recorded answers, damaged ------------------------------------------------------------------------------------

WORDS = [b"\n\n", b"\r\n\r\n", b"data: ", b"data: [DONE]\n\n", b"{", b"null", b"[" * 2000, b"\xff\xfe", b"\x00"]
FRAGMENTS = st.one_of(st.binary(max_size=64), st.sampled_from(WORDS))


@st.composite
def damaged(draw: st.DrawFn) -> Said:
    """A recorded answer in any framing, with pieces of it lost, doubled, swapped or replaced, head and all."""
    path = draw(st.sampled_from(STREAMS))
    dialect, body = path.parent.name, path.read_bytes()
    whole = draw(
        st.sampled_from([
            _head(dialect) + body,
            _head(dialect, b"content-length: %d" % len(body)) + body,
            _head(dialect, b"transfer-encoding: chunked") + _chunked(body, 40),
            _head(dialect, content_type=b"application/json") + body,
        ])
    )  # fmt: skip
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(whole)))
        length = draw(st.integers(0, 80))
        lost = whole[place : place + length]
        put = draw(st.one_of(st.just(b""), st.just(lost * 2), st.just(lost[::-1]), FRAGMENTS))
        whole = whole[:place] + put + whole[place + length :]
    return Said(dialect, whole, waits=draw(st.booleans()) and draw(st.booleans()))


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(said=damaged())
def test_no_damaged_answer_leaves_the_table_the_deadline_or_a_mebibyte(said: Said) -> None:
    run = _in_bounds(said)

    assert run.duration_seconds < TIMEOUT + 0.01


def test_undamaged_each_recorded_answer_is_within_the_bounds_too() -> None:
    for path in STREAMS:
        _in_bounds(Said(path.parent.name, _head(path.parent.name) + path.read_bytes()))


# --- floods -------------------------------------------------------------------------------------------------------

JSON = b"application/json"
DELTA = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
FLOODS = {
    "a line without end": _head("") + b"data: " + b"x" * (8 * MIB),
    "an event without end": _head("") + b"data: x\n" * MIB,
    "pings without end": _head("") + b": ping\n\n" * MIB,
    "tokens without end": _head("") + DELTA * (8 * MIB // len(DELTA)),
    "chunks of one byte": _head("", b"transfer-encoding: chunked") + b"1\r\nx\r\n" * MIB,
    "a document without end": _head("", content_type=JSON) + b'{"a":"' + b"x" * (8 * MIB),
    "brackets without end": _head("", content_type=JSON) + b"[" * (8 * MIB),
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * MIB,
    "a header without end": b"HTTP/1.1 200 OK\r\na: " + b"b" * (8 * MIB),
    "a refusal without end": b"HTTP/1.1 500 No\r\n\r\n" + b"x" * (8 * MIB),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_no_flood_drowns_a_probe(flood: str) -> None:
    """On the loop that the program uses: how much it reads at once is what a flood takes."""
    run = _in_bounds(Said("openai_chat", FLOODS[flood]), uvloop.run, timeout=HANG)

    assert not run.success
    assert "timeout" not in run.reason, "what ends it is how much came, not for how long"


def test_others_may_run_while_a_burst_of_tokens_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """16 KiB of the smallest events take 5 ms to parse."""
    fed = [0]  # bytes in each turn of the others

    class Counting(openai_chat.Stream):
        def feed(self, data: bytes) -> list[Event]:
            fed[-1] += len(data)
            return super().feed(data)

    async def others() -> None:
        while True:
            await asyncio.sleep(0)
            fed.append(0)

    async def story(port: int) -> None:
        async with ProbeContext.opened(lambda _: "") as context:
            task = asyncio.create_task(others())
            await runner.probe(_options(port), context, HostHealth())
            task.cancel()

    monkeypatch.setattr(openai_chat, "Stream", Counting)
    with _saying(Said("openai_chat", FLOODS["tokens without end"])) as port:
        uvloop.run(story(port))

    assert sum(fed) > MIB / 2
    assert max(fed) < 32 * 1024

"""The same canary in every dialect, and what each dialect has of its own."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest
from ai_provider_exporter.simulator.apis import APIS
from ai_provider_exporter.simulator.scenario import ApiName, Refused

PROMPT = "Reply with exactly: OK. (probe 7f3a)"
MESSAGES = [{"role": "user", "content": PROMPT}]
CONTENTS = [{"role": "user", "parts": [{"text": PROMPT}]}]
GEMINI = {"contents": CONTENTS}
CONVERSE = {"messages": [{"role": "user", "content": [{"text": PROMPT}]}]}
CHAT = {"model": "m", "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}


def sse(body: bytes) -> list[Any]:
    data = [line[6:] for line in body.split(b"\n") if line.startswith(b"data: ")]
    return [line.decode() if line == b"[DONE]" else json.loads(line) for line in data]


def lines(body: bytes) -> list[Any]:
    return [json.loads(line) for line in body.splitlines()]


def eventstream(body: bytes) -> list[Any]:
    """Decode AWS frames; each becomes its payload, under the name of its event or exception."""
    return list(_eventstream(body))


def _eventstream(body: bytes) -> Iterator[Any]:
    while body:
        total, headers, checksum = struct.unpack(">III", body[:12])
        assert checksum == zlib.crc32(body[:8])
        assert struct.unpack(">I", body[total - 4 : total])[0] == zlib.crc32(body[: total - 4])
        names = dict(_headers(body[12 : 12 + headers]))
        yield {names[f":{names[':message-type']}-type"]: json.loads(body[12 + headers : total - 4])}
        body = body[total:]


def _headers(data: bytes) -> Iterator[tuple[str, str]]:
    while data:
        length = data[0]
        name, kind, size = data[1 : 1 + length], data[1 + length], int.from_bytes(data[2 + length : 4 + length])
        assert kind == 7
        yield name.decode(), data[4 + length : 4 + length + size].decode()
        data = data[4 + length + size :]


@dataclass(frozen=True)
class Dialect:
    api: str
    path: str
    body: dict[str, Any]
    read: Callable[[bytes], list[Any]]
    text: Callable[[Any], str]  # of one event
    ends: Callable[[Any], bool]  # the last event says: that was all
    usage: Callable[[list[Any]], tuple[int, int]]  # output tokens as it counts them, hidden ones as it shows them
    fails: Callable[[Any], bool]  # an event that is an error
    headers: dict[str, str] = field(default_factory=dict)


def completion_usage(events: list[Any]) -> tuple[int, int]:
    usage = events[-2]["usage"]
    return usage["completion_tokens"], usage["completion_tokens_details"]["reasoning_tokens"]


def gemini_usage(events: list[Any]) -> tuple[int, int]:
    usage = events[-1]["usageMetadata"]
    return usage["candidatesTokenCount"], usage["thoughtsTokenCount"]


def gemini_text(event: Any) -> str:
    parts = event["candidates"][0]["content"]["parts"]
    return "".join(part["text"] for part in parts if not part.get("thought"))


def responses_usage(events: list[Any]) -> tuple[int, int]:
    usage = events[-1]["response"]["usage"]
    return usage["output_tokens"], usage["output_tokens_details"]["reasoning_tokens"]


def anthropic_usage(events: list[Any]) -> tuple[int, int]:
    usage = next(event for event in events if event["type"] == "message_delta")["usage"]
    return usage["output_tokens"], usage["output_tokens_details"]["thinking_tokens"]


def chunk_text(event: Any) -> str:
    if event == "[DONE]" or not event["choices"]:
        return ""
    return str(event["choices"][0]["delta"].get("content", ""))


OPENAI_CHAT = Dialect(
    "openai_chat", "/v1/chat/completions", CHAT, sse,
    text=chunk_text,
    ends=lambda event: event == "[DONE]",
    usage=completion_usage,
    fails=lambda event: "error" in event,
)  # fmt: skip
DIALECTS = [
    OPENAI_CHAT,
    Dialect(
        "azure", "/openai/deployments/m/chat/completions?api-version=2024-10-21", CHAT, sse,
        text=chunk_text,
        ends=lambda event: event == "[DONE]",
        usage=completion_usage,
        fails=lambda event: "error" in event,
    ),
    Dialect(
        "openai_responses", "/v1/responses", {"model": "m", "input": PROMPT, "stream": True}, sse,
        text=lambda event: event["delta"] if event["type"] == "response.output_text.delta" else "",
        ends=lambda event: event["type"] == "response.completed",
        usage=responses_usage,
        fails=lambda event: event["type"] == "error",
    ),
    Dialect(
        "anthropic", "/v1/messages", {"model": "m", "messages": MESSAGES, "max_tokens": 16, "stream": True}, sse,
        text=lambda event: event.get("delta", {}).get("text", ""),
        ends=lambda event: event == {"type": "message_stop"},
        usage=anthropic_usage,
        fails=lambda event: event["type"] == "error",
        headers={"anthropic-version": "2026-10-21"},
    ),
    Dialect(
        "gemini", "/v1beta/models/m:streamGenerateContent?alt=sse", GEMINI, sse,
        text=gemini_text,
        ends=lambda event: event["candidates"][0].get("finishReason") == "STOP",
        usage=gemini_usage,
        fails=lambda event: "error" in event,
    ),
    Dialect(
        "vertex", "/v1/projects/p/locations/eu/publishers/google/models/m:streamGenerateContent?alt=sse",
        GEMINI, sse,
        text=gemini_text,
        ends=lambda event: event["candidates"][0].get("finishReason") == "STOP",
        usage=gemini_usage,
        fails=lambda event: "error" in event,
    ),
    Dialect(
        "bedrock", "/model/amazon.nova-micro-v1%3A0/converse-stream", CONVERSE, eventstream,
        text=lambda event: event.get("contentBlockDelta", {}).get("delta", {}).get("text", ""),
        ends=lambda event: "metadata" in event,
        usage=lambda events: (events[-1]["metadata"]["usage"]["outputTokens"], -1),
        fails=lambda event: any(name.endswith("Exception") for name in event),
    ),
    Dialect(
        "cohere", "/v2/chat", {"model": "m", "messages": MESSAGES, "stream": True}, sse,
        text=lambda event: "" if event == "[DONE]" or event["type"] != "content-delta"
        else event["delta"]["message"]["content"].get("text", ""),
        ends=lambda event: event == "[DONE]",
        usage=lambda events: (events[-2]["delta"]["usage"]["tokens"]["output_tokens"], -1),
        fails=lambda event: event["type"] == "message-end" and event["delta"]["finish_reason"] == "ERROR",
    ),
    Dialect(
        "ollama", "/api/chat", {"model": "m", "messages": MESSAGES}, lines,
        text=lambda event: event["message"]["content"],
        ends=lambda event: event["done"],
        usage=lambda events: (events[-1]["eval_count"], -1),
        fails=lambda event: "error" in event,
    ),
]  # fmt: skip
EVERY = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.api)
EXCLUDES_REASONING = {"gemini", "vertex"}
pytestmark = pytest.mark.anyio


def scenario(dialect: Dialect, more: str = "") -> str:
    pace = "{headers: 0s, first_token: 2ms, gap: 1ms}"
    return f"""\
name: dialect
description: one provider
providers:
  acme:
    apis: [{dialect.api}]
    pace: {pace}
{more}"""


async def ask(client: Any, dialect: Dialect) -> bytes:
    response = await client.post(f"/acme{dialect.path}", json=dialect.body, headers=dialect.headers)
    assert response.status_code == 200
    return bytes(response.content)


def test_a_scenario_can_name_every_api_that_is_played() -> None:
    assert set(get_args(ApiName)) == set(APIS)


@EVERY
async def test_a_canary_comes_true_and_the_answer_ends_as_the_dialect_says(play: Any, dialect: Dialect) -> None:
    _, client = await play(scenario(dialect))

    events = dialect.read(await ask(client, dialect))

    assert "".join(dialect.text(event) for event in events) == "OK"
    assert dialect.ends(events[-1])
    assert sum(dialect.ends(event) for event in events) == 1


@EVERY
async def test_reasoning_comes_first_and_is_counted_as_the_provider_counts(play: Any, dialect: Dialect) -> None:
    simulator, client = await play(scenario(dialect, "    answer: {tokens: 4, reasoning: 3}\n"))

    events = dialect.read(await ask(client, dialect))
    output, hidden = dialect.usage(events)
    told = simulator.truth[0]

    assert output == (4 if dialect.api in EXCLUDES_REASONING else 7)
    assert hidden in (3, -1)
    assert (told.tokens.output, told.tokens.reasoning) == (4, 3)
    assert told.first_token < told.first_answer < told.last_token


@EVERY
@pytest.mark.parametrize("how", ["stream_error", "stream_overloaded"])
async def test_an_error_inside_a_200_speaks_the_dialect(play: Any, dialect: Dialect, how: str) -> None:
    simulator, client = await play(scenario(dialect))
    simulator.apply({"provider": "acme", "fail": [{"how": how}]})

    body = await ask(client, dialect)

    if dialect.api in ("gemini", "vertex") and how == "stream_error":
        assert json.loads(body[body.index(b'\n{\n  "error"') :])["error"]["status"] == "INTERNAL"
    else:
        assert dialect.fails(dialect.read(body)[-1])


@EVERY
async def test_a_truncated_answer_has_no_end(play: Any, dialect: Dialect) -> None:
    simulator, client = await play(scenario(dialect))
    simulator.apply({"provider": "acme", "fail": [{"how": "truncate"}]})

    events = dialect.read(await ask(client, dialect))

    assert "".join(dialect.text(event) for event in events) == "OK"
    assert not any(dialect.ends(event) for event in events)


@EVERY
@pytest.mark.parametrize("chunking", ["whole", "5"])
async def test_every_dialect_survives_every_delivery(play: Any, dialect: Dialect, chunking: str) -> None:
    _, client = await play(scenario(dialect, f"    chunking: {chunking}\n"))

    events = dialect.read(await ask(client, dialect))

    assert "".join(dialect.text(event) for event in events) == "OK"


@EVERY
async def test_every_refusal_is_json_with_an_error_status(play: Any, dialect: Dialect) -> None:
    simulator, client = await play(scenario(dialect))
    statuses = {}
    for how in get_args(Refused):
        simulator.apply({"provider": "acme", "fail": [{"how": how}]})
        response = await client.post(f"/acme{dialect.path}", json=dialect.body, headers=dialect.headers)
        statuses[how] = response.status_code
        assert isinstance(response.json(), dict)

    assert statuses["server_error"] == 500
    assert statuses["overloaded"] == (529 if dialect.api == "anthropic" else 503)
    assert statuses["rate_limited"] == statuses["throttled"] == 429
    assert all(400 <= status < 600 for status in statuses.values())

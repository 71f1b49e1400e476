"""The chat of an OpenAI-compatible provider, seen through a socket, and the truth that is kept of it."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import pytest
from ai_provider_exporter.simulator.truth import Exchange, Truth

pytestmark = pytest.mark.anyio

SCENARIO = """\
name: two tiers
description: one provider, two keys
providers:
  acme:
    apis: [openai_chat, openai_models, openai_embeddings]
    keys: [{key: sk-paid-0123456789, tier: paid}, {key: sk-free-0123456789, tier: free}]
    models: [{id: tiny}, {id: old, retires: 2026-12-11}, {id: gone, lifecycle: retired}]
    pace: {headers: 4ms, first_token: 8ms, gap: 2ms}
"""
PAID = {"authorization": "Bearer sk-paid-0123456789"}
FREE = {"authorization": "Bearer sk-free-0123456789"}
CHAT = "/acme/v1/chat/completions"


def asking(prompt: str, **more: Any) -> dict[str, Any]:
    return {"model": "tiny", "messages": [{"role": "user", "content": prompt}], **more}


def events(text: str) -> list[Any]:
    found = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in found]


def answer(text: str) -> str:
    chunks = [event for event in events(text) if event != "[DONE]" and event["choices"]]
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        pytest.param("Reply with exactly: OK", "OK", id="bare"),
        pytest.param("Reply with exactly: OK. (probe 7f3a)", "OK", id="with a nonce"),
        pytest.param("Please reply with exactly: blue whale (probe 1)", "blue whale", id="two words"),
        pytest.param("What is this?", "This is a simulated answer.", id="no instruction"),
    ],
)
async def test_an_answer_obeys_the_instruction_in_the_prompt(play: Any, prompt: str, expected: str) -> None:
    _, client = await play(SCENARIO)

    response = await client.post(CHAT, json=asking(prompt, stream=True), headers=PAID)

    assert answer(response.text) == expected


async def test_a_prompt_may_come_in_parts(play: Any) -> None:
    _, client = await play(SCENARIO)

    parts = [{"type": "text", "text": "Reply with exactly: "}, {"type": "text", "text": "OK"}]
    body = {"model": "tiny", "messages": [{"role": "user", "content": parts}]}
    response = await client.post(CHAT, json=body, headers=PAID)

    assert response.json()["choices"][0]["message"]["content"] == "OK"


async def test_several_tokens_may_come_in_one_chunk(play: Any) -> None:
    simulator, client = await play(SCENARIO + "    answer: {tokens: 10, per_chunk: 4, reasoning: 2}\n")

    text = (await client.post(CHAT, json=asking("hi", stream=True), headers=PAID)).text
    whole = (await client.post(CHAT, json=asking("hi"), headers=PAID)).json()

    assert (text.count('"delta": {"reasoning_content"'), text.count('"delta": {"content"')) == (1, 3)
    assert simulator.truth[0].tokens.output == 10
    assert whole["choices"][0]["message"]["reasoning_content"] == " hm hm"


async def test_a_stream_begins_with_a_role_and_ends_with_usage_and_done(play: Any) -> None:
    _, client = await play(SCENARIO)

    body = asking("Reply with exactly: OK", stream=True, stream_options={"include_usage": True})
    first, *_, usage, done = events((await client.post(CHAT, json=body, headers=PAID)).text)

    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] == 1
    assert done == "[DONE]"


async def test_without_include_usage_no_chunk_speaks_of_usage(play: Any) -> None:
    _, client = await play(SCENARIO)

    response = await client.post(CHAT, json=asking("hello", stream=True), headers=PAID)

    assert "usage" not in response.text


async def test_an_answer_that_is_not_streamed_is_one_document(play: Any) -> None:
    _, client = await play(SCENARIO)

    response = await client.post(CHAT, json=asking("Reply with exactly: OK"), headers=PAID)

    assert response.json()["choices"][0]["message"]["content"] == "OK"


async def test_the_token_limit_of_the_request_cuts_the_answer(play: Any) -> None:
    _, client = await play(SCENARIO)

    response = await client.post(CHAT, json=asking("hello", max_completion_tokens=2), headers=PAID)

    assert response.json()["choices"][0]["finish_reason"] == "length"
    assert response.json()["usage"]["completion_tokens"] == 2


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        pytest.param({}, asking("hi"), 401, "invalid_api_key", id="no key"),
        pytest.param({"authorization": "Bearer x"}, asking("hi"), 401, "invalid_api_key", id="wrong key"),
        pytest.param(PAID, asking("hi") | {"model": "huge"}, 404, "model_not_found", id="unknown model"),
        pytest.param(PAID, asking("hi") | {"model": "gone"}, 404, "model_not_found", id="retired model"),
        pytest.param(PAID, {"model": "tiny"}, 400, None, id="no messages"),
    ],
)
async def test_a_request_that_is_wrong_is_refused(
    play: Any, headers: dict[str, str], body: Any, status: int, code: str | None
) -> None:
    _, client = await play(SCENARIO)

    response = await client.post(CHAT, json=body, headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_an_endpoint_that_the_provider_does_not_have_is_not_found(play: Any) -> None:
    _, client = await play(SCENARIO)

    assert (await client.post("/acme/v1/images/generations", json={})).status_code == 404
    assert (await client.get("/nobody/v1/models")).status_code == 404


async def test_models_tell_when_they_retire(play: Any) -> None:
    _, client = await play(SCENARIO)

    listed = (await client.get("/acme/v1/models", headers=PAID)).json()["data"]

    assert [(model["id"], model["shutdown_date"]) for model in listed] == [
        ("tiny", None), ("old", "2026-12-11"),
    ]  # fmt: skip


@pytest.mark.parametrize(("model", "status"), [("tiny", 200), ("gone", 404), ("huge", 404)])
async def test_one_model_can_be_asked_after(play: Any, model: str, status: int) -> None:
    _, client = await play(SCENARIO)

    assert (await client.get(f"/acme/v1/models/{model}", headers=PAID)).status_code == status


@pytest.mark.parametrize(("body", "status"), [({"model": "tiny"}, 400), ({"model": "gone", "input": "ok"}, 404)])
async def test_embeddings_of_nothing_are_refused(play: Any, body: dict[str, str], status: int) -> None:
    _, client = await play(SCENARIO)

    assert (await client.post("/acme/v1/embeddings", json=body, headers=PAID)).status_code == status


async def test_embeddings_have_the_length_that_was_asked_for(play: Any) -> None:
    _, client = await play(SCENARIO)

    body = {"model": "tiny", "input": "ok", "dimensions": 8}
    response = await client.post("/acme/v1/embeddings", json=body, headers=PAID)

    assert len(response.json()["data"][0]["embedding"]) == 8


async def test_the_truth_knows_what_the_client_saw_and_when(play: Any) -> None:
    simulator, client = await play(SCENARIO)

    before = perf_counter()
    await client.post(CHAT, json=asking("hello", stream=True), headers=FREE)
    after = perf_counter()
    told = simulator.truth[0]

    stamps = [before, told.received, told.first_byte, told.first_token, told.last_token, told.end, after]
    assert stamps == sorted(stamps)
    assert told.first_byte - told.received >= 0.004
    assert told.first_token - told.received >= 0.008
    assert told.last_token - told.received >= 0.008 + (told.tokens.output - 1) * 0.002
    assert (told.provider, told.tier, told.operation, told.status, told.outcome) == (
        "acme", "free", "chat", 200, "ok",
    )  # fmt: skip


async def test_the_truth_is_told_over_http_without_any_key(play: Any) -> None:
    _, client = await play(SCENARIO)

    await client.post(CHAT, json=asking("hello"), headers=PAID)
    await client.get("/acme/v1/models?key=sk-paid-0123456789")
    text = (await client.get("/-/truth")).text + (await client.get("/-/scenario")).text

    first, second = [json.loads(line) for line in text.splitlines()[:2]]
    assert (first["tier"], second["path"]) == ("paid", "/acme/v1/models")
    assert "sk-paid" not in text


async def test_a_client_that_leaves_is_noted(play: Any) -> None:
    simulator, client = await play(SCENARIO)

    simulator.apply({"provider": "acme", "fail": [{"how": "stall"}]})
    async with client.stream("POST", CHAT, json=asking("hello", stream=True), headers=PAID):
        pass
    await simulator.settled()
    told = simulator.truth[0]

    assert told.client_left
    assert told.end > told.first_byte


def test_the_oldest_truth_is_forgotten_and_counted() -> None:
    truth = Truth(keep=2)
    for number in range(3):
        truth.append(Exchange(number, "acme", "GET", "/"))

    assert [told.number for told in truth] == [1, 2]
    assert truth.forgotten == 1


async def test_a_rate_limit_is_enforced_as_its_headers_say(play: Any) -> None:
    _, client = await play(SCENARIO + "    rate_limit: {requests: 2}\n", epoch=0.0, clock=lambda: 0.0)

    answers = [await client.get("/acme/v1/models", headers=PAID) for _ in range(3)]

    left = [response.headers["x-ratelimit-remaining-requests"] for response in answers]
    assert [response.status_code for response in answers] == [200, 200, 429]
    assert left == ["1", "0", "0"]
    assert answers[2].headers["retry-after"] == "20"


async def test_tokens_have_a_limit_of_their_own_that_is_new_every_minute(play: Any) -> None:
    clock = [0.0]
    limits = "    rate_limit: {requests: 100, tokens: 8}\n"
    _, client = await play(SCENARIO + limits, epoch=0.0, clock=lambda: clock[0])
    seen = []
    for second in (0.0, 1.0, 2.0, 60.0):
        clock[0] = second
        answer = await client.post(CHAT, json=asking("Reply with exactly: OK"), headers=PAID)
        seen.append((answer.status_code, answer.headers["x-ratelimit-remaining-tokens"]))

    assert seen == [(200, "8"), (200, "2"), (429, "0"), (200, "8")]


@pytest.mark.parametrize("chunking", ["whole", "1", "7"])
@pytest.mark.parametrize("framing", ["chunked", "close"])
async def test_the_way_of_delivery_changes_no_byte(play: Any, chunking: str, framing: str) -> None:
    _, plain = await play(SCENARIO, epoch=0.0)
    _, odd = await play(SCENARIO + f"    chunking: {chunking}\n    framing: {framing}\n", epoch=0.0)

    body = asking("hello", stream=True)
    expected = (await plain.post(CHAT, json=body, headers=PAID)).text

    assert (await odd.post(CHAT, json=body, headers=PAID)).text == expected


async def test_comments_keep_a_slow_stream_alive(play: Any) -> None:
    patient = SCENARIO.replace("first_token: 8ms", "first_token: 80ms")
    _, client = await play(patient + "    keepalive: 1ms\n")

    text = (await client.post(CHAT, json=asking("hello", stream=True), headers=PAID)).text
    before_the_first_token, _, _ = text.partition('"delta": {"content": "This')

    assert ": keep-alive\n\n" in before_the_first_token

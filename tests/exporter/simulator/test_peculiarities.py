"""What one provider does and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

SCENARIO = """\
name: peculiarities
description: one provider for each dialect
providers:
  anthropic:
    apis: [anthropic]
    models: [{id: m}, {id: old, retires: 2026-11-30, lifecycle: deprecated}]
    answer: {reasoning: 2, cached: 3}
    rate_limit: {requests: 100}
  gemini: {apis: [gemini], models: [{id: m}, {id: gone, lifecycle: retired}]}
  cohere: {apis: [cohere], models: [{id: m}, {id: old, lifecycle: deprecated}]}
  ollama: {apis: [ollama], models: [{id: m}], keys: [{key: unused, tier: paid}]}
  azure: {apis: [azure], models: [{id: m}], rate_limit: {requests: 100}}
  groq: {apis: [openai_chat], base: /openai/v1, headers: {x-groq-region: sim}}
"""
ANTHROPIC = {"model": "m", "max_tokens": 16, "messages": [{"role": "user", "content": "Reply with exactly: OK"}]}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "Reply with exactly: OK"}]}
NEW = {"anthropic-version": "2026-10-21"}
OLD = {"anthropic-version": "2023-06-01"}
GEMINI = {"contents": [{"parts": [{"text": "Reply with exactly: OK"}]}]}
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("headers", "more", "status"),
    [
        pytest.param(NEW, {}, 200, id="new version"),
        pytest.param(OLD, {"temperature": 0}, 200, id="the old version takes a temperature"),
        pytest.param(NEW, {"temperature": 0}, 400, id="the new one does not"),
        pytest.param({}, {}, 400, id="no version"),
        pytest.param(NEW, {"max_tokens": None}, 400, id="no limit"),
        pytest.param(NEW, {"messages": []}, 400, id="no messages"),
        pytest.param(NEW, {"model": "unknown"}, 404, id="unknown model"),
    ],
)
async def test_anthropic_wants_a_version_and_a_limit(
    play: Any, headers: dict[str, str], more: dict[str, Any], status: int
) -> None:
    _, client = await play(SCENARIO)

    answer = await client.post("/anthropic/v1/messages", json=ANTHROPIC | more, headers=headers)

    assert answer.status_code == status
    assert answer.json()["type"] == ("message" if status == 200 else "error")


async def test_anthropic_counts_input_without_and_output_with_what_is_not_seen(play: Any) -> None:
    _, client = await play(SCENARIO)

    usage = (await client.post("/anthropic/v1/messages", json=ANTHROPIC, headers=NEW)).json()["usage"]

    assert (usage["input_tokens"], usage["cache_read_input_tokens"]) == (2, 3)
    assert (usage["output_tokens"], usage["output_tokens_details"]["thinking_tokens"]) == (3, 2)


async def test_thinking_that_is_disabled_does_not_happen(play: Any) -> None:
    _, client = await play(SCENARIO)

    body = ANTHROPIC | {"thinking": {"type": "disabled"}}
    answer = (await client.post("/anthropic/v1/messages", json=body, headers=NEW)).json()

    assert [block["type"] for block in answer["content"]] == ["text"]


async def test_anthropic_tells_of_limits_in_headers_of_its_own(play: Any) -> None:
    _, client = await play(SCENARIO, epoch=1_770_076_830.0, clock=lambda: 0.0)

    headers = (await client.get("/anthropic/v1/models", headers=NEW)).headers

    assert headers["anthropic-ratelimit-requests-remaining"] == "99"
    assert headers["anthropic-ratelimit-requests-reset"] == "2026-02-03T00:01:00.000Z"
    assert "request-id" in headers
    assert headers["x-envoy-upstream-service-time"].isdecimal()


async def test_every_model_list_is_of_its_own_shape(play: Any) -> None:
    _, client = await play(SCENARIO)

    anthropic = (await client.get("/anthropic/v1/models", headers=NEW)).json()["data"]
    gemini = (await client.get("/gemini/v1beta/models")).json()["models"]
    cohere = (await client.get("/cohere/v2/models")).json()["models"]
    ollama = (await client.get("/ollama/api/tags")).json()["models"]
    azure = (await client.get("/azure/openai/v1/models")).json()["data"]

    assert [(model["id"], model["retires_at"]) for model in anthropic] == [
        ("m", None), ("old", "2026-11-30T00:00:00Z"),
    ]  # fmt: skip
    assert [model["name"] for model in gemini] == ["models/m"]
    assert [(model["name"], model["is_deprecated"]) for model in cohere] == [("m", False), ("old", True)]
    assert [model["name"] for model in ollama] == ["m"]
    assert [model["id"] for model in azure] == ["m"]


async def test_counting_tokens_costs_no_answer(play: Any) -> None:
    _, client = await play(SCENARIO)

    anthropic = await client.post("/anthropic/v1/messages/count_tokens", json=ANTHROPIC, headers=NEW)
    gemini = await client.post("/gemini/v1beta/models/m:countTokens", json=GEMINI)

    assert (anthropic.json(), gemini.json()) == ({"input_tokens": 5}, {"totalTokens": 5})


async def test_gemini_without_alt_sse_is_one_array(play: Any) -> None:
    _, client = await play(SCENARIO)

    answer = await client.post("/gemini/v1beta/models/m:streamGenerateContent", json=GEMINI)
    chunks = json.loads(answer.content)

    assert chunks[0]["candidates"][0]["content"]["parts"] == [{"text": "OK"}]
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


async def test_gemini_without_a_stream_is_one_document(play: Any) -> None:
    _, client = await play(SCENARIO)

    answer = await client.post("/gemini/v1beta/models/m:generateContent", json=GEMINI)

    assert answer.json()["candidates"][0]["finishReason"] == "STOP"
    assert answer.headers["server-timing"].startswith("gfet4t7; dur=")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/gemini/v1beta/models/gone:generateContent", GEMINI),
        ("/gemini/v1beta/models/gone:streamGenerateContent", GEMINI),
        ("/cohere/v2/chat", CHAT | {"model": "gone"}),
        ("/ollama/api/chat", CHAT | {"model": "gone"}),
        ("/azure/openai/v1/chat/completions", CHAT | {"model": "gone"}),
        ("/anthropic/v1/nothing", {}),
    ],
)
async def test_what_is_not_there_is_not_found(play: Any, path: str, body: dict[str, Any]) -> None:
    _, client = await play(SCENARIO)

    assert (await client.post(path, json=body)).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/cohere/v2/chat", CHAT, lambda answer: answer["message"]["content"][0]["text"]),
        ("/ollama/api/chat", CHAT | {"stream": False}, lambda answer: answer["message"]["content"]),
        (
            "/azure/openai/v1/chat/completions", CHAT,
            lambda answer: answer["choices"][0]["message"]["content"],
        ),
        (
            "/groq/openai/v1/chat/completions", CHAT,
            lambda answer: answer["choices"][0]["message"]["content"],
        ),
    ],
)  # fmt: skip
async def test_an_answer_need_not_be_streamed(play: Any, path: str, body: Any, text: Any) -> None:
    _, client = await play(SCENARIO)

    assert text((await client.post(path, json=body)).json()) == "OK"


async def test_azure_begins_with_a_chunk_of_filters_that_has_no_choices(play: Any) -> None:
    _, client = await play(SCENARIO)

    path = "/azure/openai/deployments/m/chat/completions?api-version=2024-10-21"
    answer = await client.post(path, json=CHAT | {"stream": True})
    first = json.loads(answer.text.split("\n")[0].removeprefix("data: "))

    assert first["choices"] == []
    assert "prompt_filter_results" in first


async def test_azure_says_resets_in_whole_seconds(play: Any) -> None:
    _, client = await play(SCENARIO, epoch=1_770_076_830.0, clock=lambda: 0.0)

    headers = (await client.get("/azure/openai/v1/models")).headers

    assert headers["x-ratelimit-reset-requests"] == "30"
    assert headers["apim-request-id"]


async def test_azure_words_the_two_kinds_of_429_differently(play: Any) -> None:
    simulator, client = await play(SCENARIO)
    texts = []
    for how in ("rate_limited", "throttled"):
        simulator.apply({"provider": "azure", "fail": [{"how": how}]})
        texts.append((await client.post("/azure/openai/v1/chat/completions", json=CHAT)).json()["error"]["message"])

    assert "rate limit" in texts[0]
    assert "high demand" in texts[1]


async def test_ollama_asks_nobody_for_a_key(play: Any) -> None:
    simulator, client = await play(SCENARIO)

    assert (await client.get("/ollama/api/version")).json() == {"version": "0.0.0"}
    assert simulator.truth[0].tier == ""


async def test_a_provider_may_live_elsewhere_and_add_headers(play: Any) -> None:
    _, client = await play(SCENARIO)

    answer = await client.post("/groq/openai/v1/chat/completions", json=CHAT)

    assert (answer.status_code, answer.headers["x-groq-region"]) == (200, "sim")
    assert (await client.post("/groq/v1/chat/completions", json=CHAT)).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/cohere/v2/chat", {"model": "m"}),
        ("/ollama/api/chat", {"model": "m"}),
        ("/gemini/v1beta/models/m:generateContent", {}),
        ("/azure/openai/v1/chat/completions", {"model": "m"}),
    ],
)
async def test_a_request_without_a_prompt_is_refused(play: Any, path: str, body: dict[str, Any]) -> None:
    _, client = await play(SCENARIO)

    assert (await client.post(path, json=body)).status_code == 400

# ruff: noqa: E501  # a row of a table is a line
from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.probes.dialects.base import ModelRequest, Quirks

from tests.exporter.probes.dialects.play import Outcome, play, recorded

BY_NAME = {f"{path.parent.name}/{path.stem}": path for path in recorded()}


def outcome_of(name: str) -> Outcome:
    return play(name.partition("/")[0], BY_NAME[name].read_bytes())


@pytest.mark.parametrize(
    ("name", "answer", "reasoning", "tool"),
    [
        ("openai_responses/answer", "OK", "", ""),
        ("openai_responses/reasoning_then_answer", "OK", "Hm. So.", ""),
        ("openai_responses/cut_short_with_text", "OK", "", ""),
        ("anthropic/answer", "OK", "", ""),
        ("anthropic/thinking_then_answer", "OK", "hm", ""),
        ("anthropic/tool_call", "", "", "look{}"),
        ("gemini/answer", "OK", "", ""),
        ("gemini/thought_then_answer", "OK", "hm", ""),
        ("cohere/answer", "OK", "", ""),
        ("cohere/thinking_then_answer", "OK", "hm", ""),
        ("cohere/tool_call", "", "I look.", "look{}"),
        ("ollama/answer", "OK", "", ""),
        ("ollama/thinking_then_answer", "OK", "hm", ""),
        ("ollama/tool_call", "", "", "look"),
        ("ollama/last_line_without_end", "OK", "", ""),
        ("bedrock/answer", "OK", "", ""),
        ("bedrock/reasoning_then_answer", "OK", "hm", ""),
        ("bedrock/tool_call", "", "", "{}"),
        ("bedrock/no_metadata", "OK", "", ""),
    ],
)
def test_tokens_come_out_by_channel(name: str, answer: str, reasoning: str, tool: str) -> None:
    outcome = outcome_of(name)

    assert (outcome.reason, outcome.answer, outcome.reasoning, outcome.tool) == ("ok", answer, reasoning, tool)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("openai_responses/error_event", "overloaded"),
        ("openai_responses/failed", "stream_error"),
        ("openai_responses/failed_by_rate_limit", "throttled"),
        ("openai_responses/only_reasoning", "answer_budget_too_small"),
        ("openai_responses/content_filter", "content_filtered"),
        ("openai_responses/refusal", "content_filtered"),
        ("openai_responses/no_end", "stream_truncated"),
        ("openai_responses/empty_answer", "empty_answer"),
        ("anthropic/overloaded", "overloaded"),
        ("anthropic/api_error", "stream_error"),
        ("anthropic/refusal", "content_filtered"),
        ("anthropic/only_thinking", "answer_budget_too_small"),
        ("anthropic/empty_answer", "empty_answer"),
        ("anthropic/pings_only", "stream_truncated"),
        ("gemini/prompt_blocked", "content_filtered"),
        ("gemini/safety", "content_filtered"),
        ("gemini/error_document", "overloaded"),
        ("gemini/bare_json_error", "stream_error"),
        ("gemini/bare_json_list_error", "quota_exhausted"),
        ("gemini/no_finish_reason", "stream_truncated"),
        ("gemini/only_thoughts", "answer_budget_too_small"),
        ("gemini/empty_answer", "empty_answer"),
        ("cohere/error", "stream_error"),
        ("cohere/timeout", "stream_error"),
        ("cohere/no_message_end", "stream_truncated"),
        ("cohere/only_thinking", "answer_budget_too_small"),
        ("cohere/toxic", "content_filtered"),
        ("cohere/empty_answer", "empty_answer"),
        ("ollama/error", "stream_error"),
        ("ollama/not_done", "stream_truncated"),
        ("ollama/empty_answer", "empty_answer"),
        ("ollama/only_thinking", "answer_budget_too_small"),
        ("ollama/not_json", "malformed_response"),
        ("bedrock/no_message_stop", "stream_truncated"),
        ("bedrock/throttled", "rate_limited"),
        ("bedrock/unavailable", "overloaded"),
        ("bedrock/internal_error", "stream_error"),
        ("bedrock/model_error", "stream_error"),
        ("bedrock/guardrail", "content_filtered"),
        ("bedrock/only_reasoning", "answer_budget_too_small"),
        ("bedrock/empty_answer", "empty_answer"),
        ("bedrock/damaged", "malformed_response"),
        ("bedrock/cut_in_a_message", "stream_truncated"),
    ],
)
def test_a_broken_answer_has_its_reason(name: str, reason: str) -> None:
    assert outcome_of(name).reason == reason


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        pytest.param("openai_responses/answer", {"input": 22, "output": 8, "reasoning": 5, "cached": 2}, id="as told"),
        pytest.param("anthropic/answer", {"input": 20, "output": 4, "cached": 5}, id="input plus what the cache held"),
        pytest.param("anthropic/thinking_then_answer", {"input": 20, "output": 9, "reasoning": 6, "cached": 5}, id="thinking is output"),
        pytest.param("gemini/answer", {"input": 9, "output": 7, "reasoning": 5, "cached": 3}, id="output plus thoughts"),
        pytest.param("cohere/answer", {"input": 5, "output": 2}, id="as billed"),
        pytest.param("ollama/answer", {"input": 18, "output": 3}, id="evaluated"),
        pytest.param("bedrock/answer", {"input": 16, "output": 6, "cached": 2}, id="input plus what the cache held, again"),
    ],
)  # fmt: skip
def test_usage_is_counted_in_our_arithmetic(name: str, tokens: dict[str, int]) -> None:
    assert outcome_of(name).tokens == tokens


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("openai_responses/answer", "luna-2026-09-01"),
        ("anthropic/answer", "haiku-2026"),
        ("gemini/answer", "flash-lite-7"),
        ("ollama/answer", "tiny"),
    ],
)
def test_the_answer_says_which_model_answered(name: str, model: str) -> None:
    assert outcome_of(name).metadata["response_model"] == model


def test_the_cost_is_taken_from_whoever_states_it() -> None:
    assert outcome_of("openai_responses/reasoning_then_answer").metadata["cost_usd"] == 0.0004


def test_the_time_that_the_server_took_is_taken_from_whoever_states_it() -> None:
    assert outcome_of("bedrock/answer").metadata["server_reported"] == {"bedrock": 0.431}
    assert outcome_of("ollama/answer").metadata["server_reported"] == {
        "total": 2.5,
        "load": 2.0,
        "prompt": 0.1,
        "completion": 0.05,
    }


def build_request(dialect: str, **more: Any) -> tuple[str, dict[str, str], dict[str, Any]]:
    said: dict[str, Any] = {"model": "a/m:1", "prompt": "Hi", "max_output_tokens": 16, **more}
    call = DIALECTS[dialect].build_request(ModelRequest(**said))
    return call.path, dict(call.headers), json.loads(call.body)


REQUESTS = [
    (
        "openai_responses",
        "/responses",
        {"model": "a/m:1", "input": "Hi", "max_output_tokens": 16, "store": False, "reasoning": {"effort": "none"}, "stream": True},
    ),
    (
        "anthropic",
        "/messages",
        {"model": "a/m:1", "max_tokens": 16, "messages": [{"role": "user", "content": "Hi"}], "stream": True, "thinking": {"type": "disabled"}},
    ),
    (
        "gemini",
        "/models/a%2Fm%3A1:streamGenerateContent?alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "generationConfig": {"maxOutputTokens": 16, "thinkingConfig": {"thinkingBudget": 0}}},
    ),
    (
        "cohere",
        "/chat",
        {"model": "a/m:1", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 16, "stream": True, "thinking": {"type": "disabled"}},
    ),
]  # fmt: skip


BEDROCK = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "inferenceConfig": {"maxTokens": 16}}
OLLAMA = {
    "model": "a/m:1",
    "messages": [{"role": "user", "content": "Hi"}],
    "stream": True,
    "options": {"num_predict": 16},
    "think": False,
}
REQUESTS += [("bedrock", "/model/a%2Fm%3A1/converse-stream", BEDROCK), ("ollama", "/api/chat", OLLAMA)]


@pytest.mark.parametrize(("dialect", "path", "body"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_a_request_has_the_form_of_its_dialect(dialect: str, path: str, body: dict[str, Any]) -> None:
    asked_path, _, asked_body = build_request(dialect, reasoning="none")

    assert asked_path == path
    assert asked_body == body


def test_effort_is_worded_as_each_dialect_does() -> None:
    assert build_request("anthropic", reasoning="low")[2]["output_config"] == {"effort": "low"}
    assert build_request("gemini", reasoning="minimal")[2]["generationConfig"]["thinkingConfig"] == {
        "thinkingLevel": "minimal"
    }
    assert "thinkingConfig" not in build_request("gemini")[2]["generationConfig"]


def test_anthropic_names_its_version_in_a_header() -> None:
    assert build_request("anthropic")[1]["anthropic-version"] == "2023-06-01"
    assert build_request("anthropic", api_version="2026-10-21")[1]["anthropic-version"] == "2026-10-21"


def test_quirks_are_enough_for_anthropic_on_vertex_ai() -> None:
    quirks = Quirks(
        path="/models/{model}:streamRawPredict",
        body={"model": None, "anthropic_version": "vertex-2023-10-16"},
    )
    path, _, body = build_request("anthropic", model="claude-haiku", quirks=quirks)

    assert path == "/models/claude-haiku:streamRawPredict"
    assert body["anthropic_version"] == "vertex-2023-10-16"
    assert "model" not in body


@pytest.mark.parametrize(
    ("dialect", "document"),
    [
        ("openai_responses", {"status": "completed", "output": [{"type": "message", "content": [{"type": "output_text", "text": "OK"}]}]}),
        ("anthropic", {"type": "message", "content": [{"type": "text", "text": "OK"}], "stop_reason": "end_turn"}),
        ("gemini", {"candidates": [{"content": {"parts": [{"text": "OK"}]}, "finishReason": "STOP"}]}),
        ("ollama", {"message": {"content": "OK"}, "done": True, "done_reason": "stop"}),
        ("bedrock", {"output": {"message": {"content": [{"text": "OK"}]}}, "stopReason": "end_turn"}),
        ("cohere", {"finish_reason": "COMPLETE", "message": {"content": [{"type": "text", "text": "OK"}]}}),
    ],
)  # fmt: skip
def test_an_unstreamed_answer_is_an_answer(dialect: str, document: dict[str, Any]) -> None:
    stream = DIALECTS[dialect].Stream()
    events = stream.whole(json.dumps(document).encode())
    stream.close()

    assert [event.text for event in events] == ["OK"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_document_of_something_else_is_malformed(dialect: str) -> None:
    with pytest.raises(Failure) as raised:
        DIALECTS[dialect].Stream().whole(b'{"hello":"there"}')

    assert raised.value.reason == "malformed_response"

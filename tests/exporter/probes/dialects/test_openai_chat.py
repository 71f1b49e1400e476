from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.probes.dialects import openai_chat
from ai_provider_exporter.probes.dialects.base import ModelRequest, Quirks

from tests.exporter.probes.dialects.play import STREAMS, Outcome, play


def recorded(state: str, quirks: Quirks | None = None) -> Outcome:
    return play("openai_chat", (STREAMS / "openai_chat" / f"{state}.sse").read_bytes(), quirks=quirks)


@pytest.mark.parametrize(
    ("state", "answer", "reasoning", "tool"),
    [
        ("answer", "OK", "", ""),
        ("azure_prompt_filter", "OK", "", ""),
        ("reasoning_then_answer", "OK", "Short. Done.", ""),
        ("content_in_parts", "OK", "hm", ""),
        ("tool_call", "", "", "look{}"),
        ("groq_usage", "OK", "", ""),
    ],
)
def test_tokens_come_out_by_channel(state: str, answer: str, reasoning: str, tool: str) -> None:
    outcome = recorded(state)

    assert (outcome.reason, outcome.answer, outcome.reasoning, outcome.tool) == ("ok", answer, reasoning, tool)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("groq_error", "stream_error"),
        ("error_then_done", "overloaded"),
        ("error_as_text", "stream_error"),
        ("finish_error_with_error", "stream_error"),
        ("finish_error", "stream_error"),
        ("empty_answer", "empty_answer"),
        ("only_reasoning", "answer_budget_too_small"),
        ("content_filter", "content_filtered"),
        ("refusal", "content_filtered"),
        ("not_json", "malformed_response"),
    ],
)
def test_a_broken_answer_has_its_reason(state: str, reason: str) -> None:
    assert recorded(state).reason == reason


def test_usage_is_told_in_our_arithmetic() -> None:
    assert recorded("answer").tokens == {"input": 21, "output": 9, "reasoning": 7, "cached": 4}


def test_reasoning_is_added_where_the_provider_counts_it_beside_the_output() -> None:
    tokens = recorded("answer", Quirks(output_excludes_reasoning=True)).tokens

    assert tokens["output"] == 16


def test_the_answer_says_who_answered_what_it_cost_and_how_long_it_took() -> None:
    assert recorded("answer").metadata["response_model"] == "luna-2026-09-01"
    assert recorded("answer").metadata["fingerprint"] == "fp_7a1"
    assert recorded("reasoning_then_answer").metadata["cost_usd"] == 0.0000125
    assert recorded("groq_usage").metadata["server_reported"]["queue"] == 0.25
    assert recorded("groq_usage").tokens == {"input": 11, "output": 2}


def test_the_end_marker_ends_the_answer_although_the_connection_stays() -> None:
    stream = openai_chat.Stream()
    stream.feed((STREAMS / "openai_chat" / "answer.sse").read_bytes())

    assert stream.ended


def test_an_unstreamed_answer_is_an_answer() -> None:
    stream = openai_chat.Stream()
    events = stream.whole(
        b'{"model":"m","choices":[{"message":{"role":"assistant","content":"OK"},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":3,"completion_tokens":1}}'
    )
    stream.close()

    assert [event.text for event in events] == ["OK"]
    assert stream.metadata.tokens == {"input": 3, "output": 1}


def body(**quirks: Any) -> dict[str, object]:
    request = ModelRequest(model="gpt", prompt="Hi", max_output_tokens=16, reasoning="none", quirks=Quirks(**quirks))
    parsed: dict[str, object] = json.loads(openai_chat.build_request(request).body)
    return parsed


def test_the_request_streams_asks_for_usage_and_sends_no_temperature() -> None:
    assert body() == {
        "model": "gpt",
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 16,
        "reasoning_effort": "none",
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_quirks_rename_add_and_take_out_fields() -> None:
    asked = body(max_tokens_field="max_completion_tokens", body={"stream_options": {"include_obfuscation": False}})
    plain = body(no_stream_options=True, body={"reasoning_effort": None, "thinking": {"type": "disabled"}})

    assert asked["max_completion_tokens"] == 16
    assert asked["stream_options"] == {"include_usage": True, "include_obfuscation": False}
    assert "stream_options" not in plain
    assert "reasoning_effort" not in plain
    assert plain["thinking"] == {"type": "disabled"}


def test_azure_names_the_deployment_in_the_path_and_the_version_in_the_query() -> None:
    quirks = Quirks(path="/deployments/{model}/chat/completions")
    request = ModelRequest(
        model="my canary", prompt="Hi", max_output_tokens=16, api_version="2024-10-21", quirks=quirks
    )

    assert openai_chat.build_request(request).path == "/deployments/my%20canary/chat/completions?api-version=2024-10-21"

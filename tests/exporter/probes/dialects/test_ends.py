# ruff: noqa: E501  # a row of a table is a line
"""How an answer may end, and which form a body may have: by what the bytes say, in every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.probes.dialects.finish import OUTCOMES, outcome

from tests.exporter.probes.dialects.play import play

DONE = b"data: [DONE]\n\n"


def sse(*documents: Any, end: bytes = b"") -> bytes:
    return b"".join(b"data: " + json.dumps(document).encode() + b"\n\n" for document in documents) + end


def lines(*documents: Any) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def chunk(content: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"model": "luna", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish, **more}]}


def part(text: str, finish: str | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}]}}
    return {"candidates": [candidate | ({"finishReason": finish} if finish else {})]}


def claude(*events: Any) -> bytes:
    return sse(
        {"type": "message_start", "message": {"model": "luna"}},
        {"type": "content_block_delta", "delta": {"text": "OK"}},
        *events,
    )


TEXT_OK = {"type": "response.output_text.delta", "delta": "OK"}
WHOLE = {"choices": [{"message": {"content": "OK"}, "finish_reason": "stop"}]}
GOOD = sse(chunk("O"), chunk("K", "stop"))

ENDS: dict[str, tuple[str, bytes, str]] = {
    "no [DONE], but a finish reason": ("openai_chat", GOOD, "ok"),
    "[DONE] without a line end": ("openai_chat", GOOD + b"data: [DONE]", "ok"),
    "[DONE] without a blank line": ("openai_chat", GOOD + b"data: [DONE]\n", "ok"),
    "the only event without a line end": ("openai_chat", sse(chunk("OK", "stop")).rstrip(), "ok"),
    "no finish reason, and no [DONE]": ("openai_chat", sse(chunk("OK")), "stream_truncated"),
    "cut in an event": ("openai_chat", sse(chunk("O")) + b'data: {"choices": [{"del', "stream_truncated"),
    "nothing at all": ("openai_chat", b"", "stream_truncated"),
    "no message_stop, but a stop reason": ("anthropic", claude({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}), "ok"),
    "no stop reason either": ("anthropic", claude(), "stream_truncated"),
    "the terminal event without a blank line": ("openai_responses", sse(TEXT_OK, {"type": "response.completed", "response": {"status": "completed"}}).rstrip(), "ok"),
    "[DONE] instead of a terminal event": ("openai_responses", sse(TEXT_OK, end=DONE), "stream_truncated"),
    "Gemini ends with the body": ("gemini", sse(part("O"), part("K", "STOP")), "ok"),
    "Gemini says STOP with each chunk": ("gemini", sse(part("O", "STOP"), part("K", "STOP")), "ok"),
    "Gemini takes STOP back": ("gemini", sse(part("O", "STOP"), part("", "RECITATION")), "content_filtered"),
    "Gemini fails after STOP": ("gemini", sse(part("O", "STOP"), {"error": {"code": 500, "message": "Internal"}}), "stream_error"),
    "Gemini fails after STOP without a frame": ("gemini", sse(part("O", "STOP")) + b'{\n "error": {\n  "code": 503,\n  "status": "UNAVAILABLE"\n }\n}\n', "overloaded"),
    "Gemini's blocked prompt without a blank line": ("gemini", sse({"promptFeedback": {"blockReason": "OTHER"}}).rstrip(), "content_filtered"),
    "Gemini without a finish reason": ("gemini", sse(part("OK")), "stream_truncated"),
    "Ollama's last line without an end": ("ollama", lines({"message": {"content": "OK"}, "done": True, "done_reason": "stop"}).rstrip(), "ok"),
}  # fmt: skip

FORMS: dict[str, tuple[str, bytes, str]] = {
    "JSON": ("openai_chat", json.dumps(WHOLE).encode(), "ok"),
    "JSON behind blank lines": ("openai_chat", b"\n\n\n" + json.dumps(WHOLE).encode(), "ok"),
    "JSON behind a byte order mark": ("openai_chat", b"\xef\xbb\xbf" + json.dumps(WHOLE).encode(), "ok"),
    "JSON and [DONE]": ("openai_chat", json.dumps(WHOLE).encode() + b"\n\n" + DONE, "ok"),
    "chunks without frames": ("openai_chat", lines(chunk("O"), chunk("K", "stop")), "ok"),
    "half a document": ("openai_chat", b'{"choices": [{"mess', "malformed_response"),
    "a list of chunks": ("gemini", json.dumps([part("O"), part("K", "STOP")], indent=1).encode(), "ok"),
    "a list that ends in an error": ("gemini", json.dumps([part("O"), {"error": {"message": "overloaded"}}]).encode(), "overloaded"),
    "one line of JSON with an error": ("anthropic", b'{"error": {"message": "invalid x-api-key"}}\n', "key_rejected"),
    "a sentence in an event": ("openai_chat", b"data: error: CUDA gave up\n\n", "stream_error"),
    "a marked sentence in an event": ("openai_chat", b"data: [ERROR] insufficient balance\n\n", "quota_exhausted"),
    "a sentence without a frame": ("openai_chat", sse(chunk("O")) + b"Internal Server Error\n", "stream_error"),
    "JSON without a frame behind a comment": ("openai_chat", b': ping\n\n{"detail": "Invalid API key"}\n', "key_rejected"),
    "an event called error with a code": ("openai_chat", b'event: error\ndata: {"code": "Arrearage"}\n\n', "quota_exhausted"),
    "an event called error with a sentence": ("anthropic", b"event: error\ndata: the server is overloaded\n\n", "overloaded"),
    "another vendor's error": ("anthropic", sse({"message": "Model luna is busy"}), "overloaded"),
    "an error in a choice": ("openai_chat", sse(chunk("", "error", error={"code": 403, "message": "flagged by moderation"}), end=DONE), "content_filtered"),
    "a throttle in a choice": ("openai_chat", sse(chunk("", "error", error={"code": 429, "message": "no"}), end=DONE), "throttled"),
    "neither": ("openai_chat", b"data: {]\n\n", "malformed_response"),
}  # fmt: skip


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize("row", [*ENDS.values(), *FORMS.values()], ids=[*ENDS, *FORMS])
def test_the_bytes_say_what_an_answer_is_and_whether_it_is_whole(row: tuple[str, bytes, str], size: int) -> None:
    dialect, data, reason = row

    assert play(dialect, data, size).reason == reason


def test_everything_that_comes_after_geminis_first_finish_reason_counts() -> None:
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 2}
    played = play("gemini", sse(part("O", "STOP"), part("K", "STOP") | {"usageMetadata": usage}))

    assert played.answer == "OK"
    assert played.tokens == {"input": 9, "output": 2}


FINISHES = [
    ("stop", "ok"), ("end_turn", "ok"), ("STOP", "ok"), ("tool_calls", "ok"), ("eos", "ok"), ("COMPLETE", "ok"),
    ("length", "ok"), ("MAX_TOKENS", "ok"), ("max-tokens", "ok"),
    ("content_filter", "content_filtered"), ("sensitive", "content_filtered"), ("SAFETY", "content_filtered"),
    ("MODEL_ARMOR", "content_filtered"), ("guardrail_intervened", "content_filtered"), ("refusal", "content_filtered"),
    ("abort", "stream_error"), ("network_error", "stream_error"), ("error", "stream_error"), ("OTHER", "stream_error"),
    ("MALFORMED_FUNCTION_CALL", "stream_error"), ("timeout", "stream_error"), ("cancelled", "stream_error"),
    ("insufficient_system_resource", "overloaded"),
]  # fmt: skip


@pytest.mark.parametrize(("finish", "reason"), FINISHES)
def test_a_finish_reason_says_whether_the_answer_was_given_up(finish: str, reason: str) -> None:
    assert play("openai_chat", sse(chunk("OK"), chunk("", finish), end=DONE)).reason == reason


def test_an_answer_without_text_that_was_filtered_is_not_called_empty() -> None:
    assert play("openai_chat", sse(chunk("", "sensitive"), end=DONE)).reason == "content_filtered"


def test_an_unknown_finish_reason_is_a_success_that_is_counted() -> None:
    played = play("openai_chat", sse(chunk("OK"), chunk("", "moon_phase"), end=DONE))

    assert (played.reason, played.metadata["unknown_finish"]) == ("ok", "moon_phase")


def test_a_known_finish_reason_is_not_counted_as_unknown() -> None:
    assert play("openai_chat", GOOD).metadata["unknown_finish"] == ""


def test_finish_reasons_are_compared_without_regard_to_case_and_dashes() -> None:
    assert {outcome(word.upper().replace("_", "-")) for word in OUTCOMES} == {*OUTCOMES.values()}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_orderly_end_without_a_word_is_no_answer(dialect: str) -> None:
    assert play(dialect, b"").reason == "stream_truncated"

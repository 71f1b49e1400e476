"""The kinds that are one call and one answer."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from typing import Any

import pytest
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.transcription import tone
from pydantic import ValidationError

from tests.exporter.probes.played import Played, Step, head, observe, observe_all

JSON = head(content_type="application/json")
FOREVER = 30.0
BACKGROUND: dict[str, Any] = {"model": "luna", "dialect": "openai_responses", "poll_interval": 0.02}


def say(document: object) -> bytes:
    return json.dumps(document).encode()


def sent(kind: str, document: object, **options: Any) -> tuple[str, dict[str, Any]]:
    """The request line and the body that a probe sends."""
    server = Played([JSON, say(document)])
    observe_all(kind, server, **options)
    request, _, body = server.asked[0].partition(b"\r\n\r\n")
    return request.decode().split("\r\n")[0], json.loads(body) if body else {}


VECTOR = [0.1, -0.2, 0.3]
EMBEDDED = {
    "openai_chat": {"data": [{"embedding": VECTOR}], "model": "small-3", "usage": {"prompt_tokens": 4}},
    "gemini": {"embedding": {"values": VECTOR}, "usageMetadata": {"promptTokenCount": 4}},
    "cohere": {"embeddings": {"float": [VECTOR]}, "meta": {"billed_units": {"input_tokens": 4}}},
    "ollama": {"embeddings": [VECTOR], "prompt_eval_count": 4},
}


@pytest.mark.parametrize("dialect", EMBEDDED)
def test_an_embedding_is_a_vector_with_its_tokens(dialect: str) -> None:
    run = observe("embeddings", JSON, say(EMBEDDED[dialect]), model="small", dialect=dialect, dimensions=3)

    assert run.success, run.detail
    assert run.answer_correct is True
    assert run.tokens == {"input": 4, "output": 0}
    assert run.phases["stream"] >= 0


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("openai_chat", "POST /v1/embeddings HTTP/1.1"),
        ("gemini", "POST /v1/models/small:embedContent HTTP/1.1"),
        ("cohere", "POST /v1/embed HTTP/1.1"),
        ("ollama", "POST /v1/api/embed HTTP/1.1"),
    ],
)
def test_each_dialect_embeds_at_its_own_place(dialect: str, line: str) -> None:
    assert sent("embeddings", EMBEDDED[dialect], model="small", dialect=dialect)[0] == line


def test_an_embedding_call_takes_quirks_of_its_own() -> None:
    options = {"model": "small", "path": "/deployments/{model}/embeddings", "api_version": "2024-10-21"}
    line, body = sent("embeddings", EMBEDDED["openai_chat"], body={"encoding_format": None, "user": "probe"}, **options)

    assert line == "POST /v1/deployments/small/embeddings?api-version=2024-10-21 HTTP/1.1"
    assert body == {"model": "small", "input": "ok 7f3a", "user": "probe"}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"data": []}, "malformed_response"),
        ({"data": [{"embedding": "AAAA"}]}, "malformed_response"),
        ({"data": [{"embedding": [1, None]}]}, "malformed_response"),
        ({"data": [{"embedding": []}]}, "empty_answer"),
        ({"error": {"message": "x", "code": "server_error"}}, "stream_error"),
    ],
    ids=["no entry", "text", "a hole", "no dimension", "an error in a 200"],
)
def test_what_is_no_embedding_has_its_reason(document: object, reason: str) -> None:
    assert observe("embeddings", JSON, say(document), model="small").reason == reason


def test_a_vector_of_another_length_is_a_wrong_answer() -> None:
    run = observe("embeddings", JSON, say(EMBEDDED["openai_chat"]), model="small", dimensions=8)

    assert run.success
    assert run.answer_correct is False


@pytest.mark.parametrize(
    ("document", "listed"),
    [
        pytest.param(
            {"data": [{"id": "luna", "shutdown_date": "2027-01-14"}, {"id": "sol", "shutdown_date": None}]},
            [("luna", 1799884800.0), ("sol", None)],
            id="openai",
        ),
        pytest.param(
            {"data": [{"id": "haiku", "lifecycle": "deprecated", "retires_at": "2026-11-30T00:00:00Z"}]},
            [("haiku", 1795996800.0)],
            id="anthropic",
        ),
        pytest.param({"models": [{"name": "models/flash"}]}, [("flash", None)], id="gemini"),
        pytest.param({"models": [{"name": "qwen:7b", "model": "qwen:7b"}]}, [("qwen:7b", None)], id="ollama"),
        pytest.param([{"id": "a"}, {"id": ""}, "b"], [("a", None)], id="a bare list"),
        pytest.param({"data": [{"id": "x", "deprecation": 1799884800}]}, [("x", 1799884800.0)], id="Unix seconds"),
        pytest.param({"data": []}, [], id="none"),
    ],
)
def test_models_come_with_their_retirement(document: object, listed: list[tuple[str, float | None]]) -> None:
    run = observe("models", JSON, say(document))

    assert run.success, run.detail
    assert run.models is not None
    assert [(model.id, model.retires_at) for model in run.models] == listed


def test_a_model_that_must_be_listed_and_is_not_is_told() -> None:
    run = observe("models", JSON, say({"data": [{"id": "a"}]}), expect={"models": ["a", "b"]})

    assert run.reason == "model_not_found"
    assert "b" in run.detail


def test_a_long_list_is_read_whole_and_cut() -> None:
    run = observe("models", JSON, say({"data": [{"id": f"model-{n}", "about": "x" * 600} for n in range(3000)]}))

    assert run.success, run.detail
    assert run.models is not None
    assert len(run.models) == 2000


def test_a_list_of_models_that_go_writes_as_null_is_an_empty_list() -> None:
    run = observe("models", JSON, say({"object": "list", "data": None}))

    assert run.success, run.detail
    assert run.models == ()


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([JSON, b'{"object":"list"}'], "malformed_response"),
        ([JSON, b"nope"], "malformed_response"),
        ([head(content_type="text/html"), b"<p>"], "unexpected_content_type"),
        ([head(401, "application/json"), b"{}"], "key_rejected"),
        ([JSON, say({"success": False, "errors": [{"code": 10000, "message": "no"}]})], "key_rejected"),
    ],
)
def test_what_is_no_list_of_models_has_its_reason(steps: list[Step], reason: str) -> None:
    assert observe("models", *steps).reason == reason


@pytest.mark.parametrize(
    ("verdict", "correct"),
    [
        ({"flagged": False}, True),
        ({"flagged": True}, False),
        ({"categories": {"hate": False}}, True),
        ({"categories": {"hate": True}}, False),
    ],
)
def test_a_moderation_that_flags_a_harmless_word_is_wrong(verdict: object, correct: bool) -> None:  # noqa: FBT001  # a column
    run = observe("moderation", JSON, say({"model": "mod-1", "results": [verdict]}), model="mod")

    assert run.success, run.detail
    assert run.answer_correct is correct
    assert run.response_model == "mod-1"


def test_a_moderation_without_results_is_malformed() -> None:
    assert observe("moderation", JSON, say({"id": "m"}), model="mod").reason == "malformed_response"


def test_the_first_sound_is_the_first_token_of_speech() -> None:
    run = observe("speech", head(content_type="audio/pcm"), 0.1, b"\x00" * 100, 0.05, b"\x01" * 100, model="tts")

    assert run.success, run.detail
    assert run.time_to_first_token_seconds is not None
    assert 0.1 <= run.time_to_first_token_seconds < run.duration_seconds


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([head(content_type="audio/pcm")], "empty_answer"),
        ([JSON, b"{}"], "unexpected_content_type"),
        ([JSON, say({"error": {"message": "Your credit balance is too low"}})], "quota_exhausted"),
        ([JSON, say({"base_resp": {"status_code": 2049, "status_msg": "no"}})], "key_rejected"),
        ([head(content_type="audio/pcm"), FOREVER], "first_token_timeout"),
        ([head(content_type="audio/pcm", content_length="9"), b"123"], "stream_truncated"),
    ],
)
def test_what_is_no_speech_has_its_reason(steps: list[Step], reason: str) -> None:
    assert observe("speech", *steps, model="tts", timeout=0.5).reason == reason


def test_a_second_of_sound_is_sent_to_be_written_down() -> None:
    server = Played([JSON, say({"text": "OK then", "usage": {"input_tokens": 9, "output_tokens": 2}})])
    run = observe_all("transcription", server, model="whisper", expect={"contains": "OK"})
    request = server.asked[0]

    assert run.success, run.detail
    assert run.answer_correct is True
    assert run.tokens == {"input": 9, "output": 2}
    assert b'name="model"\r\n\r\nwhisper\r\n' in request
    assert tone() in request
    assert request.endswith(b"--7f3a--\r\n")


def test_the_sound_is_one_second_long() -> None:
    with wave.open(io.BytesIO(tone())) as sound:
        assert sound.getnframes() / sound.getframerate() == 1.0


def test_silence_may_be_written_down_as_nothing() -> None:
    run = observe("transcription", JSON, say({"text": ""}), model="whisper")

    assert run.success
    assert run.answer_correct is None


def test_a_sound_file_that_is_missing_is_ours() -> None:
    run = observe("transcription", JSON, say({"text": ""}), model="whisper", audio_file="/nowhere/hi.wav")

    assert run.reason == "bad_request"
    assert "/nowhere/hi.wav" in run.detail


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"data": [{"b64_json": "aGk="}], "usage": {"input_tokens": 8, "output_tokens": 272}}, "ok"),
        ({"data": [{"url": "https://x.example/p.png"}]}, "ok"),
        ({"data": [{}]}, "empty_answer"),
        ({"created": 1}, "malformed_response"),
    ],
)
def test_a_picture_is_data_or_an_address(document: object, reason: str) -> None:
    run = observe("image", JSON, say(document), model="pic", interval=3600.0, price={"per_request": 0.02})

    assert run.reason == reason, run.detail
    assert run.cost_usd == 0.02


def test_a_picture_every_minute_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="write 1h at least"):
        KINDS["image"].OPTIONS.model_validate(
            {"name": "p", "provider": "x", "kind": "image", "model": "m", "base_url": "http://x", "interval": 60.0}
        )


class Job:
    """A job in the given states, one for each time that somebody looks."""

    def __init__(self, *states: dict[str, Any]) -> None:
        self.states = list(states)
        self.asked: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(request.split(b"\r\n")[0])
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        writer.write(JSON + say({"id": "resp_1", "model": "luna-1", **state}))
        await writer.drain()


DONE = {
    "status": "completed",
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "OK"}]}],
    "usage": {"input_tokens": 20, "output_tokens": 2},
}


def test_a_background_job_is_followed_to_its_end() -> None:
    job = Job({"status": "queued"}, {"status": "queued"}, {"status": "in_progress"}, DONE)
    run = observe_all("responses_background", job, **BACKGROUND)

    assert run.success, run.detail
    assert run.answer_correct is True
    assert run.tokens == {"input": 20, "output": 2}
    assert job.asked == [b"POST /v1/responses HTTP/1.1", *[b"GET /v1/responses/resp_1 HTTP/1.1"] * 3]
    assert run.phases["first_token"] > run.phases["stream"] > 0
    assert run.duration_seconds > run.phases["first_token"] + run.phases["stream"]


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        (
            [{"status": "queued"}, {"status": "failed", "error": {"code": "server_error", "message": "x"}}],
            "stream_error",
        ),
        ([{"status": "queued"}, {"status": "cancelled"}], "stream_error"),
        ([{"status": "completed", "output": []}], "empty_answer"),
        ([{"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}], "answer_budget_too_small"),
        ([{"status": "queued", "id": ""}], "malformed_response"),
        ([{"status": "queued"}], "first_token_timeout"),
        ([{"status": "in_progress"}], "total_timeout"),
    ],
    ids=["failed", "cancelled", "empty", "cut short", "no id", "never begun", "never done"],
)
def test_a_background_job_that_comes_to_nothing_has_its_reason(states: list[dict[str, Any]], reason: str) -> None:
    run: ProbeObservation = observe_all("responses_background", Job(*states), timeout=0.4, **BACKGROUND)

    assert run.reason == reason, run.detail


def test_a_job_whose_server_goes_away_failed_where_it_was_looked_for() -> None:
    class Leaving(Job):
        async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self.asked:
                await reader.readuntil(b"\r\n\r\n")
            else:
                await super().__call__(reader, writer)

    run = observe_all("responses_background", Leaving({"status": "queued"}), **BACKGROUND)

    assert run.reason == "server_disconnected"

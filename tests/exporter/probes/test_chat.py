from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.reasons import fault_of
from ai_provider_exporter.probes.chat import ChatOptions
from pydantic import ValidationError

from tests.exporter.probes.played import KEY, Played, Step, head, observe, observe_all

FOREVER = 30.0


def delta(content: str, **more: Any) -> bytes:
    return event({"model": "luna-1", "choices": [{"index": 0, "delta": {"content": content, **more}}]})


def event(document: object) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def usage(output: int, **details: int) -> bytes:
    return event(
        {
            "choices": [],
            "usage": {"prompt_tokens": 20, "completion_tokens": output, "completion_tokens_details": details},
        }
    )


def error(**fields: str) -> bytes:
    return event({"error": fields})


ROLE = event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
STOP = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
DONE = b"data: [DONE]\n\n"
WHOLE = json.dumps({"choices": [{"message": {"content": "OK"}, "finish_reason": "stop"}]}).encode()


def chat(*steps: Step, **options: Any) -> ProbeObservation:
    return observe("chat", *steps, model="luna", **options)


def test_an_answer_with_its_end_marker_is_a_success() -> None:
    run = chat(head(), ROLE, delta("O"), delta("K"), STOP, usage(2), DONE)

    assert run.success, run.detail
    assert run.http_status == 200
    assert run.answer_correct is True
    assert run.tokens == {"input": 20, "output": 2}
    assert run.response_model == "luna-1"


def test_the_first_token_is_the_first_text_and_not_the_role() -> None:
    run = chat(head(), ROLE, b": keep-alive\n\n", 0.2, delta("OK"), STOP, DONE)

    assert run.time_to_first_token_seconds == pytest.approx(0.2, abs=0.01)
    assert run.phases["first_token"] == pytest.approx(0.2, abs=0.01)


def test_the_run_ends_at_the_end_marker_although_the_server_holds_the_connection() -> None:
    run = chat(head(), delta("OK"), STOP, DONE, FOREVER)

    assert run.success
    assert run.duration_seconds < 1


def test_pings_do_not_renew_our_patience_for_the_first_token() -> None:
    pings: list[Step] = [step for _ in range(30) for step in (b": ping\n\n", 0.05)]
    run = chat(head(), *pings, timeouts={"first_token": 0.3})

    assert run.reason == "first_token_timeout"
    assert run.duration_seconds < 1


def test_no_headers_within_the_patience_for_the_first_token_is_a_headers_timeout() -> None:
    run = chat(FOREVER, timeouts={"first_token": 0.2})

    assert run.reason == "headers_timeout"
    assert "timeouts.first_token" in run.detail


def test_a_gap_between_tokens_longer_than_stall_is_a_stalled_stream() -> None:
    run = chat(head(), delta("O"), b": ping\n\n", FOREVER, timeouts={"stall": 0.2})

    assert run.reason == "stream_stalled"
    assert run.longest_stall_seconds is not None
    assert 0.15 < run.longest_stall_seconds < 1
    assert run.time_to_first_token_seconds is not None


def test_tokens_renew_our_patience() -> None:
    tokens: list[Step] = [step for _ in range(6) for step in (delta("x"), 0.1)]
    run = chat(head(), *tokens, STOP, DONE, timeouts={"first_token": 0.3, "stall": 0.3})

    assert run.success, run.detail


def test_tokens_that_still_flow_at_the_deadline_are_a_total_timeout() -> None:
    tokens: list[Step] = [step for _ in range(40) for step in (delta("x"), 0.05)]
    run = chat(head(), *tokens, timeout=0.5)

    assert run.reason == "total_timeout"


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        pytest.param([head(), delta("O")], "stream_truncated", id="no end marker"),
        pytest.param([head(content_length="500"), delta("O")], "stream_truncated", id="short body"),
        pytest.param([head(transfer_encoding="chunked"), b"zz\r\n"], "stream_reset", id="broken chunking"),
        pytest.param([b""], "server_disconnected", id="closed without a byte"),
        pytest.param([b"SSH-2.0-x\r\n\r\n"], "malformed_response", id="not HTTP"),
        pytest.param([head(), ROLE, STOP, DONE], "empty_answer", id="no text"),
        pytest.param([head(), b"data: {]\n\n"], "malformed_response", id="not JSON"),
        pytest.param([head(), delta("O"), error(type="server_error"), DONE], "stream_error", id="error then done"),
        pytest.param([head(), error(code="rate_limit_exceeded")], "throttled", id="rate limit inside"),
        pytest.param([head(content_type="text/html"), b"<html>hi"], "unexpected_content_type", id="html"),
        pytest.param([head(503, "application/json"), b'{"error":{"message":"busy"}}'], "overloaded", id="503"),
        pytest.param([head(429, "application/json"), b"{}"], "throttled", id="bare 429"),
        pytest.param([head(401, "application/json"), b"{}"], "key_rejected", id="401"),
        pytest.param([head(301, location="https://other.example/")], "redirected", id="301"),
    ],
)  # fmt: skip
def test_a_failed_answer_has_its_reason(steps: list[Step], reason: str) -> None:
    run = chat(*steps)

    assert run.reason == reason, run.detail
    assert run.fault == fault_of(reason)


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        pytest.param("application/json", delta("OK") + STOP + DONE, "ok", id="a stream called JSON"),
        pytest.param("text/plain", delta("OK") + STOP + DONE, "ok", id="a stream called text"),
        pytest.param("text/html", delta("OK") + STOP + DONE, "ok", id="a stream called a page"),
        pytest.param("text/event-stream", WHOLE, "ok", id="JSON called a stream"),
        pytest.param("application/octet-stream", WHOLE, "ok", id="JSON called bytes"),
        pytest.param("application/json", b"<!doctype html>Sign in", "unexpected_content_type", id="a page called JSON"),
        pytest.param("text/html", b"Please sign in", "unexpected_content_type", id="the text of a page"),
        pytest.param("text/html", b"", "unexpected_content_type", id="an empty page"),
    ],
)  # fmt: skip
def test_the_body_says_what_it_is_and_not_its_content_type(content_type: str, body: bytes, reason: str) -> None:
    run = chat(head(content_type=content_type), body)

    assert run.reason == reason, run.detail


@pytest.mark.parametrize("end", [FOREVER, "cut"], ids=["then hangs", "then breaks off"])
def test_an_error_that_is_whole_needs_no_end_of_the_body(end: Any) -> None:
    body = b'{"error": {"message": "Your credit balance is too low"}}'
    run = chat(head(content_length="500"), body, *([end] if end == FOREVER else []), timeouts={"first_token": 2.0})

    assert run.reason == "quota_exhausted"
    assert run.duration_seconds < 1.5


def test_an_unknown_finish_reason_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    run = chat(head(), event({"choices": [{"delta": {"content": "OK"}, "finish_reason": "moon_phase"}]}), DONE)

    assert (run.success, run.unknown_finish) == (True, "moon_phase")
    assert "moon_phase" in caplog.text


def test_a_hanging_error_body_hides_no_status() -> None:
    run = chat(head(500, "application/json", content_length="9999"), b'{"error":', FOREVER, timeout=1.0)

    assert run.reason == "server_error"
    assert run.http_status == 500
    assert run.duration_seconds < 1


def test_an_error_body_without_end_is_read_no_further_than_it_is_worth() -> None:
    run = chat(head(500, "application/json"), b"x" * (2 << 20), FOREVER)

    assert run.reason == "server_error"
    assert run.duration_seconds < 4


def test_a_wrong_answer_is_no_unavailability() -> None:
    run = chat(head(), delta("No"), STOP, DONE)

    assert run.success
    assert run.answer_correct is False


def test_what_an_own_prompt_expects_is_for_its_author_to_say() -> None:
    own = chat(head(), delta("No"), STOP, DONE, prompt="Say anything")
    expecting = chat(head(), delta("Paris."), STOP, DONE, prompt="Capital of France?", expect={"contains": "Paris"})

    assert own.answer_correct is None
    assert expecting.answer_correct is True


def test_an_answer_in_one_document_is_tolerated() -> None:
    body = {"model": "m", "choices": [{"message": {"content": "OK"}, "finish_reason": "stop"}]}
    run = chat(head(content_type="application/json; charset=utf-8"), json.dumps(body).encode())

    assert run.success, run.detail
    assert run.answer_correct is True
    assert run.time_to_first_token_seconds == run.duration_seconds


def test_time_per_token_needs_32_tokens_and_4_chunks() -> None:
    chunks: list[Step] = [step for _ in range(5) for step in (delta("x"), 0.05)]
    enough = chat(head(), *chunks, STOP, usage(41), DONE)
    few_tokens = chat(head(), *chunks, STOP, usage(31), DONE)
    few_chunks = chat(head(), *chunks[:6], STOP, usage(41), DONE)

    assert enough.time_per_output_token_seconds == pytest.approx(0.2 / 40, rel=0.5)
    assert enough.output_tokens_per_second == pytest.approx(40 / 0.2, rel=0.5)
    assert few_tokens.time_per_output_token_seconds is None
    assert few_chunks.output_tokens_per_second is None


def test_hidden_reasoning_is_not_counted_as_speed() -> None:
    chunks: list[Step] = [step for _ in range(5) for step in (delta("x"), 0.02)]
    run = chat(head(), *chunks, STOP, usage(60, reasoning_tokens=40), DONE)

    assert run.tokens["reasoning"] == 40
    assert run.time_per_output_token_seconds is None


def test_the_first_answer_is_told_only_where_there_is_reasoning() -> None:
    plain = chat(head(), delta("OK"), STOP, DONE)
    aloud = chat(head(), delta("", reasoning="hm"), 0.1, delta("OK"), STOP, DONE)
    hidden = chat(head(), delta("OK"), STOP, DONE, reasoning="low")

    assert plain.time_to_first_answer_seconds is None
    assert aloud.time_to_first_answer_seconds is not None
    assert aloud.time_to_first_token_seconds is not None
    assert aloud.time_to_first_answer_seconds - aloud.time_to_first_token_seconds > 0.08
    assert hidden.time_to_first_answer_seconds == hidden.time_to_first_token_seconds


def test_headers_tell_limits_times_and_when_to_come_back() -> None:
    run = chat(
        head(429, "application/json", retry_after="7", x_ratelimit_limit_requests="60",
             x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="1m30s", openai_processing_ms="250"),
        b'{"error":{"message":"slow","code":"rate_limit_exceeded"}}',
    )  # fmt: skip

    assert run.reason == "rate_limited"
    assert run.retry_after_seconds == 7
    assert run.rate_limits["requests"].limit == 60
    assert run.rate_limits["requests"].reset_at == 1_790_000_090
    assert run.server_reported_seconds == {"openai-processing": 0.25}


def test_the_configured_price_makes_the_cost_unless_the_provider_says_it() -> None:
    price = {"input_per_mtok": 1.0, "output_per_mtok": 10.0}
    ours = chat(head(), delta("OK"), STOP, usage(2), DONE, price=price)
    theirs = chat(head(x_litellm_response_cost="0.25"), delta("OK"), STOP, usage(2), DONE, price=price)
    unknown = chat(head(), delta("OK"), STOP, usage(2), DONE)

    assert ours.cost_usd == pytest.approx(40e-6)
    assert theirs.cost_usd == 0.25
    assert unknown.cost_usd is None


@pytest.mark.parametrize(
    ("steps", "cost"),
    [
        pytest.param([head(500, "application/json"), b"{}"], 0.0, id="refused"),
        pytest.param([FOREVER], None, id="no answer begun"),
        pytest.param([head(), delta("O")], None, id="cut in mid-answer"),
    ],
)
def test_what_was_refused_costs_nothing_and_what_broke_off_nobody_knows(steps: list[Step], cost: float | None) -> None:
    run = chat(*steps, price={"input_per_mtok": 1.0, "output_per_mtok": 1.0}, timeout=0.3)

    assert run.cost_usd == cost


def test_what_was_never_sent_costs_nothing() -> None:
    run = chat(base_url="http://127.0.0.1:1/v1")

    assert run.reason == "connect_refused"
    assert run.cost_usd == 0.0


def test_the_request_carries_the_key_and_a_nonce_at_the_end_of_the_prompt() -> None:
    server = Played([head(), delta("OK"), STOP, DONE])
    observe_all("chat", server, model="luna", api_key={"env": "KEY"}, quirks={"reasoning": "none"})
    request, _, body = server.asked[0].partition(b"\r\n\r\n")

    assert request.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert f"authorization: Bearer {KEY}".encode() in request
    assert json.loads(body)["messages"][0]["content"] == "Reply with exactly: OK (probe 7f3a)"
    assert json.loads(body)["reasoning_effort"] == "none"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"base_url": "api.example"}, "write one such as https://api.example/v1"),
        ({"base_url": "https://u:p@api.example"}, "take it out of the URL"),
        ({"base_url": "https://{resource}.example"}, "still has {resource} in it"),
        ({"egress": {"proxy": "ftp://p:1"}}, "needs one of http, https, socks5, socks5h"),
        ({"egress": {"proxy": "http://u:p@p:1"}}, "is a secret; write {env: NAME}"),
        ({"api_key": "sk-1"}, "never written in this file"),
        ({"auth": "sigv4"}, "needs aws"),
        ({"auth": "none", "api_key": {"env": "K"}}, "is not sent with auth: none; write auth: bearer"),
        ({"api_key": {"env": "K"}, "google": {"service_account": {"file": "F"}}}, "keep one of them"),
        ({"labels": {"probe": "x"}}, "is reserved for this exporter"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_options_says_what_to_write(raw: dict[str, Any], says: str) -> None:
    complete = {"name": "p", "provider": "x", "kind": "chat", "model": "m", "base_url": "https://api.example", **raw}

    with pytest.raises(ValidationError, match=says):
        ChatOptions.model_validate(complete)

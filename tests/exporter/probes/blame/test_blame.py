# ruff: noqa: E501  # a row of the table is a line
from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.model.reasons import REASONS
from ai_provider_exporter.probes import blame
from ai_provider_exporter.wire.retry_after import retry_after, seconds_until
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z
JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html; charset=UTF-8"}


def openai(code: str | None, kind: str = "", message: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic(kind: str, message: str = "", **details: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message, "details": details}, "request_id": "req_1"}


def google(status: str, message: str = "", *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": 400, "message": message, "status": status, "details": list(details)}}


QUOTA_FAILURE = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}

TABLE = [
    # status, body, headers, reason, id
    (401, openai("invalid_api_key", "invalid_request_error"), {}, "key_rejected", "openai wrong key"),
    (403, openai("unsupported_country_region_territory", "request_forbidden"), {}, "forbidden", "openai region"),
    (404, openai("model_not_found", "invalid_request_error", "The model `x` does not exist"), {}, "model_not_found", "openai model"),
    (404, openai(None, "invalid_request_error", "Invalid URL (POST /v1/chat)"), {}, "endpoint_not_found", "openai path"),
    (429, openai("rate_limit_exceeded", "requests"), {}, "rate_limited", "openai RPM"),
    (429, openai("slow_down", "rate_limit_error"), {}, "throttled", "openai ramp"),
    (429, openai("insufficient_quota", "insufficient_quota", "You exceeded your current quota"), {}, "quota_exhausted", "openai legacy quota"),
    (429, openai("credit_balance_exhausted", "insufficient_quota"), {}, "quota_exhausted", "openai credits"),
    (429, openai("project_spend_limit_exceeded", "insufficient_quota"), {}, "quota_exhausted", "openai project limit"),
    (500, openai("server_error", "server_error"), {}, "server_error", "openai 500"),
    (503, openai("server_is_overloaded", "service_unavailable_error"), {}, "overloaded", "openai overloaded"),
    (400, openai("integer_below_min_value", "invalid_request_error"), {}, "bad_request", "openai minimum"),
    (400, openai(None, "invalid_request_error", "Could not finish the message because max_tokens or model output limit was reached."), {}, "answer_budget_too_small", "openai budget"),
    (400, openai("content_filter", "", "The response was filtered"), {}, "content_filtered", "azure filter"),
    (404, openai("DeploymentNotFound"), {}, "model_not_found", "azure deployment"),
    (429, openai("429", "", "Requests have exceeded call rate limit of your tier."), {}, "rate_limited", "azure own limit"),
    (429, openai("429", "", "The system is currently experiencing high demand."), {}, "overloaded", "azure high demand"),
    (429, openai("429", "", "The system is temporarily unable to process your request."), {"retry-after": "5"}, "overloaded", "azure unable"),
    (400, anthropic("invalid_request_error", "max_tokens: must be at least 1"), {}, "bad_request", "anthropic bad"),
    (400, anthropic("invalid_request_error", "You have reached your specified API usage limits."), {}, "quota_exhausted", "anthropic usage limit"),
    (400, anthropic("invalid_request_error", "Your credit balance is too low to access the API."), {}, "quota_exhausted", "anthropic credits"),
    (401, anthropic("authentication_error"), {}, "key_rejected", "anthropic key"),
    (402, anthropic("billing_error"), {}, "quota_exhausted", "anthropic bill"),
    (403, anthropic("permission_error"), {}, "forbidden", "anthropic permission"),
    (404, anthropic("not_found_error", "model: claude-old"), {}, "model_not_found", "anthropic model"),
    (404, anthropic("not_found_error", "Not found"), {}, "endpoint_not_found", "anthropic path"),
    (413, anthropic("request_too_large"), {}, "bad_request", "anthropic size"),
    (429, anthropic("rate_limit_error"), {"retry-after": "12"}, "throttled", "anthropic limit of nobody"),
    (429, anthropic("rate_limit_error", "", error_code="enforced_spend_limit_reached"), {}, "quota_exhausted", "anthropic spend"),
    (500, anthropic("api_error"), {}, "server_error", "anthropic 500"),
    (504, anthropic("timeout_error"), {}, "server_error", "anthropic timeout"),
    (529, anthropic("overloaded_error", "Overloaded"), {}, "overloaded", "anthropic 529"),
    (400, google("INVALID_ARGUMENT", "API key not valid.", {"reason": "API_KEY_INVALID"}), {}, "key_rejected", "gemini key"),
    (400, google("FAILED_PRECONDITION", "User location is not supported for the API use."), {}, "forbidden", "gemini region"),
    (403, google("PERMISSION_DENIED"), {}, "forbidden", "gemini permission"),
    (404, google("NOT_FOUND", "models/x is not found for API version v1beta"), {}, "model_not_found", "gemini model"),
    (429, google("RESOURCE_EXHAUSTED", "You exceeded your current quota.", QUOTA_FAILURE), {}, "rate_limited", "gemini quota"),
    (429, google("RESOURCE_EXHAUSTED", "Resource exhausted, please try again later."), {}, "overloaded", "vertex shared"),
    (429, google("RESOURCE_EXHAUSTED", "Exceeded the Provisioned Throughput."), {}, "rate_limited", "vertex provisioned"),
    (499, google("CANCELLED"), {}, "server_error", "gemini cancelled"),
    (500, google("INTERNAL"), {}, "server_error", "gemini internal"),
    (503, google("UNAVAILABLE", "The model is overloaded."), {}, "overloaded", "gemini overloaded"),
    (403, {"message": "not authorized"}, {"x-amzn-errortype": "AccessDeniedException:http://internal"}, "forbidden", "bedrock denied"),
    (403, {"message": "The security token included in the request is invalid."}, {"x-amzn-errortype": "UnrecognizedClientException"}, "key_rejected", "bedrock key"),
    (403, {"message": "Signature expired: 20260921T100000Z is now earlier"}, {"x-amzn-errortype": "InvalidSignatureException"}, "key_rejected", "bedrock clock"),
    (400, {"message": "exceeds the service quota"}, {"x-amzn-errortype": "ServiceQuotaExceededException"}, "quota_exhausted", "bedrock quota"),
    (403, {"message": "You don't have access to the model."}, {"x-amzn-errortype": "AccessDeniedException"}, "forbidden", "bedrock no access"),
    (429, google("RESOURCE_EXHAUSTED", "Quota.", {"violations": [{"quotaId": "RequestsPerDayPerProject"}]}), {}, "quota_exhausted", "gemini quota of a day"),
    (429, {"message": "limited to 20 API calls / minute"}, {}, "rate_limited", "cohere trial"),
    (503, {"error": "server busy, please try again.  maximum pending requests exceeded"}, {}, "overloaded", "ollama busy"),
    (400, {"message": "The provided model identifier is invalid."}, {"x-amzn-errortype": "ValidationException"}, "model_not_found", "bedrock model id"),
    (404, {"message": "gone"}, {"x-amzn-errortype": "ResourceNotFoundException"}, "model_not_found", "bedrock model"),
    (408, {"message": "timeout"}, {"x-amzn-errortype": "ModelTimeoutException"}, "server_error", "bedrock timeout"),
    (424, {"message": "model"}, {"x-amzn-errortype": "ModelErrorException"}, "server_error", "bedrock model error"),
    (429, {"message": "Too many requests"}, {"x-amzn-errortype": "ThrottlingException"}, "rate_limited", "bedrock throttling"),
    (429, {"message": "not ready"}, {"x-amzn-errortype": "ModelNotReadyException"}, "overloaded", "bedrock not ready"),
    (429, {"object": "error", "message": "Requests rate limit exceeded", "type": "rate_limited", "code": "1300"}, {}, "rate_limited", "mistral rate"),
    (429, {"object": "error", "message": "Service tier capacity exceeded", "code": "3505"}, {}, "overloaded", "mistral capacity"),
    (422, {"detail": [{"type": "extra_forbidden", "loc": ["body"], "msg": "Extra inputs"}]}, {}, "bad_request", "mistral 422"),
    (498, {"message": "invalid token"}, {}, "key_rejected", "cohere 498"),
    (402, {"error": {"message": "Insufficient Balance"}}, {}, "quota_exhausted", "deepseek balance"),
    (429, {"code": "x", "error": "Your team has used all available credits or reached its monthly spending limit."}, {}, "quota_exhausted", "xai credits"),
    (403, {"error": {"message": "prompt is too long: 9 tokens"}}, {}, "bad_request", "together prompt"),
    (412, {"error": {"message": "Account is suspended"}}, {}, "quota_exhausted", "fireworks suspended"),
    (401, {"error": {"message": "insufficient credits", "type": "x"}}, {}, "quota_exhausted", "perplexity credits"),
    (403, {"error": {"message": "Your input was flagged by moderation", "code": 403}}, {}, "content_filtered", "openrouter moderation"),
    (502, {"error": {"code": 502, "message": "bad", "metadata": {"error_type": "provider_overloaded"}}}, {}, "overloaded", "openrouter upstream"),
    (404, {"error": 'model "nope" not found, try pulling it first'}, {}, "model_not_found", "ollama model"),
    (429, {}, {"x-ratelimit-remaining-requests": "0"}, "rate_limited", "nothing remains"),
    (429, {}, {"retry-after": "3"}, "throttled", "when to come back says nothing of whose limit it was"),
    (429, {}, {}, "throttled", "bare 429"),
    (301, {}, {}, "redirected", "redirect"),
    (405, {}, {}, "endpoint_not_found", "method"),
    (410, {}, {}, "model_not_found", "gone"),
    (403, {}, {"cf-mitigated": "challenge"}, "challenged", "cloudflare challenge"),
    (503, {}, {"cf-mitigated": "challenge"}, "challenged", "cloudflare challenge on 503"),
    *((status, {}, {}, "edge_error", f"edge {status}") for status in (520, 521, 522, 523, 524, 525, 526, 527, 530)),
    *((status, {}, {}, "server_error", f"plain {status}") for status in (408, 424, 500, 502, 504, 599)),
    (501, {}, {}, "bad_request", "plain 501"),
    (503, {}, {}, "overloaded", "plain 503"),
    (418, {}, {}, "bad_request", "other 4xx"),
    (600, {}, {}, "server_error", "no HTTP status at all"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "headers", "reason"), [row[:4] for row in TABLE], ids=[row[4] for row in TABLE]
)
def test_a_refusal_has_its_reason(status: int, body: dict[str, Any], headers: dict[str, str], reason: str) -> None:
    dialect = "cohere" if status == 498 else "openai_chat"
    failure = blame.refusal(status, JSON | headers, json.dumps(body).encode(), dialect)

    assert failure.reason == reason, failure.detail


def test_498_is_a_key_at_cohere_and_capacity_at_groq() -> None:
    assert blame.refusal(498, JSON, b"{}", "cohere").reason == "key_rejected"
    assert blame.refusal(498, JSON, b"{}", "openai_chat").reason == "overloaded"


@pytest.mark.parametrize(
    ("status", "page", "reason"),
    [
        (403, b"<!DOCTYPE html><title>Just a moment...</title>", "challenged"),
        (429, b"<html><title>429 Too Many Requests</title>", "throttled"),
        (503, b"<html><title>Just a moment...</title>", "challenged"),
        (503, b"<html><title>503 Service Unavailable</title>", "overloaded"),
        (502, b"<html><title>502 Bad Gateway</title>", "server_error"),
        (404, b"<html><title>404</title>", "endpoint_not_found"),
    ],
)
def test_a_page_where_json_was_due_may_be_a_challenge(status: int, page: bytes, reason: str) -> None:
    assert blame.refusal(status, HTML, page).reason == reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (anthropic("overloaded_error", "Overloaded"), "overloaded"),
        (anthropic("api_error", "Internal server error"), "stream_error"),
        (anthropic("rate_limit_error"), "throttled"),
        (openai("server_is_overloaded"), "overloaded"),
        (openai("insufficient_quota"), "quota_exhausted"),
        ({"error": {"code": 502, "message": "upstream"}}, "stream_error"),
        ({"error": {"code": 429, "message": "slow"}}, "throttled"),
        ({"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}}, "overloaded"),
        ({"error": "boom"}, "stream_error"),
        ({"error": True}, "stream_error"),
    ],
)
def test_an_error_inside_a_stream_has_its_reason(document: dict[str, Any], reason: str) -> None:
    assert blame.in_stream(document).reason == reason


@settings(max_examples=50, deadline=None)
@given(
    status=st.integers(300, 599),
    body=st.binary(max_size=200) | st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "code", "type", "message", "details", "detail"]), inner)).map(lambda document: json.dumps(document).encode()),
)  # fmt: skip
def test_whatever_a_body_holds_a_refusal_has_a_reason(status: int, body: bytes) -> None:
    failure = blame.refusal(status, JSON, body)

    assert failure.reason in REASONS
    assert failure.detail.isprintable()
    assert len(failure.detail) < 320


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcdefghijkl1234",
        "sk-ant-api03-abcdefgh",
        "AIzaSyA1234567890abcdef",
        "sk-ab**********wxyz",
        "gsk_abcdefghijk",
    ],
)
def test_a_key_that_an_error_quotes_is_not_repeated(key: str) -> None:
    body = json.dumps(openai("invalid_api_key", "", f"Incorrect API key provided: {key}. See the docs.")).encode()
    detail = blame.refusal(401, JSON, body).detail

    assert key not in detail
    assert "Incorrect API key provided" in detail


def test_the_detail_is_one_short_line_that_names_status_and_code() -> None:
    body = json.dumps(openai("server_error", "", "one\ntwo " + "x" * 500)).encode()

    assert blame.refusal(500, JSON, body).detail.startswith("HTTP 500 server_error: one two xxx")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-1", None),
        ("8.64s", 8.64),
        ("12ms", 0.012),
        ("6m0s", 360.0),
        ("23h55m16s", 86116.0),
        ("250µs", 0.00025),
        ("2026-09-21T14:13:50Z", 30.0),
        ("2026-09-21T14:13:50.5+00:00", 30.5),
        ("2026-09-21T14:13:00Z", 0.0),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60.0),
        ("1790000045", 45.0),
        ("1790000045000", 45.0),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
        ("99999999", None),
    ],
)
def test_a_wait_is_understood_in_every_form(value: str, seconds: float | None) -> None:
    assert seconds_until(value, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "7"}, b"", 7.0),
        ({"retry-after": "7", "retry-after-ms": "6500"}, b"", 6.5),
        ({}, json.dumps(google("RESOURCE_EXHAUSTED", "", {"retryDelay": "33s"})).encode(), 33.0),
        ({}, b"[" + json.dumps(google("RESOURCE_EXHAUSTED", "", {"retryDelay": "1.5s"})).encode() + b"]", 1.5),
        ({}, b"[[[", None),
        ({}, b'{"error": 3}', None),
        ({"retry-after": "later"}, b"{}", None),
    ],
    ids=["seconds", "milliseconds first", "RetryInfo", "RetryInfo in a list", "not JSON", "other JSON", "no time"],
)
def test_retry_after_is_found_in_headers_and_body(headers: dict[str, str], body: bytes, seconds: float | None) -> None:
    assert retry_after(headers, body, NOW) == seconds


@given(st.text())
def test_no_text_breaks_the_reading_of_waits(text: str) -> None:
    seconds = seconds_until(text, NOW)

    assert seconds is None or seconds >= 0

# ruff: noqa: E501  # a row of a table is a line; several vendors answer in Chinese
"""Kinds of error that are easily blamed on the wrong one, each a table: status, headers, body, reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.model.reasons import Fault, fault_of
from ai_provider_exporter.probes import blame

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
TEXT = {"content-type": "text/plain"}

Row = tuple[int, Any, str]


def error(message: str = "", **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


def reason_of(status: int, body: Any, headers: dict[str, str] | None = None, dialect: str = "openai_chat") -> str:
    data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    return blame.refusal(status, JSON | (headers or {}), data, dialect).reason


THEIR_CAPACITY: dict[str, Row] = {
    "OpenAI flex": (429, error("Resource Unavailable", code="resource_unavailable"), "overloaded"),
    "Azure without capacity, advertising provisioned throughput": (429, error("The system is experiencing high demand. Consider switching to Provisioned Throughput.", code="NoCapacity"), "overloaded"),
    "Google's ErrorInfo": (429, error("Nothing left for luna-2", status="RESOURCE_EXHAUSTED", details=[{"reason": "MODEL_CAPACITY_EXHAUSTED"}]), "overloaded"),
    "a queue": (429, {"message": "The request queue is full", "type": "too_many_requests_error", "code": "queue_full"}, "overloaded"),
    "a worker's limit": (500, {"error": "ResourceExhausted: Worker local total request limit reached (7/7)"}, "overloaded"),
    "GPUs": (429, error("All GPUs in fra1 are exhausted"), "overloaded"),
    "a surge": (429, error("Our servers see a surge in requests"), "overloaded"),
    "busy": (429, error("Model luna-2 busy, come back later"), "overloaded"),
    "at capacity": (429, {"detail": "The cluster is running at maximum capacity"}, "overloaded"),
    "a shared pool": (429, error("Upstream said no", code=429, metadata={"limit_source": "upstream_provider_shared_pool"}), "overloaded"),
    "an upstream's limit": (429, error("Upstream said no", code=429, metadata={"raw": "acme/luna-2 is temporarily rate-limited upstream"}), "overloaded"),
    "LiteLLM's cooldown": (429, error("No deployments available for selected model, cooldown_list=['7']", code="429"), "overloaded"),
    "LiteLLM, wrapped in a 500": (500, error("litellm.InternalServerError: AnthropicException - Overloaded.", code="500"), "overloaded"),
    "Cloudflare Workers AI": (429, {"success": False, "errors": [{"code": 3040, "message": "AiError: no GPU left"}]}, "overloaded"),
    "Zhipu by number": (429, error("请求失败", code="1305"), "overloaded"),
    "One API, although the code says billing": (429, error("当前分组负载已饱和", code="billing_not_active"), "overloaded"),
    "a model that loads": (503, {"error": "Model luna-2 is currently loading", "estimated_time": 9.5}, "overloaded"),
}  # fmt: skip

OUR_LIMITS: dict[str, Row] = {
    "OpenAI": (429, error("Rate limit reached for luna-2 in organization org-7 on tokens per min (TPM): Limit 90, Used 88, Requested 9.", type="tokens", code="rate_limit_exceeded"), "rate_limited"),
    "Anthropic": (429, error("This request would exceed your organization's rate limit of 5 requests per minute", type="rate_limit_error"), "rate_limited"),
    "Azure's tier": (429, error("Requests have exceeded token rate limit of your current pricing tier.", code="429"), "rate_limited"),
    "Google's minute": (429, error("Quota exceeded.", status="RESOURCE_EXHAUSTED", details=[{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "RequestsPerMinutePerProject"}]}]), "rate_limited"),
    "Vertex's provisioned throughput": (429, error("Exceeded the Provisioned Throughput of luna-2.", status="RESOURCE_EXHAUSTED"), "rate_limited"),
    "Moonshot": (429, error("request reached organization max RPM: 7", type="rate_limit_reached_error"), "rate_limited"),
    "Cerebras": (429, {"message": "Requests per minute limit exceeded", "code": "request_quota_exceeded"}, "rate_limited"),
    "DashScope": (429, {"code": "Throttling.RateQuota", "message": "Slow down"}, "rate_limited"),
    "Volcengine": (429, error("Failed.", code="ModelAccountTpmRateLimitExceeded"), "rate_limited"),
    "Zhipu's concurrency": (429, error("您当前使用该API的并发数过高", code="1302"), "rate_limited"),
    "Apigee, which answers 500": (500, {"fault": {"faultstring": "Quota limit exceeded. Identifier : app-7", "detail": {"errorcode": "policies.ratelimit.QuotaViolation"}}}, "rate_limited"),
    "LiteLLM that quotes Vertex": (500, error("Error code: 429 - {'error': {'message': 'Quota exceeded for acme.example/tokens_per_minute_per_model'}}", code=500), "rate_limited"),
}  # fmt: skip

NOBODYS_LIMIT: dict[str, Row] = {
    "only a code": (429, error("", code="rate_limit_exceeded"), "throttled"),
    "only RESOURCE_EXHAUSTED": (429, error("Resource has been exhausted (e.g. check quota).", status="RESOURCE_EXHAUSTED"), "throttled"),
    "a gateway that only says that its provider refused": (429, error("Provider returned error", code=429), "throttled"),
    "Kong": (429, {"message": "API rate limit exceeded"}, "throttled"),
    "a spike arrest": (429, {"fault": {"faultstring": "Spike arrest violation.", "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"}}}, "throttled"),
    "wrapped in a 500": (500, error("bad response status code 429"), "throttled"),
}  # fmt: skip

OUR_BILL: dict[str, Row] = {
    "OpenRouter": (402, error("This request requires more credits", code=402), "quota_exhausted"),
    "OpenRouter's key": (403, error("Key limit exceeded (total limit)", code=403), "quota_exhausted"),
    "Moonshot": (429, error("Recharge your account", type="exceeded_current_quota_error"), "quota_exhausted"),
    "LiteLLM's budget": (400, error("ExceededBudget: User has exceeded their budget. Spend=3, Budget=2", type="budget_exceeded"), "quota_exhausted"),
    "a budget in a 500": (500, error("Budget has been exceeded!"), "quota_exhausted"),
    "Cloudflare Workers AI": (429, {"success": False, "errors": [{"code": 3036, "message": "AiError: you have used up your daily free allocation"}]}, "quota_exhausted"),
    "Azure API Management": (403, {"statusCode": 403, "message": "Out of call volume quota."}, "quota_exhausted"),
    "Cohere's month": (429, {"message": "limited to 1000 API calls / month"}, "quota_exhausted"),
    "Google's day": (429, error("Quota.", status="RESOURCE_EXHAUSTED", details=[{"violations": [{"quotaId": "RequestsPerDayPerProject"}]}]), "quota_exhausted"),
    "Google's billing": (403, error("This API method requires billing to be enabled.", details=[{"reason": "BILLING_DISABLED"}]), "quota_exhausted"),
    "Zhipu": (429, error("您的账户已欠费", code="1113"), "quota_exhausted"),
    "DashScope": (400, {"code": "Arrearage", "message": "Access denied."}, "quota_exhausted"),
    "One API": (403, error("用户额度不足", code="insufficient_user_quota"), "quota_exhausted"),
    "xAI": (429, {"code": "x", "error": "Your team has either used all available credits or reached its monthly spending limit."}, "quota_exhausted"),
}  # fmt: skip

OUR_KEY: dict[str, Row] = {
    "a 500 with one word": (500, {"error": "Unauthorized"}, "key_rejected"),
    "a text": (500, "Unauthorized", "key_rejected"),
    "LiteLLM in a 500": (500, error('litellm.AuthenticationError: AnthropicException - {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'), "key_rejected"),
    "a gateway's 500 around a 401": (500, error("bad response status code 401"), "key_rejected"),
    "xAI's 400": (400, {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: lu***na."}, "key_rejected"),
    "Bedrock's 403": (403, {"Message": "Bearer Token has expired"}, "key_rejected"),
    "Hugging Face's 400": (400, {"error": "Authorization header is correct, but the token seems invalid"}, "key_rejected"),
    "Apigee's 500": (500, {"fault": {"faultstring": "Failed to resolve API Key variable request.header.k"}}, "key_rejected"),
    "FastAPI's 403": (403, {"detail": "Not authenticated"}, "key_rejected"),
    "Google's leak": (403, error("Your API key was reported as leaked.", status="PERMISSION_DENIED"), "key_rejected"),
    "Cloudflare": (400, {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}]}, "key_rejected"),
}  # fmt: skip

OUR_REQUEST: dict[str, Row] = {
    "llama.cpp's 501": (501, error("This server was started without embeddings", type="not_supported_error", code=501), "bad_request"),
    "a parameter that the model does not take": (400, error("Unsupported parameter: 'max_tokens' is not supported with this model."), "bad_request"),
    "a context length that sounds like a limit": (400, error("This model's maximum context length is 9 tokens. However, you requested 12 tokens."), "bad_request"),
    "a disabled organization": (400, error("This organization has been disabled.", type="invalid_request_error"), "forbidden"),
    "an address that is not allowed": (401, error("Your IP 192.0.2.7 is not authorized"), "forbidden"),
    "a model that was removed": (404, {"message": "model 'luna-1' was removed on May 5, 2026."}, "model_not_found"),
    "a model that is not supported": (400, {"detail": "Model luna-9 is not supported."}, "model_not_found"),
    "a model's name in a 500": (500, error("The model `luna-9` does not exist"), "model_not_found"),
    "OpenRouter's data policy": (404, error("No endpoints found matching your data policy"), "model_not_found"),
    "a key without an account": (401, error("There is no account for this key"), "key_rejected"),
    "a model that is kept from a region": (403, error("Model luna-2 is unavailable in your region"), "forbidden"),
    "DashScope's inspection": (400, {"code": "DataInspectionFailed", "message": "Input data may be unfit."}, "content_filtered"),
}  # fmt: skip

THEIR_FAULT: dict[str, Row] = {
    "a 500 that apologises": (500, error("The server had an error. Sorry about that! Contact us with the request ID.", type="server_error"), "server_error"),
    "a 400 around their 503": (400, error("Error code: 503 - {'error': {'message': 'Backend fell over'}}"), "overloaded"),
    "a connection that the gateway lost": (500, error("litellm.APIError: OpenAIException - Connection error."), "server_error"),
    "Envoy without a backend": (503, "no healthy upstream", "overloaded"),
    "a 502 of nginx": (502, "<html><head><title>502 Bad Gateway</title></head><body><hr><center>nginx</center></body></html>", "server_error"),
}  # fmt: skip

BODIES = {
    "their capacity": THEIR_CAPACITY,
    "our limits": OUR_LIMITS,
    "a limit, and nobody's": NOBODYS_LIMIT,
    "our bill": OUR_BILL,
    "our key": OUR_KEY,
    "our request": OUR_REQUEST,
    "their fault": THEIR_FAULT,
}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{kind}: {name}") for kind, rows in BODIES.items() for name, row in rows.items()]
)
def test_the_body_says_whose_fault_it_is(row: Row) -> None:
    status, body, reason = row

    assert reason_of(status, body) == reason


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in THEIR_CAPACITY.items()])
def test_when_to_come_back_does_not_make_their_capacity_our_limit(row: Row) -> None:
    status, body, _ = row

    assert fault_of(reason_of(status, body, {"retry-after": "7"})) == Fault.PROVIDER


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"x-ratelimit-remaining-requests": "0"}, "rate_limited"),
        ({"ratelimit-remaining": "0"}, "rate_limited"),
        ({"ratelimit": '"minute";r=0;t=7'}, "rate_limited"),
        ({"anthropic-ratelimit-unified-status": "rejected"}, "rate_limited"),
        ({"x-ratelimit-remaining-requests": "7"}, "throttled"),
        ({"retry-after": "7"}, "throttled"),
        ({}, "throttled"),
    ],
)
def test_only_a_limit_of_ours_that_stands_at_zero_is_our_limit(headers: dict[str, str], reason: str) -> None:
    assert reason_of(429, error("Too many requests"), headers) == reason


EDGES: dict[str, tuple[int, dict[str, str], str, str]] = {
    "a captive portal": (511, HTML, "<html><title>Sign in</title>", "unexpected_content_type"),
    "Squid's own page": (503, HTML | {"x-squid-error": "ERR_CONNECT_FAIL 111"}, "<html>", "unexpected_content_type"),
    "Squid by its words": (504, HTML, "<html><title>ERROR: The requested URL could not be retrieved</title> squid/6", "unexpected_content_type"),
    "a content filter": (403, HTML, "<html><title>Web Page Blocked</title> FortiGuard", "unexpected_content_type"),
    "an intercepting proxy that wants a login": (407, HTML, "<html>", "proxy_error"),
    "Cloudflare bans the browser, in text": (403, TEXT | {"cf-ray": "7"}, "error code: 1010", "challenged"),
    "Cloudflare bans the country, in JSON": (403, JSON | {"cf-ray": "7"}, '{"title": "Error 1009: Access denied", "error_code": 1009, "cloudflare_error": true}', "challenged"),
    "Cloudflare's firewall, in HTML": (403, HTML | {"server": "cloudflare"}, '<html><title>Access denied</title><span class="cf-error-code">1020</span>', "challenged"),
    "Cloudflare does not find the origin": (409, TEXT | {"server": "cloudflare"}, "error code: 1016", "edge_error"),
    "Cloudflare's tunnel is down": (530, TEXT | {"server": "cloudflare"}, "error code: 1033", "edge_error"),
    "Cloudflare limits our address": (429, TEXT | {"server": "cloudflare"}, "error code: 1015", "throttled"),
    "ngrok's tunnel is offline": (404, TEXT | {"ngrok-error-code": "ERR_NGROK_3200"}, "offline", "edge_error"),
    "ngrok asks a human": (403, HTML | {"ngrok-error-code": "ERR_NGROK_6024"}, "<html>", "challenged"),
    "AWS WAF wants a captcha": (405, HTML | {"x-amzn-waf-action": "captcha"}, "<html>", "challenged"),
    "a firewall that answers 405": (405, HTML, "<html><title>405</title>Sorry, your request has been blocked", "challenged"),
    "F5": (403, HTML, "<html>The requested URL was rejected. Your support ID is: 7", "challenged"),
    "Imperva": (403, HTML, "<html>Request unsuccessful. Incapsula incident ID: 7-7", "challenged"),
    "Akamai": (403, HTML, "<HTML><TITLE>Access Denied</TITLE>You don't have permission.<P>Reference&#32;&#35;18.7", "challenged"),
    "DataDome, in JSON": (403, JSON | {"x-datadome": "protected"}, '{"url": "https://geo.captcha-delivery.com/x"}', "challenged"),
    "nginx limits": (429, HTML, "<html><title>429 Too Many Requests</title><hr><center>nginx</center>", "throttled"),
    "nginx forbids": (403, HTML, "<html><title>403 Forbidden</title><hr><center>nginx</center>", "forbidden"),
    "nobody knows who forbids": (403, HTML, "<html><title>Not here</title>", "challenged"),
}  # fmt: skip


@pytest.mark.parametrize("row", EDGES.values(), ids=EDGES)
def test_what_stands_in_between_is_known_by_its_marks(row: tuple[int, dict[str, str], str, str]) -> None:
    status, headers, body, reason = row

    assert blame.refusal(status, headers, body.encode(), "openai_chat").reason == reason


def test_a_page_that_forbids_a_web_site_is_the_sites_own_refusal() -> None:
    assert blame.refusal(403, HTML, b"<html><title>Not here</title>").reason == "forbidden"


CLOSES = [
    (1007, "API key not valid. Please pass a valid API key.", "key_rejected"),
    (1007, "Request contains an invalid argument.", "bad_request"),
    (1008, "", "forbidden"),
    (1008, "models/luna-9 is not found for API version v7", "model_not_found"),
    (1011, "Internal error encountered.", "stream_error"),
    (1011, "You exceeded your current quota, please check your plan and billing details", "quota_exhausted"),
    (1011, "Resource has been exhausted (e.g. check quota).", "throttled"),
    (1012, "", "overloaded"),
    (1013, "", "overloaded"),
    (3000, "", "key_rejected"),
    (3000, "invalid_request_error.model_not_found", "model_not_found"),
    (3003, "", "forbidden"),
    (4429, "", "throttled"),
    (4401, "", "key_rejected"),
    (4000, "session ended", "stream_error"),
]


@pytest.mark.parametrize(("code", "reason", "expected"), CLOSES)
def test_a_websocket_is_closed_for_the_reason_it_gives_else_for_its_code(code: int, reason: str, expected: str) -> None:
    assert blame.websocket_close(code, reason).reason == expected


ENVELOPES: dict[str, tuple[dict[str, Any], str | None]] = {
    "MiniMax, no balance": ({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "no"}}, "quota_exhausted"),
    "MiniMax, key": ({"base_resp": {"status_code": 2049, "status_msg": "no"}}, "key_rejected"),
    "MiniMax, limit": ({"base_resp": {"status_code": 1002, "status_msg": "no"}}, "rate_limited"),
    "MiniMax, filtered": ({"base_resp": {"status_code": 1027, "status_msg": "no"}}, "content_filtered"),
    "MiniMax, fine": ({"choices": [{}], "base_resp": {"status_code": 0, "status_msg": ""}}, None),
    "Cloudflare": ({"success": False, "errors": [{"code": 10000, "message": "no"}], "result": None}, "key_rejected"),
    "Baidu, each second": ({"error_code": 18, "error_msg": "no"}, "rate_limited"),
    "Baidu, each day": ({"error_code": 17, "error_msg": "no"}, "quota_exhausted"),
    "a sentence and no content": ({"code": 20012, "message": "Model does not exist", "data": None}, "model_not_found"),
    "FastAPI": ({"detail": "Internal trouble"}, "stream_error"),
    "vLLM": ({"object": "error", "message": "The engine died", "code": 500}, "stream_error"),
    "an empty error": ({"error": None, "choices": []}, None),
    "an answer with a message": ({"message": "hello", "content": [{"text": "OK"}]}, None),
}  # fmt: skip


@pytest.mark.parametrize(("document", "reason"), ENVELOPES.values(), ids=ENVELOPES)
def test_an_error_is_read_out_of_a_vendors_envelope(document: dict[str, Any], reason: str | None) -> None:
    found = blame.error_in(document)

    assert (None if found is None else blame.in_stream(found).reason) == reason

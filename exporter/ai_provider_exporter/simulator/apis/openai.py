"""What the OpenAI endpoints share: error bodies, headers, counting.

Source: OpenAI API reference, error codes and rate limits, https://platform.openai.com/docs, read 2026-11.
"""

from dataclasses import replace

from ai_provider_exporter.simulator.apis.api import ApiRequest, Reply, by_header, json_reply
from ai_provider_exporter.simulator.scenario import Refused
from ai_provider_exporter.simulator.truth import Tokens

BASE = "/v1"
TIMING = ("openai-processing-ms", "{ms}")
identify = by_header("authorization")

# status, type, code, message
ERRORS: dict[Refused, tuple[int, str, str | None, str]] = {
    "key_rejected": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: {key}."),
    "forbidden": (403, "request_forbidden", "unsupported_country_region_territory", "Region not supported."),
    "quota_exhausted": (429, "insufficient_quota", "credit_balance_exhausted", "You have no credits left."),
    "rate_limited": (429, "requests", "rate_limit_exceeded", "Rate limit reached for requests per min."),
    "throttled": (429, "too_many_requests", None, "Too many requests."),
    "model_not_found": (404, "invalid_request_error", "model_not_found", "The model does not exist."),
    "bad_request": (400, "invalid_request_error", None, "The request is not valid."),
    "overloaded": (503, "service_unavailable_error", "server_is_overloaded", "Our servers are overloaded."),
    "server_error": (500, "server_error", None, "The server had an error while processing your request."),
}


def error_object(how: Refused, message: str = "") -> dict[str, str | None]:
    _, kind, code, default = ERRORS[how]
    return {"message": message or default, "type": kind, "param": None, "code": code}


def refuse(request: ApiRequest, how: Refused, message: str) -> Reply:
    text = message or ERRORS[how][3].format(key=_masked(request))
    headers = {"retry-after": "20"} if how == "rate_limited" else {}
    reply = json_reply({"error": error_object(how, text)}, status=ERRORS[how][0], headers=headers)
    return with_headers(request, reply)


def with_headers(request: ApiRequest, reply: Reply) -> Reply:
    """Add what OpenAI's edge adds to every answer."""
    headers = {
        "x-request-id": request.id("req_", 32),
        "openai-version": "2020-10-01",
        **_rate_limits(request),
        **reply.headers,
    }
    return replace(reply, headers=headers, timing=TIMING)


def usage(tokens: Tokens) -> dict[str, object]:
    """Count as Chat Completions does: completion tokens include the hidden ones, prompt tokens the cached."""
    completion = tokens.output + tokens.reasoning
    return {
        "prompt_tokens": tokens.input,
        "completion_tokens": completion,
        "total_tokens": tokens.input + completion,
        "prompt_tokens_details": {"cached_tokens": tokens.cached},
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning},
    }


def _rate_limits(request: ApiRequest) -> dict[str, str]:
    left = request.allowance
    if left is None:
        return {}
    reset = f"{left.reset_seconds:.3f}s"
    return {
        "x-ratelimit-limit-requests": str(left.limit.requests),
        "x-ratelimit-limit-tokens": str(left.limit.tokens),
        "x-ratelimit-remaining-requests": str(left.remaining_requests),
        "x-ratelimit-remaining-tokens": str(left.remaining_tokens),
        "x-ratelimit-reset-requests": reset,
        "x-ratelimit-reset-tokens": reset,
    }


def _masked(request: ApiRequest) -> str:
    """Return the key as OpenAI's error shows it: enough of it to be a leak in a log."""
    given = request.http.headers.get("authorization", "").removeprefix("Bearer ")
    return f"{given[:8]}{'*' * 8}{given[-4:]}"

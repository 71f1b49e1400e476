"""Gemini: server-sent events without names and without an end marker, or one JSON document.

Vertex AI speaks the same under longer paths. Source: Gemini API reference,
https://ai.google.dev/api/generate-content, read 2026-11.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Frame,
    Reply,
    Route,
    by_header,
    event,
    has_model,
    json_reply,
)
from ai_provider_exporter.simulator.composing import Finish, Spoken
from ai_provider_exporter.simulator.scenario import Refused
from ai_provider_exporter.simulator.truth import Tokens

FINISH: dict[Finish, str] = {"stop": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}

# code, status, message
ERRORS: dict[Refused, tuple[int, str, str]] = {
    "key_rejected": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "forbidden": (403, "PERMISSION_DENIED", "The caller does not have permission."),
    "quota_exhausted": (429, "RESOURCE_EXHAUSTED", "You exceeded your quota, check your plan and billing."),
    "rate_limited": (429, "RESOURCE_EXHAUSTED", "Quota exceeded for requests per minute."),
    "throttled": (429, "RESOURCE_EXHAUSTED", "Resource exhausted, please try again later."),
    "model_not_found": (404, "NOT_FOUND", "The model is not found for API version v1beta."),
    "bad_request": (400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    "overloaded": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "server_error": (500, "INTERNAL", "An internal error has occurred."),
}
DETAILS: dict[Refused, dict[str, Any]] = {
    "key_rejected": {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"},
    "quota_exhausted": {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}],
    },
    "rate_limited": {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "20s"},
}


def generate(request: ApiRequest) -> Reply:
    if not _knows(request):
        return refuse(request, "model_not_found", f"models/{request.captured['model']} is not found.")
    spoken = _spoken(request)
    document = _chunk(request, spoken.tokens, _parts(spoken), FINISH[spoken.finish])
    return _timed(json_reply(document, tokens=spoken.tokens))


def stream_generate(request: ApiRequest) -> Reply:
    if not _knows(request):
        return refuse(request, "model_not_found", f"models/{request.captured['model']} is not found.")
    spoken = _spoken(request)
    is_sse = request.http.query.get("alt") == "sse"
    frames = _events(request, spoken) if is_sse else _array(_events(request, spoken))
    reply = Reply(
        tuple(frames),
        content_type="text/event-stream" if is_sse else "application/json; charset=UTF-8",
        tokens=spoken.tokens,
        streams=True,
        errors={
            # Both forms have been seen: an error as a document of its own, outside of any event, and as one.
            "stream_error": json.dumps(_error("server_error"), indent=2).encode(),
            "stream_overloaded": event(_error("overloaded")),
        },
    )
    return _timed(reply)


def count_tokens(request: ApiRequest) -> Reply:
    return _timed(json_reply({"totalTokens": max(1, len(_prompt_of(request.json)) // 4)}))


def models(request: ApiRequest) -> Reply:
    methods = ["generateContent", "countTokens"]
    listed = [
        {"name": f"models/{card.id}", "displayName": card.id, "supportedGenerationMethods": methods}
        for card in request.provider.models
        if card.lifecycle != "retired"
    ]
    return _timed(json_reply({"models": listed}))


def refuse(_: ApiRequest, how: Refused, message: str) -> Reply:
    return _timed(json_reply(_error(how, message), status=ERRORS[how][0]))


def _spoken(request: ApiRequest) -> Spoken:
    body = request.json
    config = body.get("generationConfig") or {}
    thinking = config.get("thinkingConfig") or {}
    thinks = thinking.get("thinkingBudget") != 0 and thinking.get("thinkingLevel") != "minimal"
    return request.compose(_prompt_of(body), limit=config.get("maxOutputTokens"), thinks=thinks)


def _events(request: ApiRequest, spoken: Spoken) -> Iterator[Frame]:
    """Yield a chunk for each piece of the answer; each counts what has been said so far."""
    size = request.provider.answer.per_chunk
    for index, text in enumerate(spoken.reasoning, start=1):
        so_far = replace(spoken.tokens, output=0, reasoning=min(index * size, spoken.tokens.reasoning))
        yield Frame(event(_chunk(request, so_far, [{"text": text, "thought": True}])), "reasoning")
    for index, text in enumerate(spoken.text, start=1):
        so_far = replace(spoken.tokens, output=min(index * size, spoken.tokens.output))
        yield Frame(event(_chunk(request, so_far, [{"text": text}])), "text")
    yield Frame(event(_chunk(request, spoken.tokens, [{"text": ""}], FINISH[spoken.finish])))


def _array(events: Iterator[Frame]) -> Iterator[Frame]:
    """Turn events into what comes without `alt=sse`: one JSON array, an element at a time."""
    before = b"["
    for frame in events:
        yield replace(frame, data=before + frame.data.removeprefix(b"data: ").rstrip())
        before = b",\n"
    yield Frame(b"]")


def _chunk(
    request: ApiRequest, tokens: Tokens, parts: list[dict[str, Any]], finish: str | None = None
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "usageMetadata": usage(tokens),
        "modelVersion": request.captured["model"],
        "responseId": request.id(""),
    }


def usage(tokens: Tokens) -> dict[str, int]:
    """Count as Gemini does: candidates are visible tokens only, thoughts stand beside them."""
    counted = {"promptTokenCount": tokens.input, "candidatesTokenCount": tokens.output}
    if tokens.reasoning:
        counted["thoughtsTokenCount"] = tokens.reasoning
    if tokens.cached:
        counted["cachedContentTokenCount"] = tokens.cached
    return counted | {"totalTokenCount": tokens.input + tokens.output + tokens.reasoning}


def _parts(spoken: Spoken) -> list[dict[str, Any]]:
    thoughts = [{"text": spoken.whole_reasoning, "thought": True}] if spoken.reasoning else []
    return thoughts + ([{"text": spoken.whole_text}] if spoken.text else [])


def _prompt_of(body: Mapping[str, Any]) -> str:
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise BadRequestError("* GenerateContentRequest.contents: contents is not specified")
    return "".join(str(part.get("text", "")) for part in contents[-1].get("parts", []))


def _knows(request: ApiRequest) -> bool:
    return has_model(request, request.captured["model"])


def _error(how: Refused, message: str = "") -> dict[str, Any]:
    code, status, default = ERRORS[how]
    details = [DETAILS[how]] if how in DETAILS else []
    error: dict[str, Any] = {"code": code, "message": message or default, "status": status}
    return {"error": error | ({"details": details} if details else {})}


def _timed(reply: Reply) -> Reply:
    return replace(reply, timing=("server-timing", "gfet4t7; dur={ms}"))


ROUTES = (
    Route("POST", "/models/{model}:generateContent", "chat", generate),
    Route("POST", "/models/{model}:streamGenerateContent", "chat", stream_generate),
    Route("POST", "/models/{model}:countTokens", "chat", count_tokens),
    Route("GET", "/models", "models", models),
)
API = Api(base="/v1beta", routes=ROUTES, identify=by_header("x-goog-api-key"), refuse=refuse)

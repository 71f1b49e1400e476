"""Messages of Anthropic: named server-sent events, ended by `message_stop`; and its model list.

Source: Anthropic API reference, https://docs.claude.com/en/api, read 2026-11.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Channel,
    Frame,
    Reply,
    Route,
    by_header,
    event,
    has_model,
    json_reply,
    text_of,
)
from ai_provider_exporter.simulator.clock import rfc3339
from ai_provider_exporter.simulator.composing import Finish, Spoken
from ai_provider_exporter.simulator.scenario import ModelCard, Refused
from ai_provider_exporter.simulator.truth import Tokens

VERSIONS = frozenset({"2023-06-01", "2026-10-21"})
SAMPLING = frozenset({"temperature", "top_p", "top_k"})  # the newer version refuses them
FINISH: dict[Finish, str] = {"stop": "end_turn", "length": "max_tokens", "filtered": "refusal"}

# status, type, message
ERRORS: dict[Refused, tuple[int, str, str]] = {
    "key_rejected": (401, "authentication_error", "invalid x-api-key"),
    "forbidden": (403, "permission_error", "Your API key does not have permission to use this resource."),
    "quota_exhausted": (402, "billing_error", "Your credit balance is too low to access the API."),
    "rate_limited": (429, "rate_limit_error", "This request would exceed your rate limit."),
    "throttled": (429, "rate_limit_error", "Too many requests."),
    "model_not_found": (404, "not_found_error", "model: not found"),
    "bad_request": (400, "invalid_request_error", "The request is not valid."),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "server_error": (500, "api_error", "Internal server error"),
}


def messages(request: ApiRequest) -> Reply:
    body = request.json
    _check(request, body)
    if not has_model(request, body.get("model")):
        return refuse(request, "model_not_found", f"model: {body.get('model')}")
    thinks = (body.get("thinking") or {}).get("type") != "disabled"
    prompt = text_of(body["messages"][-1].get("content"))
    spoken = request.compose(prompt, limit=body["max_tokens"], thinks=thinks)
    if not body.get("stream"):
        return _with_headers(request, json_reply(_whole(request, body, spoken), tokens=spoken.tokens))
    reply = Reply(
        tuple(_frames(request, body, spoken)),
        content_type="text/event-stream; charset=utf-8",
        tokens=spoken.tokens,
        streams=True,
        keepalive=event({"type": "ping"}, "ping"),
        errors={
            "stream_error": event(_error("server_error"), "error"),
            "stream_overloaded": event(_error("overloaded"), "error"),
        },
    )
    return _with_headers(request, reply)


def count_tokens(request: ApiRequest) -> Reply:
    prompt = text_of(request.json["messages"][-1].get("content"))
    return _with_headers(request, json_reply({"input_tokens": max(1, len(prompt) // 4)}))


def models(request: ApiRequest) -> Reply:
    data = [_entry(card) for card in request.provider.models]
    document = {"data": data, "has_more": False, "first_id": None, "last_id": None}
    return _with_headers(request, json_reply(document))


def refuse(request: ApiRequest, how: Refused, message: str) -> Reply:
    headers = {"retry-after": "20"} if how == "rate_limited" else {}
    document = _error(how, message) | {"request_id": request.id("req_")}
    return _with_headers(request, json_reply(document, status=ERRORS[how][0], headers=headers))


def _check(request: ApiRequest, body: Mapping[str, Any]) -> None:
    version = request.http.headers.get("anthropic-version", "")
    if version not in VERSIONS:
        raise BadRequestError("anthropic-version: header is required and must be a known version")
    if not isinstance(body.get("max_tokens"), int) or not body.get("messages"):
        raise BadRequestError("max_tokens: Field required" if body.get("messages") else "messages: Field required")
    refused = SAMPLING & body.keys()
    if version > "2023-06-01" and refused:
        raise BadRequestError(f"{min(refused)}: not supported by this version")


def _frames(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> Iterator[Frame]:
    start = _message(request, body) | {"usage": _input(spoken.tokens) | {"output_tokens": 1}}
    yield _named("message_start", message=start)
    yield _named("ping")
    index = 0
    if spoken.reasoning:
        yield from _block(index, "thinking", spoken.reasoning, "reasoning")
        index += 1
    if spoken.text:
        yield from _block(index, "text", spoken.text, "text")
    delta = {"stop_reason": FINISH[spoken.finish], "stop_sequence": None}
    yield _named("message_delta", delta=delta, usage=_output(spoken.tokens))
    yield _named("message_stop")


def _block(index: int, kind: str, chunks: tuple[str, ...], channel: Channel) -> Iterator[Frame]:
    yield _named("content_block_start", index=index, content_block={"type": kind, kind: ""})
    for text in chunks:
        delta = {"type": f"{kind}_delta", kind: text}
        yield replace(_named("content_block_delta", index=index, delta=delta), channel=channel)
    if kind == "thinking":
        signature = {"type": "signature_delta", "signature": "c2ltdWxhdGVk"}
        yield _named("content_block_delta", index=index, delta=signature)
    yield _named("content_block_stop", index=index)


def _named(name: str, **fields: Any) -> Frame:
    return Frame(event({"type": name, **fields}, name))


def _message(request: ApiRequest, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": request.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _whole(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> dict[str, Any]:
    thinking = {"type": "thinking", "thinking": spoken.whole_reasoning, "signature": "c2ltdWxhdGVk"}
    content = [thinking] if spoken.reasoning else []
    content += [{"type": "text", "text": spoken.whole_text}] if spoken.text else []
    usage = _input(spoken.tokens) | _output(spoken.tokens)
    return _message(request, body) | {
        "content": content, "stop_reason": FINISH[spoken.finish], "usage": usage,
    }  # fmt: skip


def _input(tokens: Tokens) -> dict[str, Any]:
    """Count the input; unlike OpenAI's, it is without what came from a cache."""
    return {
        "input_tokens": tokens.input - tokens.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": tokens.cached,
    }


def _output(tokens: Tokens) -> dict[str, Any]:
    """Count the output, thinking included."""
    details = {"thinking_tokens": tokens.reasoning}
    return {"output_tokens": tokens.output + tokens.reasoning, "output_tokens_details": details}


def _error(how: Refused, message: str = "") -> dict[str, Any]:
    _, kind, default = ERRORS[how]
    return {"type": "error", "error": {"type": kind, "message": message or default}}


def _entry(card: ModelCard) -> dict[str, Any]:
    retires = f"{card.retires}T00:00:00Z" if card.retires else None
    return {
        "id": card.id,
        "type": "model",
        "display_name": card.id,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": card.lifecycle,
        "deprecated_at": None,
        "retires_at": retires,
    }


def _with_headers(request: ApiRequest, reply: Reply) -> Reply:
    headers = {"request-id": request.id("req_"), **_rate_limits(request), **reply.headers}
    return replace(reply, headers=headers, timing=("x-envoy-upstream-service-time", "{ms}"))


def _rate_limits(request: ApiRequest) -> dict[str, str]:
    left = request.allowance
    if left is None:
        return {}
    reset = rfc3339(request.unix + left.reset_seconds)
    return {
        "anthropic-ratelimit-requests-limit": str(left.limit.requests),
        "anthropic-ratelimit-requests-remaining": str(left.remaining_requests),
        "anthropic-ratelimit-requests-reset": reset,
        "anthropic-ratelimit-tokens-limit": str(left.limit.tokens),
        "anthropic-ratelimit-tokens-remaining": str(left.remaining_tokens),
        "anthropic-ratelimit-tokens-reset": reset,
    }


API = Api(
    base="/v1",
    routes=(
        Route("POST", "/messages", "chat", messages),
        Route("POST", "/messages/count_tokens", "chat", count_tokens),
        Route("GET", "/models", "models", models),
    ),
    identify=by_header("x-api-key", "authorization"),
    refuse=refuse,
)

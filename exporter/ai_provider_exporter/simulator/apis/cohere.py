"""Chat v2 of Cohere: named events, ended by `message-end` and a `[DONE]` behind it.

Source: Cohere API reference, https://docs.cohere.com/reference/chat-stream, read 2026-11.
"""

from collections.abc import Iterator, Mapping
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
from ai_provider_exporter.simulator.composing import Finish, Spoken
from ai_provider_exporter.simulator.scenario import Refused
from ai_provider_exporter.simulator.truth import Tokens

# It has no word for a filtered answer: that is an answer that stops before it began.
FINISH: dict[Finish, str] = {"stop": "COMPLETE", "length": "MAX_TOKENS", "filtered": "COMPLETE"}

# status, message
ERRORS: dict[Refused, tuple[int, str]] = {
    "key_rejected": (401, "invalid api token"),
    "forbidden": (403, "your account is not allowed to use this model"),
    "quota_exhausted": (402, "please add or update your payment method to continue"),
    "rate_limited": (429, "you are using a Trial key, which is limited to 20 API calls / minute"),
    "throttled": (429, "too many requests"),
    "model_not_found": (404, "model not found"),
    "bad_request": (400, "invalid request"),
    "overloaded": (503, "the service is overloaded, please try again later"),
    "server_error": (500, "internal server error"),
}


def chat(request: ApiRequest) -> Reply:
    body = request.json
    if not has_model(request, body.get("model")):
        return refuse(request, "model_not_found", f"model '{body.get('model')}' not found")
    if not body.get("messages"):
        raise BadRequestError("invalid request: messages is required")
    thinks = (body.get("thinking") or {}).get("type") != "disabled"
    prompt = text_of(body["messages"][-1].get("content"))
    spoken = request.compose(prompt, limit=body.get("max_tokens"), thinks=thinks)
    if not body.get("stream"):
        return json_reply(_whole(request, spoken), tokens=spoken.tokens)
    return Reply(
        tuple(_frames(request, spoken)),
        content_type="text/event-stream",
        tokens=spoken.tokens,
        streams=True,
        keepalive=b": ping\n\n",
        errors={
            "stream_error": _end({"finish_reason": "ERROR", "error": ERRORS["server_error"][1]}),
            "stream_overloaded": _end({"finish_reason": "ERROR", "error": ERRORS["overloaded"][1]}),
        },
    )


def models(request: ApiRequest) -> Reply:
    listed = [
        {"name": card.id, "endpoints": ["chat"], "is_deprecated": card.lifecycle == "deprecated"}
        for card in request.provider.models
        if card.lifecycle != "retired"
    ]
    return json_reply({"models": listed})


def refuse(request: ApiRequest, how: Refused, message: str) -> Reply:
    status, default = ERRORS[how]
    return json_reply({"id": request.id(""), "message": message or default}, status=status)


def _frames(request: ApiRequest, spoken: Spoken) -> Iterator[Frame]:
    begun = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield Frame(event({"id": request.id(""), "type": "message-start", "delta": {"message": begun}}, "message-start"))
    index = 0
    if spoken.reasoning:
        yield from _content(index, "thinking", spoken.reasoning, "reasoning")
        index += 1
    if spoken.text:
        yield from _content(index, "text", spoken.text, "text")
    yield Frame(_end({"finish_reason": FINISH[spoken.finish], "usage": usage(spoken.tokens)}))
    yield Frame(b"data: [DONE]\n\n")


def _content(index: int, kind: str, chunks: tuple[str, ...], channel: Channel) -> Iterator[Frame]:
    yield Frame(_content_event("content-start", index, {"type": kind, kind: ""}))
    for text in chunks:
        yield Frame(_content_event("content-delta", index, {kind: text}), channel)
    yield Frame(event({"type": "content-end", "index": index}, "content-end"))


def _content_event(name: str, index: int, content: Mapping[str, str]) -> bytes:
    delta = {"message": {"content": content}}
    return event({"type": name, "index": index, "delta": delta}, name)


def _end(delta: Mapping[str, Any]) -> bytes:
    return event({"type": "message-end", "delta": delta}, "message-end")


def usage(tokens: Tokens) -> dict[str, Any]:
    """Count as Cohere does; hidden tokens are billed as output."""
    counted = {"input_tokens": tokens.input, "output_tokens": tokens.output + tokens.reasoning}
    return {"billed_units": counted, "tokens": counted, "cached_tokens": tokens.cached}


def _whole(request: ApiRequest, spoken: Spoken) -> dict[str, Any]:
    content = [{"type": "thinking", "thinking": spoken.whole_reasoning}] if spoken.reasoning else []
    content += [{"type": "text", "text": spoken.whole_text}] if spoken.text else []
    return {
        "id": request.id(""),
        "finish_reason": FINISH[spoken.finish],
        "message": {"role": "assistant", "content": content},
        "usage": usage(spoken.tokens),
    }


API = Api(
    base="/v2",
    routes=(Route("POST", "/chat", "chat", chat), Route("GET", "/models", "models", models)),
    identify=by_header("authorization"),
    refuse=refuse,
)

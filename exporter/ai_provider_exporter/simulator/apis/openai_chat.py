"""Chat Completions: server-sent events without names, ended by `[DONE]`.

Source: OpenAI API reference, https://platform.openai.com/docs/api-reference/chat, read 2026-11.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ai_provider_exporter.simulator.apis import openai
from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Frame,
    Reply,
    Route,
    event,
    has_model,
    json_reply,
    text_of,
)
from ai_provider_exporter.simulator.composing import Finish, Spoken

DONE = b"data: [DONE]\n\n"
FINISH: dict[Finish, str] = {"stop": "stop", "length": "length", "filtered": "content_filter"}


def chat(request: ApiRequest) -> Reply:
    body = request.json
    if not has_model(request, body.get("model")):
        return openai.refuse(request, "model_not_found", f"The model `{body.get('model')}` does not exist.")
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    spoken = request.compose(prompt_of(body), limit=limit, thinks=body.get("reasoning_effort") != "none")
    if not body.get("stream"):
        return openai.with_headers(request, json_reply(completion(request, body, spoken), tokens=spoken.tokens))
    return openai.with_headers(request, stream(tuple(frames(request, body, spoken)), spoken))


def stream(frames: tuple[Frame, ...], spoken: Spoken) -> Reply:
    """Return the streaming reply with `frames`; the two errors are what arrives inside a 200."""
    return Reply(
        frames,
        content_type="text/event-stream; charset=utf-8",
        tokens=spoken.tokens,
        streams=True,
        keepalive=b": keep-alive\n\n",
        errors={
            "stream_error": event({"error": openai.error_object("server_error")}),
            "stream_overloaded": event({"error": openai.error_object("overloaded")}),
        },
    )


def frames(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> Iterator[Frame]:
    with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    head = _head(request, body, "chat.completion.chunk") | ({"usage": None} if with_usage else {})

    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        return event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield Frame(chunk({"role": "assistant", "content": "", "refusal": None}))
    for text in spoken.reasoning:
        yield Frame(chunk({"reasoning_content": text}), "reasoning")
    for text in spoken.text:
        yield Frame(chunk({"content": text}), "text")
    yield Frame(chunk({}, FINISH[spoken.finish]))
    if with_usage:
        yield Frame(event(head | {"choices": [], "usage": openai.usage(spoken.tokens)}))
    yield Frame(DONE)


def completion(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> dict[str, Any]:
    message = {"role": "assistant", "content": spoken.whole_text, "refusal": None}
    if spoken.reasoning:
        message["reasoning_content"] = spoken.whole_reasoning
    choice = {"index": 0, "message": message, "finish_reason": FINISH[spoken.finish]}
    return _head(request, body, "chat.completion") | {"choices": [choice], "usage": openai.usage(spoken.tokens)}


def prompt_of(body: Mapping[str, Any]) -> str:
    """Return the text of the last message.

    Raises:
        BadRequestError: there are no messages.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequestError("Missing required parameter: 'messages'.")
    return text_of(messages[-1].get("content"))


def _head(request: ApiRequest, body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {
        "id": request.id("chatcmpl-"),
        "object": kind,
        "created": int(request.unix),
        "model": body.get("model"),
        "service_tier": "default",
        "system_fingerprint": "fp_simulated",
    }


API = Api(
    base=openai.BASE,
    routes=(Route("POST", "/chat/completions", "chat", chat),),
    identify=openai.identify,
    refuse=openai.refuse,
)

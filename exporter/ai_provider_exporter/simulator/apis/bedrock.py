"""Converse of Amazon Bedrock: binary event-stream frames, ended by `messageStop` and then `metadata`.

Source: Amazon Bedrock API reference (ConverseStream) and the event stream encoding of the AWS SDKs,
https://docs.aws.amazon.com, read 2026-11.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ai_provider_exporter.simulator.apis import sigv4
from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Frame,
    Reply,
    Route,
    has_model,
    json_reply,
)
from ai_provider_exporter.simulator.composing import Finish, Spoken
from ai_provider_exporter.simulator.scenario import Refused
from ai_provider_exporter.simulator.truth import Tokens

FINISH: dict[Finish, str] = {"stop": "end_turn", "length": "max_tokens", "filtered": "content_filtered"}
STRING = 7  # the type of a header value

# status, exception, message
ERRORS: dict[Refused, tuple[int, str, str]] = {
    "key_rejected": (403, "UnrecognizedClientException", "The security token in the request is invalid."),
    "forbidden": (403, "AccessDeniedException", "You don't have access to the model with that ID."),
    "quota_exhausted": (400, "ServiceQuotaExceededException", "Your request exceeds the service quota."),
    "rate_limited": (429, "ThrottlingException", "Too many requests, please wait before trying again."),
    "throttled": (429, "ThrottlingException", "Too many requests."),
    "model_not_found": (404, "ResourceNotFoundException", "The model is not found."),
    "bad_request": (400, "ValidationException", "The request is not valid."),
    "overloaded": (503, "ServiceUnavailableException", "Bedrock is unable to process your request."),
    "server_error": (500, "InternalServerException", "An internal server error occurred."),
}


def converse(request: ApiRequest) -> Reply:
    spoken = _spoken(request)
    content: list[dict[str, Any]] = []
    if spoken.reasoning:
        content.append({"reasoningContent": {"reasoningText": {"text": spoken.whole_reasoning}}})
    if spoken.text:
        content.append({"text": spoken.whole_text})
    document = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": FINISH[spoken.finish],
        "usage": usage(spoken.tokens),
        "metrics": _metrics(request, spoken),
    }
    return _with_id(request, json_reply(document, tokens=spoken.tokens))


def converse_stream(request: ApiRequest) -> Reply:
    spoken = _spoken(request)
    reply = Reply(
        tuple(_frames(request, spoken)),
        content_type="application/vnd.amazon.eventstream",
        tokens=spoken.tokens,
        streams=True,
        errors={
            "stream_error": _exception("internalServerException", ERRORS["server_error"][2]),
            "stream_overloaded": _exception("serviceUnavailableException", ERRORS["overloaded"][2]),
        },
    )
    return _with_id(request, reply)


def refuse(request: ApiRequest, how: Refused, message: str) -> Reply:
    status, kind, default = ERRORS[how]
    headers = {"x-amzn-errortype": f"{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"}
    return _with_id(request, json_reply({"message": message or default}, status=status, headers=headers))


def message(kind: str, name: str, payload: Mapping[str, Any]) -> bytes:
    """Return one frame: lengths, a checksum of them, headers, payload, a checksum of all; big-endian."""
    body = json.dumps(payload).encode()
    headers = _header(":message-type", kind)
    headers += _header(f":{kind}-type", name) + _header(":content-type", "application/json")
    prelude = struct.pack(">II", 4 + 4 + 4 + len(headers) + len(body) + 4, len(headers))
    start = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + body
    return start + struct.pack(">I", zlib.crc32(start))


def usage(tokens: Tokens) -> dict[str, int]:
    """Count as Converse does: output tokens include the hidden ones, input is without the cached."""
    output = tokens.output + tokens.reasoning
    return {
        "inputTokens": tokens.input - tokens.cached,
        "outputTokens": output,
        "totalTokens": tokens.input + output,
        "cacheReadInputTokens": tokens.cached,
    }


def _frames(request: ApiRequest, spoken: Spoken) -> Iterator[Frame]:
    yield _event("messageStart", {"role": "assistant"})
    index = 0
    for text in spoken.reasoning:
        delta = {"reasoningContent": {"text": text}}
        frame = _event("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
        yield replace(frame, channel="reasoning")
    if spoken.reasoning:
        yield _event("contentBlockStop", {"contentBlockIndex": index})
        index = 1
    for text in spoken.text:
        frame = _event("contentBlockDelta", {"contentBlockIndex": index, "delta": {"text": text}})
        yield replace(frame, channel="text")
    if spoken.text:
        yield _event("contentBlockStop", {"contentBlockIndex": index})
    yield _event("messageStop", {"stopReason": FINISH[spoken.finish]})
    yield _event("metadata", {"usage": usage(spoken.tokens), "metrics": _metrics(request, spoken)})


def _event(name: str, payload: Mapping[str, Any]) -> Frame:
    return Frame(message("event", name, payload))


def _exception(name: str, text: str) -> bytes:
    return message("exception", name, {"message": text})


def _header(name: str, value: str) -> bytes:
    key, data = name.encode(), value.encode()
    return struct.pack(">B", len(key)) + key + struct.pack(">BH", STRING, len(data)) + data


def _metrics(request: ApiRequest, spoken: Spoken) -> dict[str, int]:
    """Say what the provider takes for its latency: what the pace wants, not what the wire made of it."""
    tokens = spoken.tokens.output + spoken.tokens.reasoning
    return {"latencyMs": round(request.tempo.until_token(tokens - 1) * 1000)}


def _spoken(request: ApiRequest) -> Spoken:
    body = request.json
    if not has_model(request, request.captured["model"]):
        raise BadRequestError("The provided model identifier is invalid.")
    if not body.get("messages"):
        raise BadRequestError("A conversation must start with a user message.")
    config = body.get("inferenceConfig") or {}
    parts = body["messages"][-1].get("content", [])
    prompt = "".join(str(part.get("text", "")) for part in parts)
    return request.compose(prompt, limit=config.get("maxTokens"))


def _with_id(request: ApiRequest, reply: Reply) -> Reply:
    headers = {"x-amzn-requestid": request.id("00000000-0000-0000-0000-", 12), **reply.headers}
    return replace(reply, headers=headers)


API = Api(
    base="",
    routes=(
        Route("POST", "/model/{model}/converse", "chat", converse),
        Route("POST", "/model/{model}/converse-stream", "chat", converse_stream),
    ),
    identify=sigv4.identify,
    refuse=refuse,
)

"""Ollama: a JSON document a line, the last one with `"done": true` and durations in nanoseconds.

Source: Ollama API documentation, https://github.com/ollama/ollama/blob/main/docs/api.md, read 2026-11.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Frame,
    Reply,
    Route,
    anybody,
    has_model,
    json_reply,
    text_of,
)
from ai_provider_exporter.simulator.clock import rfc3339
from ai_provider_exporter.simulator.composing import Finish, Spoken
from ai_provider_exporter.simulator.scenario import Refused

NANOSECONDS = 1_000_000_000
LOADING = 0.001  # seconds: the model is in memory already
# It does not filter: a filtered answer is an answer that stops before it began.
FINISH: dict[Finish, str] = {"stop": "stop", "length": "length", "filtered": "stop"}

# status, message
ERRORS: dict[Refused, tuple[int, str]] = {
    "key_rejected": (401, "unauthorized"),
    "forbidden": (403, "forbidden"),
    "quota_exhausted": (402, "you have reached your usage limit"),
    "rate_limited": (429, "too many requests"),
    "throttled": (429, "too many requests"),
    "model_not_found": (404, "model not found, try pulling it first"),
    "bad_request": (400, "invalid request"),
    "overloaded": (503, "server busy, please try again.  maximum pending requests exceeded"),
    "server_error": (500, "llama runner process has terminated"),
}


def chat(request: ApiRequest) -> Reply:
    body = request.json
    if not has_model(request, body.get("model")):
        return refuse(request, "model_not_found", f"model '{body.get('model')}' not found")
    if not body.get("messages"):
        raise BadRequestError("messages is required")
    limit = (body.get("options") or {}).get("num_predict")
    prompt = text_of(body["messages"][-1].get("content"))
    spoken = request.compose(prompt, limit=limit, thinks=body.get("think") is not False)
    if body.get("stream") is False:
        return json_reply(_line(request, body, _message(spoken)) | _ending(request, spoken), tokens=spoken.tokens)
    return Reply(
        tuple(_frames(request, body, spoken)),
        content_type="application/x-ndjson",
        tokens=spoken.tokens,
        streams=True,
        errors={
            "stream_error": _bytes({"error": ERRORS["server_error"][1]}),
            "stream_overloaded": _bytes({"error": ERRORS["overloaded"][1]}),
        },
    )


def tags(request: ApiRequest) -> Reply:
    listed = [card for card in request.provider.models if card.lifecycle != "retired"]
    return json_reply({"models": [{"name": card.id, "model": card.id, "size": 0} for card in listed]})


def version(_: ApiRequest) -> Reply:
    return json_reply({"version": "0.0.0"})


def refuse(_: ApiRequest, how: Refused, message: str) -> Reply:
    status, default = ERRORS[how]
    return json_reply({"error": message or default}, status=status)


def _frames(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> Iterator[Frame]:
    for text in spoken.reasoning:
        message = {"role": "assistant", "content": "", "thinking": text}
        yield Frame(_bytes(_line(request, body, message)), "reasoning")
    for text in spoken.text:
        yield Frame(_bytes(_line(request, body, {"role": "assistant", "content": text})), "text")
    end = _line(request, body, {"role": "assistant", "content": ""}) | _ending(request, spoken)
    yield Frame(_bytes(end))


def _line(request: ApiRequest, body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    return {"model": body.get("model"), "created_at": rfc3339(request.unix), "message": message, "done": False}


def _message(spoken: Spoken) -> dict[str, str]:
    message = {"role": "assistant", "content": spoken.whole_text}
    return message | ({"thinking": spoken.whole_reasoning} if spoken.reasoning else {})


def _ending(request: ApiRequest, spoken: Spoken) -> dict[str, Any]:
    """Count, and say what the pace wants to have taken; thinking counts as evaluation."""
    tokens = spoken.tokens.output + spoken.tokens.reasoning
    total, first = request.tempo.until_token(tokens - 1), request.tempo.until_token(0)
    return {
        "done": True,
        "done_reason": FINISH[spoken.finish],
        "total_duration": int(total * NANOSECONDS),
        "load_duration": int(LOADING * NANOSECONDS),
        "prompt_eval_count": spoken.tokens.input,
        "prompt_eval_duration": int(first * NANOSECONDS),
        "eval_count": tokens,
        "eval_duration": int((total - first) * NANOSECONDS),
    }


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"


API = Api(
    base="/api",
    routes=(
        Route("POST", "/chat", "chat", chat),
        Route("GET", "/tags", "models", tags),
        Route("GET", "/version", "models", version),
    ),
    identify=anybody,
    refuse=refuse,
)

"""Responses: named and numbered events, ended by `response.completed`, `.incomplete` or `.failed`.

Source: OpenAI API reference, https://platform.openai.com/docs/api-reference/responses, read 2026-11.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from ai_provider_exporter.simulator.apis import openai
from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Channel,
    Frame,
    Reply,
    Route,
    event,
    has_model,
    json_reply,
    text_of,
)
from ai_provider_exporter.simulator.composing import Spoken
from ai_provider_exporter.simulator.scenario import Operation, Refused
from ai_provider_exporter.simulator.server import Request
from ai_provider_exporter.simulator.truth import Tokens

LEAST_OUTPUT_TOKENS = 16


def create(request: ApiRequest) -> Reply:
    body = request.json
    if not has_model(request, body.get("model")):
        return openai.refuse(request, "model_not_found", f"The model `{body.get('model')}` does not exist.")
    limit = body.get("max_output_tokens")
    if limit is not None and limit < LEAST_OUTPUT_TOKENS:
        return openai.with_headers(request, _too_few(limit))
    thinks = (body.get("reasoning") or {}).get("effort") != "none"
    spoken = request.compose(_prompt_of(body), limit=limit, thinks=thinks)
    if body.get("background"):
        return openai.with_headers(request, _queue(request, body, spoken))
    if not body.get("stream"):
        return openai.with_headers(request, json_reply(final(request, body, spoken), tokens=spoken.tokens))
    return openai.with_headers(request, _stream(request, body, spoken))


def retrieve(request: ApiRequest) -> Reply:
    job = request.memory.get(request.captured["id"])
    return openai.with_headers(request, _progress(request, job)) if job else _not_found(request)


def cancel(request: ApiRequest) -> Reply:
    job = request.memory.get(request.captured["id"])
    if job is None:
        return _not_found(request)
    if request.unix < job["done"]:
        job |= {"done": request.unix, "last": job["first"] | {"status": "cancelled"}}
    return openai.with_headers(request, _progress(request, job))


def final(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> dict[str, Any]:
    """Return the response as it is when it has ended by itself."""
    reason = {"length": "max_output_tokens", "filtered": "content_filter"}.get(spoken.finish)
    return _response(request, body) | {
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [_reasoning_item(request, spoken)] * bool(spoken.reasoning) + [_message_item(request, spoken)],
        "usage": usage(spoken.tokens),
    }


def usage(tokens: Tokens) -> dict[str, Any]:
    """Count as Responses does: output tokens include the hidden ones, input tokens the cached."""
    output = tokens.output + tokens.reasoning
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + output,
    }


def _queue(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> Reply:
    """Take the request for later: it waits in the queue, then takes as long as an answer does.

    A failure of the answer is put into the job, for the request itself went well.
    """
    first = _response(request, body) | {"status": "queued", "background": True}
    last = final(request, body, spoken) | {"background": True}
    started = request.unix + request.tempo.queued
    done = started + request.tempo.until_token(spoken.tokens.output + spoken.tokens.reasoning - 1)
    if request.failure in ("stall", "silent", "endless"):
        done = float("inf")
    elif request.failure in ("stream_error", "stream_overloaded", "truncate", "cut", "reset"):
        overloaded = request.failure == "stream_overloaded"
        last = first | _failed("overloaded" if overloaded else "server_error")
    request.memory[first["id"]] = {"started": started, "done": done, "first": first, "last": last}
    return json_reply(first, spoilt=True)


def _progress(request: ApiRequest, job: Mapping[str, Any]) -> Reply:
    if request.unix >= job["done"]:
        return json_reply(job["last"], spoilt=True)
    status = "in_progress" if request.unix >= job["started"] else "queued"
    return json_reply(job["first"] | {"status": status}, spoilt=True)


def _failed(how: Refused) -> dict[str, Any]:
    problem = openai.error_object(how)
    code = problem["code"] or "server_error"
    return {"status": "failed", "error": {"code": code, "message": problem["message"]}}


def _stream(request: ApiRequest, body: Mapping[str, Any], spoken: Spoken) -> Reply:
    numbers = count()
    frames = tuple(
        Frame(event({"type": kind, "sequence_number": next(numbers), **fields}, kind), channel)
        for kind, fields, channel in _events(request, body, spoken)
    )
    return Reply(
        frames,
        content_type="text/event-stream; charset=utf-8",
        tokens=spoken.tokens,
        streams=True,
        keepalive=event({"type": "keepalive", "sequence_number": 0}, "keepalive"),
        errors={"stream_error": _error("server_error"), "stream_overloaded": _error("overloaded")},
    )


def _events(
    request: ApiRequest, body: Mapping[str, Any], spoken: Spoken
) -> Iterator[tuple[str, dict[str, Any], Channel]]:
    begun = _response(request, body)
    yield "response.created", {"response": begun}, ""
    yield "response.in_progress", {"response": begun}, ""
    output = 0
    if spoken.reasoning:
        yield from _reasoning(request, spoken)
        output = 1
    if spoken.text:
        yield from _message(request, spoken, output)
    ended = final(request, body, spoken)
    yield f"response.{ended['status']}", {"response": ended}, ""


def _reasoning(request: ApiRequest, spoken: Spoken) -> Iterator[tuple[str, dict[str, Any], Channel]]:
    item = _reasoning_item(request, spoken)
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    yield "response.output_item.added", {"output_index": 0, "item": item | {"content": []}}, ""
    for text in spoken.reasoning:
        yield "response.reasoning_text.delta", place | {"delta": text}, "reasoning"
    yield "response.reasoning_text.done", place | {"text": spoken.whole_reasoning}, ""
    yield "response.output_item.done", {"output_index": 0, "item": item}, ""


def _message(request: ApiRequest, spoken: Spoken, output: int) -> Iterator[tuple[str, dict[str, Any], Channel]]:
    item = _message_item(request, spoken)
    place = {"item_id": item["id"], "output_index": output, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    begun = item | {"status": "in_progress", "content": []}
    yield "response.output_item.added", {"output_index": output, "item": begun}, ""
    yield "response.content_part.added", place | {"part": part}, ""
    for text in spoken.text:
        yield "response.output_text.delta", place | {"delta": text, "logprobs": []}, "text"
    yield "response.output_text.done", place | {"text": spoken.whole_text}, ""
    yield "response.content_part.done", place | {"part": part | {"text": spoken.whole_text}}, ""
    yield "response.output_item.done", {"output_index": output, "item": item}, ""


def _message_item(request: ApiRequest, spoken: Spoken) -> dict[str, Any]:
    part = {"type": "output_text", "text": spoken.whole_text, "annotations": []}
    content = [part] if spoken.text else []
    return {
        "id": request.id("msg_"), "type": "message", "status": "completed", "role": "assistant", "content": content,
    }  # fmt: skip


def _reasoning_item(request: ApiRequest, spoken: Spoken) -> dict[str, Any]:
    content = [{"type": "reasoning_text", "text": spoken.whole_reasoning}]
    return {"id": request.id("rs_"), "type": "reasoning", "summary": [], "content": content}


def _response(request: ApiRequest, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": request.id("resp_"),
        "object": "response",
        "created_at": int(request.unix),
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": body.get("model"),
        "output": [],
        "usage": None,
    }


def _error(how: Refused) -> bytes:
    problem = openai.error_object(how)
    document = {
        "type": "error",
        "sequence_number": 0,  # where it will stand among the others is not known here
        "code": problem["code"] or "server_error",
        "message": problem["message"],
        "param": None,
    }
    return event(document, "error")


def _too_few(limit: int) -> Reply:
    message = f"Invalid 'max_output_tokens': expected a value >= {LEAST_OUTPUT_TOKENS}, but got {limit}."
    problem = openai.error_object("bad_request", message)
    problem |= {"param": "max_output_tokens", "code": "integer_below_min_value"}
    return json_reply({"error": problem}, status=400)


def _not_found(request: ApiRequest) -> Reply:
    message = f"Response with id '{request.captured['id']}' not found."
    problem = openai.error_object("bad_request", message)
    return openai.with_headers(request, json_reply({"error": problem}, status=404))


def _prompt_of(body: Mapping[str, Any]) -> str:
    given = body.get("input")
    if not given:
        raise BadRequestError("Missing required parameter: 'input'.")
    return text_of(given[-1].get("content")) if isinstance(given, list) else str(given)


def operation_of(request: Request) -> Operation:
    try:
        body = json.loads(request.body)
    except ValueError:
        return "chat"
    return "responses_background" if isinstance(body, dict) and body.get("background") else "chat"


API = Api(
    base=openai.BASE,
    routes=(
        Route("POST", "/responses", operation_of, create),
        Route("GET", "/responses/{id}", "responses_background", retrieve),
        Route("POST", "/responses/{id}/cancel", "responses_background", cancel),
    ),
    identify=openai.identify,
    refuse=openai.refuse,
)

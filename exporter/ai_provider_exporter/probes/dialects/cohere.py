"""Cohere's Chat, version 2: SSE of typed events that end with `message-end`.

https://docs.cohere.com/v2/docs/streaming (2026-11-22). Tokens are as billed where both counts are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, Event, ModelRequest
from ai_provider_exporter.probes.dialects.sse import SseStream
from ai_provider_exporter.probes.json_fields import amount, items, label, mapping, text

AUTH: AuthStyle = "bearer"


def build_request(request: ModelRequest) -> Call:
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": "user", "content": request.prompt}],
        "max_tokens": request.max_output_tokens,
        "stream": True,
    }
    if request.reasoning:
        body["thinking"] = {"type": "disabled" if request.reasoning in {"none", "disabled"} else "enabled"}
    return base.call(request, "/chat", body)


class Stream(SseStream):
    END = "message-end"

    def _take(self, document: dict[str, Any]) -> Iterator[Event]:
        kind, delta = text(document.get("type")), mapping(document.get("delta"))
        if delta.get("error"):
            raise blame.in_stream(delta)
        if kind == "message-end":
            self._finish(delta)
            self.ended = True
        else:
            yield from _message(mapping(delta.get("message")))

    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]:
        if "message" not in document or "finish_reason" not in document:
            raise Failure("malformed_response", "a JSON object that is no chat answer where one was due")
        self._finish(document)
        message = mapping(document.get("message"))
        for part in items(message.get("content")):
            yield from _part(part)

    def _finish(self, delta: dict[str, Any]) -> None:
        self.metadata.finish = label(delta.get("finish_reason"))
        usage = mapping(delta.get("usage"))
        tokens = mapping(usage.get("tokens")) | mapping(usage.get("billed_units"))
        self.metadata.count(
            input=_whole_number(tokens.get("input_tokens")), output=_whole_number(tokens.get("output_tokens"))
        )


def _message(message: dict[str, Any]) -> Iterator[Event]:
    content = message.get("content")
    yield from _part(mapping(content))
    yield Event("reasoning", text(message.get("tool_plan")))
    function = mapping(mapping(message.get("tool_calls")).get("function"))
    yield Event("tool", text(function.get("name")) + text(function.get("arguments")))


def _part(part: dict[str, Any]) -> Iterator[Event]:
    yield Event("reasoning", text(part.get("thinking")))
    yield Event("answer", text(part.get("text")))


def _whole_number(value: Any) -> int | None:
    """Cohere counts in floats."""
    number = amount(value)
    return None if number is None else round(number)

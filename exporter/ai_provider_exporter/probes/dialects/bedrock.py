"""AWS Bedrock's ConverseStream: an AWS event stream that ends with `messageStop` and then `metadata`.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html (2026-11-22). How a model is
made to reason differs from model to model there, so `quirks.body` sets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, Event, ModelRequest
from ai_provider_exporter.probes.dialects.base import (
    Stream as BaseStream,
)
from ai_provider_exporter.probes.json_fields import add, amount, count, items, label, mapping, parse, text
from ai_provider_exporter.wire import BadFrame, EventStreamMessage, EventStreamReader, FrameTooLarge

AUTH: AuthStyle = "bearer"


def build_request(request: ModelRequest) -> Call:
    body = {
        "messages": [{"role": "user", "content": [{"text": request.prompt}]}],
        "inferenceConfig": {"maxTokens": request.max_output_tokens},
    }
    return base.call(request, "/model/{model}/converse-stream", body, {"accept": "application/vnd.amazon.eventstream"})


class Stream(BaseStream):
    END = "messageStop"

    def __init__(self, quirks: base.Quirks | None = None) -> None:
        super().__init__(quirks)
        self._reader = EventStreamReader()

    def _documents(self, data: bytes) -> Iterator[EventStreamMessage]:
        try:
            messages = self._reader.feed(data)
        except (FrameTooLarge, BadFrame) as error:
            raise Failure("malformed_response", str(error)) from None
        yield from (message for message in messages if not self.ended)

    def _take(self, document: EventStreamMessage) -> Iterator[Event]:
        headers = document.headers
        payload = parse(document.payload) if document.payload else {}
        if headers.get(":message-type") in {"exception", "error"}:
            kind = headers.get(":exception-type") or headers.get(":error-code")
            message = payload.get("message") or headers.get(":error-message")
            raise blame.in_stream({"error": {"type": str(kind), "message": message}})
        kind = headers.get(":event-type")
        if kind == "contentBlockDelta":
            yield from _content(mapping(payload.get("delta")))
        elif kind == "messageStop":
            self.metadata.finish = label(payload.get("stopReason"))
        elif kind == "metadata":
            self._about(payload)
            self.ended = bool(self.metadata.finish)

    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]:
        if "output" not in document or "stopReason" not in document:
            raise Failure("malformed_response", "a JSON object without output where an answer was due")
        self.metadata.finish = label(document.get("stopReason"))
        self._about(document)
        for block in items(mapping(mapping(document.get("output")).get("message")).get("content")):
            yield from _content(block)

    def _about(self, document: dict[str, Any]) -> None:
        usage = mapping(document.get("usage"))
        cached = count(usage.get("cacheReadInputTokens"))
        written = count(usage.get("cacheWriteInputTokens"))
        self.metadata.count(
            input=add(count(usage.get("inputTokens")), cached, written),
            output=count(usage.get("outputTokens")),
            cached=cached,
        )
        latency = amount(mapping(document.get("metrics")).get("latencyMs"))
        if latency is not None:
            self.metadata.server_reported["bedrock"] = latency / 1000


def _content(block: dict[str, Any]) -> Iterator[Event]:
    reasoning = mapping(block.get("reasoningContent"))
    yield Event("reasoning", text(reasoning.get("text")) or text(mapping(reasoning.get("reasoningText")).get("text")))
    yield Event("answer", text(block.get("text")))
    tool = mapping(block.get("toolUse"))
    yield Event("tool", text(tool.get("name")) + text(tool.get("input")))

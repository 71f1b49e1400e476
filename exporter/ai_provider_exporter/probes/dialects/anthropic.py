"""Anthropic's Messages: SSE of typed events that end with `message_stop`; pings come at any time.

https://docs.anthropic.com/en/docs/build-with-claude/streaming (2026-11-22). Vertex AI carries the same stream: there
`quirks` give the path, take the model out of the body and put `anthropic_version` in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, Event, ModelRequest
from ai_provider_exporter.probes.dialects.sse import SseStream
from ai_provider_exporter.probes.json_fields import add, count, items, label, mapping, text

AUTH: AuthStyle = "x-api-key"
_VERSION = "2023-06-01"


def build_request(request: ModelRequest) -> Call:
    """No sampling parameters: newer versions of the API refuse them even at their defaults."""
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_output_tokens,
        "messages": [{"role": "user", "content": request.prompt}],
        "stream": True,
        **_thinking(request.reasoning),
    }
    return base.call(request, "/messages", body, version(request.api_version))


def version(api_version: str) -> dict[str, str]:
    """The header that every call needs."""
    return {"anthropic-version": api_version or _VERSION}


def _thinking(effort: str) -> dict[str, Any]:
    if not effort:
        return {}
    if effort in {"none", "disabled"}:
        return {"thinking": {"type": "disabled"}}
    return {"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}}


class Stream(SseStream):
    END = "message_stop"

    def __init__(self, quirks: base.Quirks | None = None) -> None:
        super().__init__(quirks)
        self._usage: dict[str, Any] = {}

    def _take(self, document: dict[str, Any]) -> Iterator[Event]:
        kind = document.get("type")
        if kind == "message_start":
            self._about(mapping(document.get("message")))
        elif kind == "content_block_start":
            yield from _block(mapping(document.get("content_block")))
        elif kind == "content_block_delta":
            yield from _delta(mapping(document.get("delta")))
        elif kind == "message_delta":
            self._about(mapping(document.get("delta")) | {"usage": document.get("usage")})
        elif kind == "message_stop":
            self.ended = True

    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]:
        if document.get("type") != "message":
            raise Failure("malformed_response", "a JSON object that is no message where one was due")
        self._about(document)
        for block in items(document.get("content")):
            yield from _block(block)

    def _about(self, message: dict[str, Any]) -> None:
        """Counts are cumulative, and those of the input may come at the start or at the end."""
        self.metadata.response_model = label(message.get("model")) or self.metadata.response_model
        self.metadata.finish = label(message.get("stop_reason")) or self.metadata.finish
        self._usage |= {key: value for key, value in mapping(message.get("usage")).items() if value is not None}
        cached = count(self._usage.get("cache_read_input_tokens"))
        written = count(self._usage.get("cache_creation_input_tokens"))
        self.metadata.count(
            input=add(count(self._usage.get("input_tokens")), written, cached),
            output=count(self._usage.get("output_tokens")),
            reasoning=count(mapping(self._usage.get("output_tokens_details")).get("thinking_tokens")),
            cached=cached,
        )


def _block(block: dict[str, Any]) -> Iterator[Event]:
    yield Event("answer", text(block.get("text")))
    yield Event("reasoning", text(block.get("thinking")))
    yield Event("tool", text(block.get("name")))


def _delta(delta: dict[str, Any]) -> Iterator[Event]:
    yield Event("answer", text(delta.get("text")))
    yield Event("reasoning", text(delta.get("thinking")))
    yield Event("tool", text(delta.get("partial_json")))

"""OpenAI's Responses: SSE of typed events that end with `response.completed`, and no `[DONE]`.

https://platform.openai.com/docs/api-reference/responses-streaming (2026-08-21). Perplexity speaks it too. Types that
are not named below are passed over: new ones appear without notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, Channel, Event, ModelRequest
from ai_provider_exporter.probes.dialects.sse import SseStream
from ai_provider_exporter.probes.json_fields import amount, count, items, label, mapping, text

AUTH: AuthStyle = "bearer"

_DELTAS: dict[str, Channel] = {
    "response.output_text.delta": "answer",
    "response.reasoning_text.delta": "reasoning",
    "response.reasoning_summary_text.delta": "reasoning",
    "response.function_call_arguments.delta": "tool",
}
_PARTS: dict[str, Channel] = {"output_text": "answer", "reasoning_text": "reasoning", "summary_text": "reasoning"}
TERMINAL = {"completed", "incomplete", "failed", "cancelled"}


def build_request(request: ModelRequest) -> Call:
    return base.azure_versioned(
        base.call(request, "/responses", request_body(request) | {"stream": True}), request.api_version
    )


def request_body(request: ModelRequest) -> dict[str, Any]:
    """The body without a word about streaming. Nothing of a probe is worth storing."""
    body: dict[str, Any] = {
        "model": request.model,
        "input": request.prompt,
        "max_output_tokens": request.max_output_tokens,
    }
    body["store"] = False
    if request.reasoning:
        body["reasoning"] = {"effort": request.reasoning}
    return body


class Stream(SseStream):
    END = "response.completed"

    def _take(self, document: dict[str, Any]) -> Iterator[Event]:
        kind = text(document.get("type"))
        if kind in _DELTAS:
            yield Event(_DELTAS[kind], text(document.get("delta")))
        elif kind == "response.refusal.delta":
            self.metadata.finish = "refusal"
        elif kind.removeprefix("response.") in TERMINAL:
            self._finish(mapping(document.get("response")))

    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]:
        if text(document.get("status")) not in TERMINAL:
            raise Failure("malformed_response", "a JSON object that is no finished response where one was due")
        self._finish(document)
        for item in items(document.get("output")):
            for part in [*items(item.get("content")), *items(item.get("summary"))]:
                if part.get("type") == "refusal":
                    self.metadata.finish = "refusal"
                yield Event(_PARTS.get(text(part.get("type")), "tool"), text(part.get("text")))
            yield Event("tool", text(item.get("arguments")))

    def _finish(self, response: dict[str, Any]) -> None:
        self._about(response)
        if response.get("error"):
            raise blame.in_stream({"error": response["error"]})
        if response.get("status") == "failed":
            raise Failure("stream_error", "the provider says that the response failed, and not why")
        reason = label(mapping(response.get("incomplete_details")).get("reason"))
        if self.metadata.finish != "refusal":
            self.metadata.finish = reason or label(response.get("status"))
        self.ended = True

    def _about(self, response: dict[str, Any]) -> None:
        self.metadata.response_model = label(response.get("model"))
        usage = mapping(response.get("usage"))
        self.metadata.count(
            input=count(usage.get("input_tokens")),
            output=count(usage.get("output_tokens")),
            reasoning=count(mapping(usage.get("output_tokens_details")).get("reasoning_tokens")),
            cached=count(mapping(usage.get("input_tokens_details")).get("cached_tokens")),
        )
        self.metadata.cost_usd = amount(mapping(usage.get("cost")).get("total_cost"))

"""OpenAI's Chat Completions as OpenAI, Azure and many others stream them: SSE of JSON chunks, then `[DONE]`.

https://platform.openai.com/docs/api-reference/chat-streaming (2026-08-21) and the documentation of the
providers that follow it. A token is any delta with text, reasoning or a tool call; the first chunk with a
role only, chunks without choices (Azure's prompt filter, the usage) and comments are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, Event, ModelRequest
from ai_provider_exporter.probes.dialects.sse import SseStream
from ai_provider_exporter.probes.json_fields import add, amount, count, items, label, mapping, text

AUTH: AuthStyle = "bearer"

# What usage (Groq) and metrics (vLLM) say about time: field -> source, seconds per unit.
_SERVER_TIMES: dict[str, tuple[str, float]] = {
    "queue_time": ("queue", 1.0),
    "prompt_time": ("prompt", 1.0),
    "completion_time": ("completion", 1.0),
    "total_time": ("total", 1.0),
    "queue_time_ms": ("queue", 0.001),
    "time_to_first_token_ms": ("first_token", 0.001),
}

_ONCE = {"usage", "metrics", "x_groq"}  # keys that few chunks of a stream have


def build_request(request: ModelRequest) -> Call:
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": "user", "content": request.prompt}],
        request.quirks.max_tokens_field: request.max_output_tokens,
        "stream": True,
    }
    if not request.quirks.no_stream_options:
        body["stream_options"] = {"include_usage": True}
    if request.reasoning:
        body["reasoning_effort"] = request.reasoning
    return base.azure_versioned(base.call(request, "/chat/completions", body), request.api_version)


class Stream(SseStream):
    END = "[DONE]"
    DONE_ENDS = True

    def _take(self, document: dict[str, Any]) -> Iterator[Event]:
        self._about(document)
        if groq_error := mapping(document.get("x_groq")).get("error"):
            raise blame.in_stream({"error": groq_error})
        for choice in items(document.get("choices")):
            if choice.get("error"):  # OpenRouter
                raise blame.in_stream({"error": choice["error"]})
            yield from self._delta(choice, mapping(choice.get("delta")) or mapping(choice.get("message")))

    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]:
        if "choices" not in document:
            raise Failure("malformed_response", "a JSON object without choices where a completion was due")
        yield from self._take(document)

    def _delta(self, choice: dict[str, Any], delta: dict[str, Any]) -> Iterator[Event]:
        finish = "refusal" if text(delta.get("refusal")) else label(choice.get("finish_reason"))
        if finish and self.metadata.finish != "refusal":  # a refusal finishes with a mere "stop"
            self.metadata.finish = finish
        if reasoning := text(delta.get("reasoning_content")) or text(delta.get("reasoning")):
            yield Event("reasoning", reasoning)
        if content := delta.get("content"):
            yield from _content(content)
        for tool in items(delta.get("tool_calls")):
            function = mapping(tool.get("function"))
            yield Event("tool", text(function.get("name")) + text(function.get("arguments")))

    def _about(self, document: dict[str, Any]) -> None:
        metadata = self.metadata
        metadata.response_model = label(document.get("model")) or metadata.response_model
        metadata.fingerprint = label(document.get("system_fingerprint")) or metadata.fingerprint
        if not document.keys().isdisjoint(_ONCE):
            for holder in (mapping(document.get("x_groq")), document):
                if usage := mapping(holder.get("usage")):
                    self._usage(usage)
            self._times(mapping(document.get("metrics")))

    def _usage(self, usage: dict[str, Any]) -> None:
        output = count(usage.get("completion_tokens"))
        reasoning = count(mapping(usage.get("completion_tokens_details")).get("reasoning_tokens"))
        cached = count(mapping(usage.get("prompt_tokens_details")).get("cached_tokens"))
        self.metadata.count(
            input=count(usage.get("prompt_tokens")),
            output=add(output, reasoning) if self.quirks.output_excludes_reasoning else output,
            reasoning=reasoning,
            cached=count(usage.get("prompt_cache_hit_tokens")) if cached is None else cached,
        )
        cost = usage.get("cost")
        self.metadata.cost_usd = amount(cost.get("total_cost") if isinstance(cost, dict) else cost)
        self._times(usage)
        self._times(mapping(usage.get("metrics")))

    def _times(self, holder: dict[str, Any]) -> None:
        for name, (source, unit) in _SERVER_TIMES.items():
            seconds = amount(holder.get(name))
            if seconds is not None:
                self.metadata.server_reported[source] = seconds * unit


def _content(content: Any) -> Iterator[Event]:
    """Content is text, or a list of typed parts (Mistral's models that think)."""
    if isinstance(content, str):
        yield Event("answer", content)
        return
    for part in items(content):
        if part.get("type") == "thinking":
            inner = part.get("thinking")
            thought = text(inner) or "".join(text(piece.get("text")) for piece in items(inner))
            yield Event("reasoning", thought)
        else:
            yield Event("answer", text(part.get("text")))

"""Google's Gemini, at its own API and on Vertex AI: SSE without an end marker; the end of the body is the end.

https://ai.google.dev/api/generate-content (2026-11-22). On Vertex AI only the base URL differs, which there ends in
`/publishers/google`. An error may come as a document, or as bare JSON that is no event at all,
also after a `finishReason`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, Event, ModelRequest
from ai_provider_exporter.probes.dialects.sse import SseStream
from ai_provider_exporter.probes.json_fields import add, count, items, label, mapping, text
from ai_provider_exporter.probes.redaction import redacted_line

AUTH: AuthStyle = "x-goog-api-key"  # never `?key=`, which ends up in logs


def build_request(request: ModelRequest) -> Call:
    config: dict[str, Any] = {"maxOutputTokens": request.max_output_tokens, **_thinking(request.reasoning)}
    body = {"contents": [{"role": "user", "parts": [{"text": request.prompt}]}], "generationConfig": config}
    return base.call(request, "/models/{model}:streamGenerateContent?alt=sse", body)


def _thinking(effort: str) -> dict[str, Any]:
    """2.5 models take a budget, which may be none; 3.x models take a level, of which `minimal` is the least."""
    if not effort:
        return {}
    off = effort in {"none", "disabled"}
    return {"thinkingConfig": {"thinkingBudget": 0} if off else {"thinkingLevel": effort}}


class Stream(SseStream):
    END = "a finishReason"

    def _take(self, document: dict[str, Any]) -> Iterator[Event]:
        blocked = text(mapping(document.get("promptFeedback")).get("blockReason"))
        if blocked:
            raise Failure("content_filtered", f"the provider refused the prompt: {redacted_line(blocked)}")
        self._about(document)
        for candidate in items(document.get("candidates")):
            for part in items(mapping(candidate.get("content")).get("parts")):
                yield Event("reasoning" if part.get("thought") is True else "answer", text(part.get("text")))
                yield Event("tool", text(mapping(part.get("functionCall")).get("name")))
            if finish := label(candidate.get("finishReason")):
                self.metadata.finish = finish  # the last one counts: some models send one with each chunk

    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]:
        if not document.keys() & {"candidates", "promptFeedback", "error"}:
            raise Failure("malformed_response", "a JSON object without candidates where an answer was due")
        yield from self._take(document)

    def _about(self, document: dict[str, Any]) -> None:
        self.metadata.response_model = label(document.get("modelVersion")) or self.metadata.response_model
        usage = mapping(document.get("usageMetadata"))
        thoughts = count(usage.get("thoughtsTokenCount"))
        self.metadata.count(
            input=add(count(usage.get("promptTokenCount")), count(usage.get("toolUsePromptTokenCount"))),
            output=add(count(usage.get("candidatesTokenCount")), thoughts),
            reasoning=thoughts,
            cached=count(usage.get("cachedContentTokenCount")),
        )

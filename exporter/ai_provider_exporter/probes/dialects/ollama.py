"""Ollama's chat: one JSON object a line, the last with `done: true`.

https://github.com/ollama/ollama/blob/main/docs/api.md (2026-11-22). Durations are nanoseconds; `load` is the time in
which the model came into memory, which makes a cold first token slow without anybody's fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, Event, ModelRequest
from ai_provider_exporter.probes.dialects.base import (
    Stream as BaseStream,
)
from ai_provider_exporter.probes.json_fields import amount, count, items, label, mapping, parse, text
from ai_provider_exporter.wire import FrameTooLarge, NdjsonReader

AUTH: AuthStyle = "bearer"

_SERVER_TIMES = {
    "total_duration": "total",
    "load_duration": "load",
    "prompt_eval_duration": "prompt",
    "eval_duration": "completion",
}


def build_request(request: ModelRequest) -> Call:
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": "user", "content": request.prompt}],
        "stream": True,
        "options": {"num_predict": request.max_output_tokens},
    }
    if request.reasoning:
        body["think"] = False if request.reasoning in {"none", "disabled"} else request.reasoning
    return base.call(request, "/api/chat", body)


class Stream(BaseStream):
    END = "done: true"
    JSON_IS_STREAMED = True

    def __init__(self, quirks: base.Quirks | None = None) -> None:
        super().__init__(quirks)
        self._reader = NdjsonReader()
        self._has_line = False

    def _last_documents(self) -> Iterator[dict[str, Any]]:
        """The last line, if it lacks nothing but its end; one that is all there is was never a line of ours."""
        is_whole = self._reader.rest.rstrip().endswith(b"}")
        return self._documents(b"\n") if is_whole or not self._has_line else iter(())

    def _documents(self, data: bytes) -> Iterator[dict[str, Any]]:
        try:
            lines = self._reader.feed(data)
        except FrameTooLarge as error:
            raise Failure("malformed_response", str(error)) from None
        for line in lines:
            if self.ended:
                return
            self._has_line = True
            yield parse(line)

    def _take(self, document: dict[str, Any]) -> Iterator[Event]:
        message = mapping(document.get("message"))
        yield Event("reasoning", text(message.get("thinking")))
        yield Event("answer", text(message.get("content")))
        for tool in items(message.get("tool_calls")):
            yield Event("tool", text(mapping(tool.get("function")).get("name")))
        if document.get("done") is True:
            self._finish(document)

    def _take_whole(self, document: dict[str, Any]) -> Iterator[Event]:
        if "message" not in document and "error" not in document:
            raise Failure("malformed_response", "a JSON object without a message where an answer was due")
        yield from self._take(document)

    def _finish(self, document: dict[str, Any]) -> None:
        self.ended = True
        self.metadata.finish = label(document.get("done_reason"))
        self.metadata.response_model = label(document.get("model"))
        self.metadata.count(input=count(document.get("prompt_eval_count")), output=count(document.get("eval_count")))
        for field, source in _SERVER_TIMES.items():
            nanoseconds = amount(document.get(field), most=1e18)
            if nanoseconds is not None:
                self.metadata.server_reported[source] = nanoseconds / 1e9

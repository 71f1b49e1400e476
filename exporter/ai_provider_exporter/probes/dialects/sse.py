"""Streams of JSON documents in server-sent events, the framing of most dialects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.dialects.base import Quirks, Stream
from ai_provider_exporter.probes.json_fields import parse
from ai_provider_exporter.wire import FrameTooLarge, SseReader


class SseStream(Stream):
    """`[DONE]` is no document anywhere; it ends an answer where `DONE_ENDS`. Nothing is read after an end."""

    CONTENT_TYPES: ClassVar = frozenset({"text/event-stream"})
    DONE_ENDS: ClassVar[bool] = False

    def __init__(self, quirks: Quirks | None = None) -> None:
        super().__init__(quirks)
        self._reader = SseReader()

    def _documents(self, data: bytes) -> Iterator[dict[str, Any]]:
        try:
            events = self._reader.feed(data)
        except FrameTooLarge as error:
            raise Failure("malformed_response", str(error)) from None
        for event in events:
            if self.ended:
                return
            if event.data.strip() == b"[DONE]":
                self.ended = self.DONE_ENDS
            elif event.data:
                yield parse(event.data)

"""Streams of JSON documents in server-sent events, the framing of most dialects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, ClassVar

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.dialects.base import BLANK, Quirks, Stream
from ai_provider_exporter.probes.json_fields import parse, parse_all
from ai_provider_exporter.probes.redaction import snippet
from ai_provider_exporter.wire import FrameTooLarge, SseReader
from ai_provider_exporter.wire.sse import SseEvent

_ERROR_EVENTS = {"error", "exception"}
_SHORTEST_SENTENCE = 8  # a shorter rest is a field that the end has cut


class SseStream(Stream):
    """`[DONE]` is no document anywhere; it ends an answer where `DONE_ENDS`. Nothing is read after an end."""

    DONE_ENDS: ClassVar[bool] = False

    def __init__(self, quirks: Quirks | None = None) -> None:
        super().__init__(quirks)
        self._reader = SseReader()

    def _documents(self, data: bytes) -> Iterator[dict[str, Any]]:
        try:
            events = self._reader.feed(data)
        except FrameTooLarge as error:
            raise Failure("malformed_response", str(error)) from None
        return self._parsed(events)

    def _parsed(self, events: Iterable[SseEvent]) -> Iterator[dict[str, Any]]:
        for event in events:
            data = event.data.strip()
            if self.ended:
                return
            if data == b"[DONE]":
                self.ended = self.DONE_ENDS
            elif data:
                yield _document(event.event, data)

    def _last_documents(self) -> Iterator[dict[str, Any]]:
        """The event that no blank line has ended, if it is whole; then errors that are no event at all."""
        try:
            yield from self._parsed(self._reader.feed(b"\n\n"))
        except FrameTooLarge as error:
            raise Failure("malformed_response", str(error)) from None
        except Failure as failure:
            if failure.reason != "malformed_response":  # that is an event which the end has cut
                raise
        unframed = self._reader.rest.strip(BLANK)
        if unframed.startswith((b"{", b"[")):
            with suppress(Failure):
                yield from parse_all(unframed)
        elif len(unframed) >= _SHORTEST_SENTENCE and not (self.ended or self.metadata.finish):
            raise blame.in_stream(snippet(unframed))


def _document(event: str, data: bytes) -> dict[str, Any]:
    """The JSON of an event. An event called an error is one, whatever it holds, and so is text where JSON is due."""
    is_json = data.startswith(b"{") or not data[1:2].isalpha()
    if event in _ERROR_EVENTS or not is_json:
        raise blame.in_stream(_parsed_or_text(data))
    return parse(data)


def _parsed_or_text(data: bytes) -> Any:
    with suppress(Failure):
        return parse(data)
    return snippet(data)

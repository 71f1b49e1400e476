"""Turns stamped tokens into what a chat measures."""

from __future__ import annotations

from collections.abc import Sequence

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.probes.dialects.base import Event, ResponseMetadata

# Below these a time per token is noise: three tokens in one packet have no time between them.
MIN_TOKENS = 32
MIN_CHUNKS = 4
_MAX_TEXT = 16 * 1024


class TokenTiming:
    """`reasons`: reasoning was asked for, so the first answer is another moment than the first token."""

    def __init__(self, measurement: Measurement, *, reasons: bool) -> None:
        self._measurement = measurement
        self._reasons = reasons
        self._reasons_aloud = False
        self._last = 0.0
        self._chunks = 0
        self._first_answer: float | None = None
        self._text = bytearray()  # a list of words would hold fifty bytes for each letter of a flood

    @property
    def text(self) -> str:
        """The visible answer; what goes beyond 16 Ki letters is forgotten."""
        return self._text.decode(errors="surrogatepass")

    def tokens(self, events: Sequence[Event], at: float) -> bool:
        """Take the tokens of one chunk that came at `at`; tells whether there were any."""
        if not events:
            return False
        if self._measurement.first_token is None:
            self._measurement.first_token = at
            self._measurement.enter("stream", at)
        else:
            self.gap(at)
        self._last = at
        self._chunks += 1
        for event in events:
            self._hear(event, at)
        return True

    def gap(self, at: float) -> None:
        """Nothing came between the last tokens and `at`."""
        if self._chunks:
            longest = self._measurement.longest_stall_seconds or 0.0
            self._measurement.longest_stall_seconds = max(longest, at - self._last)

    def settle(self, metadata: ResponseMetadata) -> None:
        """Write down what needs the whole answer, or as much of it as there was."""
        if self._reasons or self._reasons_aloud:
            self._measurement.first_answer = self._first_answer
        self._pace(metadata)

    def _hear(self, event: Event, at: float) -> None:
        if event.channel == "reasoning":
            self._reasons_aloud = True
            return
        if self._first_answer is None:
            self._first_answer = at
        if event.channel == "answer" and len(self._text) < _MAX_TEXT:
            self._text += event.text.encode(errors="surrogatepass")

    def _pace(self, metadata: ResponseMetadata) -> None:
        """Tokens come from the provider's usage, never from counting chunks, which hold any number of them."""
        tokens = metadata.tokens.get("output", 0)
        if not self._reasons_aloud:
            tokens -= metadata.tokens.get("reasoning", 0)  # made before the first token that we saw
        first = self._measurement.first_token
        if first is None or tokens < MIN_TOKENS or self._chunks < MIN_CHUNKS or self._last <= first:
            return
        self._measurement.time_per_output_token_seconds = (self._last - first) / (tokens - 1)
        self._measurement.output_tokens_per_second = (tokens - 1) / (self._last - first)

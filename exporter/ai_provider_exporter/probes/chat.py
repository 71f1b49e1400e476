"""A canary in a chat: ask for one word, measure it token by token, judge it."""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter
from typing import Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.content_encoding import Decoder
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.probes.dialects.base import BLANK
from ai_provider_exporter.probes.options import Timeouts
from ai_provider_exporter.probes.prompt import PromptOptions
from ai_provider_exporter.probes.token_timing import TokenTiming
from ai_provider_exporter.schema.types import format_duration

log = logging.getLogger(__name__)

# Bytes that are parsed without letting others run: where events are small it takes 5 ms. 256 KiB may come at once.
_PIECE = 16 * 1024


class ChatOptions(PromptOptions):
    kind: Literal["chat"] = "chat"
    timeouts: Timeouts = Field(default=Timeouts(), description="limits within `timeout`")

    @model_validator(mode="after")
    def _effort_can_be_said(self) -> Self:
        if self.dialect == "bedrock" and self.effort:
            raise ValueError(
                "reasoning has no common spelling on bedrock; "
                "write quirks: {body: {additionalModelRequestFields: {...}}} as your model wants it"
            )
        return self

    @property
    def reasons(self) -> bool:
        return self.effort not in {"", "none", "disabled"}


OPTIONS = ChatOptions


async def run(options: ChatOptions, context: ProbeContext, measurement: Measurement) -> None:
    dialect = DIALECTS[options.dialect]
    request = await api.signed_request(
        options, dialect.build_request(options.model_request(context.nonce())), context, measurement
    )
    canary = _Canary(options, context, measurement)
    try:
        async with (
            asyncio.timeout(options.timeouts.first_token) as limit,
            api.exchange(options, request, context, measurement) as response,
        ):
            await canary.read(response, limit)
    except TimeoutError:
        if limit.expired():
            raise canary.timed_out() from None
        raise


class _Canary:
    """One answer, read token by token."""

    def __init__(self, options: ChatOptions, context: ProbeContext, measurement: Measurement) -> None:
        self._options = options
        self._context = context
        self._measurement = measurement
        self._stream = DIALECTS[options.dialect].Stream(options.quirks)
        self._timing = TokenTiming(measurement, reasons=options.reasons)
        self._begun = False

    async def read(self, response: wire.Response, limit: asyncio.Timeout) -> None:
        """Read the answer to its end and judge it; however it ends, what was measured is kept."""
        try:
            await self._follow(response, limit)
            self._stream.close()
            if self._stream.metadata.unknown_finish:
                log.warning(
                    "probe %s: the finish reason %s is not known; the run counts as a success",
                    self._options.name,
                    self._stream.metadata.unknown_finish,
                )
        finally:
            self._timing.settle(self._stream.metadata)
            api.settle(self._options, self._context, self._stream.metadata, self._measurement)
        if self._options.expected is not None:
            self._measurement.answer_correct = self._options.expected in self._timing.text

    async def _follow(self, response: wire.Response, limit: asyncio.Timeout) -> None:
        """Read up to the end marker or the end; from the first token on, only a token renews `limit`."""
        self._measurement.enter("first_token", response.headers_at)
        decoder = Decoder(response.headers, api.MAX_STREAM_BYTES)
        at = response.headers_at
        async for chunk in response.chunks():
            at = chunk.at
            data = decoder.feed(chunk.data)
            del chunk  # a quarter of a mebibyte: nothing holds it while the next one comes in
            self._check_begin(response, data)
            for start in range(0, len(data), _PIECE):
                if start:
                    await asyncio.sleep(0)
                if self._timing.tokens(self._stream.feed(data[start : start + _PIECE]), at):
                    limit.reschedule(asyncio.get_running_loop().time() + self._options.timeouts.stall)
                if self._stream.ended:
                    self._measurement.end(at)
                    return
            del data
        decoder.close()
        self._check_begin(response, b"", at_end=True)
        self._timing.tokens(self._stream.flush(), at)
        self._measurement.end(at)

    def _check_begin(self, response: wire.Response, data: bytes, *, at_end: bool = False) -> None:
        """A web page is no answer: told by how the body begins, and by its content type where that says nothing.

        Raises:
            Failure: unexpected_content_type.
        """
        head = data.lstrip(BLANK)
        if self._begun or not (head or at_end):
            return
        self._begun = True
        is_stream = head.startswith((b"data:", b"event:", b":", b"{", b"[", b"id:", b"retry:"))
        if head.startswith(b"<") or ("html" in api.content_type(response) and not is_stream):
            raise api.wrong_type(response, "a stream")

    def timed_out(self) -> Exception:
        """Before the first token the phase says what was waited for; the runner knows its reason."""
        limits, phase = self._options.timeouts, self._measurement.phase
        if phase == "stream":
            self._timing.gap(perf_counter())
            return Failure("stream_stalled", f"tokens began, then none for {format_duration(limits.stall)}")
        waited = format_duration(limits.first_token or 0.0)
        return TimeoutError(f"no token within timeouts.first_token ({waited}), in phase {phase}")

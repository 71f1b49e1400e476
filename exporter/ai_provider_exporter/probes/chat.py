"""A canary in a chat: ask for one word, watch it come token by token, judge it."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.dialects import DIALECTS
from ai_provider_exporter.dialects.base import Ask, Stream
from ai_provider_exporter.faults import Failure
from ai_provider_exporter.measurement import Measurement
from ai_provider_exporter.options import format_duration
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.options import ENVELOPE_TOKENS, ApiOptions, Expect, Timeouts
from ai_provider_exporter.probes.tools import Tools
from ai_provider_exporter.probes.watch import Watch

DEFAULT_PROMPT = "Reply with exactly: OK"


class ChatOptions(ApiOptions):
    """`prompt` gets a nonce at its end, so that no cache answers it. The default prompt expects OK."""

    CHATS: ClassVar[bool] = True

    kind: Literal["chat"] = "chat"
    prompt: Annotated[str, Field(min_length=1)] = DEFAULT_PROMPT
    max_output_tokens: Annotated[int, Field(ge=1)] = 16
    reasoning: str = ""
    expect: Expect = Expect()
    timeouts: Timeouts = Timeouts()

    @model_validator(mode="after")
    def _effort_can_be_said(self) -> Self:
        if self.dialect == "bedrock" and self.effort:
            raise ValueError(
                "reasoning has no common spelling on bedrock; "
                "write quirks: {body: {additionalModelRequestFields: {...}}} as your model wants it"
            )
        return self

    @property
    def most_tokens(self) -> tuple[int, int]:
        """A byte of the prompt is a token at worst."""
        return len(self.prompt.encode()) + ENVELOPE_TOKENS, self.max_output_tokens

    @property
    def effort(self) -> str:
        return self.reasoning or self.quirks.reasoning

    @property
    def reasons(self) -> bool:
        return self.effort not in {"", "none", "disabled"}

    @property
    def expected(self) -> str | None:
        """What the answer must contain, None if anything will do."""
        if self.expect.contains is None and self.prompt == DEFAULT_PROMPT:
            return "OK"
        return self.expect.contains


OPTIONS = ChatOptions


async def run(options: ChatOptions, tools: Tools, measurement: Measurement) -> None:
    dialect = DIALECTS[options.dialect]
    request = await api.ask(options, dialect.ask(_question(options, tools.nonce())), tools, measurement)
    stream, watch = dialect.Stream(options.quirks), Watch(measurement, reasons=options.reasons)
    try:
        async with asyncio.timeout(options.timeouts.first_token) as patience:
            async with api.exchange(options, request, tools, measurement) as response:
                await _listen(response, stream, watch, measurement, _Renewal(patience, options.timeouts.stall))
    except TimeoutError:
        if not patience.expired():
            raise
        watch.gap(perf_counter())
        raise _impatience(options, measurement) from None
    finally:
        watch.settle(stream.heard)
        api.settle(options, tools, stream.heard, measurement)
    if options.expected is not None:
        measurement.answer_correct = options.expected in watch.text


def _question(options: ChatOptions, nonce: str) -> Ask:
    return Ask(
        model=options.model,
        prompt=f"{options.prompt} (probe {nonce})",
        max_output_tokens=options.max_output_tokens,
        reasoning=options.effort,
        api_version=options.api_version,
        quirks=options.quirks,
    )


class _Renewal:
    """From the first token on, patience lasts until the next one."""

    def __init__(self, patience: asyncio.Timeout, stall: float) -> None:
        self._patience = patience
        self._stall = stall

    def renew(self) -> None:
        self._patience.reschedule(asyncio.get_running_loop().time() + self._stall)


async def _listen(
    response: wire.Response, stream: Stream, watch: Watch, measurement: Measurement, patience: _Renewal
) -> None:
    """Read to the end marker; pings and comments renew no patience."""
    kind = api.content_type(response)
    if kind == "application/json" and kind not in stream.CONTENT_TYPES:
        body = await api.read(response, measurement)
        watch.tokens(stream.whole(body), measurement.ended or response.headers_at)
    elif not kind or kind in stream.CONTENT_TYPES:
        measurement.enter("first_token", response.headers_at)
        await _follow(response, stream, watch, measurement, patience)
    else:
        raise api.refuse_type(response, "a stream")
    stream.close()


async def _follow(
    response: wire.Response, stream: Stream, watch: Watch, measurement: Measurement, patience: _Renewal
) -> None:
    async for chunk in response.chunks():
        if watch.tokens(stream.feed(chunk.data), chunk.at):
            patience.renew()
        if stream.ended:
            measurement.end(chunk.at)
            return


def _impatience(options: ChatOptions, measurement: Measurement) -> Exception:
    """Before the first token the phase says what was waited for; the runner knows its reason."""
    limits = options.timeouts
    if measurement.phase == "stream":
        return Failure("stream_stalled", f"tokens began, then none for {format_duration(limits.stall)}")
    waited = format_duration(limits.first_token or 0.0)
    return TimeoutError(f"no token within timeouts.first_token ({waited}), in phase {measurement.phase}")

"""Text in, sound out; the first byte of sound is the first token."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects.base import ResponseMetadata
from ai_provider_exporter.probes.options import CallOptions

_MAX_BYTES = 8 << 20


class SpeechOptions(CallOptions):
    kind: Literal["speech"] = "speech"
    input: Annotated[str, Field(min_length=1)] = Field(default="ok", description="text to speak")
    voice: str = Field(default="alloy", description="voice to request")
    response_format: Literal["pcm", "mp3", "wav", "opus", "aac", "flac"] = Field(
        default="pcm", description="audio format to request"
    )

    @property
    def max_tokens(self) -> None:
        """Speech is not billed by text tokens: only `price.per_request` gives the cost."""
        return


OPTIONS = SpeechOptions


async def run(options: SpeechOptions, context: ProbeContext, measurement: Measurement) -> None:
    body = {"model": options.model, "voice": options.voice, "input": options.input}
    body["response_format"] = options.response_format
    request = await api.signed_request(options, api.post(options, "/audio/speech", body), context, measurement)
    async with api.exchange(options, request, context, measurement, max_bytes=_MAX_BYTES) as response:
        if api.content_type(response).startswith(("text/", "application/json")):
            raise await api.error_in_text(response, measurement, "sound")
        measurement.enter("first_token", response.headers_at)
        async for chunk in response.chunks():
            if measurement.first_token is None:
                measurement.first_token = chunk.at
                measurement.enter("stream", chunk.at)
            measurement.ended = chunk.at
    if measurement.first_token is None:
        raise Failure("empty_answer", "the answer holds no sound")
    measurement.end(measurement.ended)
    api.settle(options, context, ResponseMetadata(), measurement)

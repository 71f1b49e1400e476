"""Sound in, text out. The sound is one second made here, unless the user has one that says something."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects.base import Call, ResponseMetadata
from ai_provider_exporter.probes.json_fields import count, mapping
from ai_provider_exporter.probes.options import CallOptions, Expect

_RATE = 16_000
_HERTZ = 440.0


class TranscriptionOptions(CallOptions):
    """`audio_file` is a WAV of your own; without one a tone is sent, of which no text can be expected."""

    kind: Literal["transcription"] = "transcription"
    audio_file: str | None = Field(default=None, description="WAV file to send; null: one second of a tone")
    expect: Expect = Field(default=Expect(), description="what a right transcription is")

    @property
    def max_tokens(self) -> None:
        """Not billed by text tokens alone: only `price.per_request` gives the cost."""
        return


OPTIONS = TranscriptionOptions


async def run(options: TranscriptionOptions, context: ProbeContext, measurement: Measurement) -> None:
    document = await api.document(options, _upload(options, context.nonce()), context, measurement)
    usage = mapping(document.get("usage"))
    metadata = ResponseMetadata()
    metadata.count(input=count(usage.get("input_tokens")), output=count(usage.get("output_tokens")))
    api.settle(options, context, metadata, measurement)
    heard_text = document.get("text")
    if not isinstance(heard_text, str):
        raise Failure("malformed_response", "a JSON object without text where a transcription was due")
    if options.expect.contains is not None:
        measurement.answer_correct = options.expect.contains in heard_text


def _upload(options: TranscriptionOptions, boundary: str) -> Call:
    call = api.post(options, "/audio/transcriptions", {})
    fields = {"model": options.model, "response_format": "json", **{key: str(v) for key, v in options.body.items()}}
    headers = {**call.headers, "content-type": f"multipart/form-data; boundary={boundary}"}
    return Call(path=call.path, headers=headers, body=multipart(fields, _sound(options), boundary))


def _sound(options: TranscriptionOptions) -> bytes:
    if options.audio_file is None:
        return tone()
    try:
        return Path(options.audio_file).read_bytes()
    except OSError as error:
        raise Failure("bad_request", f"audio_file {options.audio_file} cannot be read: {error.strerror}") from None


def multipart(fields: dict[str, str], sound: bytes, boundary: str) -> bytes:
    """A form with one WAV file (https://www.rfc-editor.org/rfc/rfc7578)."""
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(b'name="file"; filename="probe.wav"\r\ncontent-type: audio/wav\r\n\r\n' + sound)
    opening = f"--{boundary}\r\ncontent-disposition: form-data; ".encode()
    return b"".join(opening + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


@lru_cache(maxsize=1)
def tone() -> bytes:
    """One second of a quiet A as WAV: 16 kHz, mono, 16 bits."""
    samples = (round(3000 * math.sin(2 * math.pi * _HERTZ * n / _RATE)) for n in range(_RATE))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, _RATE, 0, "NONE", ""))
        sound.writeframes(struct.pack(f"<{_RATE}h", *samples))
    return file.getvalue()

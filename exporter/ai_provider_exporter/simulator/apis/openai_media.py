"""What OpenAI has beside text: speech, transcription, images, moderation.

Source: OpenAI API reference, https://platform.openai.com/docs/api-reference, read 2026-11.
"""

import base64
import email
import email.policy
import io
import struct
import wave
import zlib
from typing import Any

from ai_provider_exporter.simulator.apis import openai
from ai_provider_exporter.simulator.apis.api import (
    Api,
    ApiRequest,
    BadRequestError,
    Frame,
    Reply,
    Route,
    event,
    has_model,
    json_reply,
)
from ai_provider_exporter.simulator.truth import Tokens

PCM_RATE = 24_000  # samples of 16 bits a second, mono
CHUNK = bytes(2 * PCM_RATE // 10)  # a tenth of a second of silence
CHUNKS = 5


def speech(request: ApiRequest) -> Reply:
    body = request.json
    _check(request, body, "input", "voice")
    chunks = 0 if request.failure == "empty_answer" else CHUNKS
    kind = {"pcm": "audio/pcm", "wav": "audio/wav"}.get(body.get("response_format", "mp3"), "audio/mpeg")
    reply = Reply(tuple(Frame(CHUNK, "text") for _ in range(chunks)), content_type=kind, streams=True)
    return openai.with_headers(request, reply)


def transcription(request: ApiRequest) -> Reply:
    fields = _form(request)
    _check(request, fields, "file")
    length = _seconds_of(fields["file"])
    text = "" if request.failure == "empty_answer" else request.provider.answer.text
    if fields.get("stream") != b"true":
        document = {"text": text, "usage": {"type": "duration", "seconds": length}}
        return openai.with_headers(request, json_reply(document, tokens=Tokens(1, 1)))
    words = [Frame(_transcript("delta", delta=f"{word} "), "text") for word in text.split()]
    frames = (*words, Frame(_transcript("done", text=text)))
    kind = "text/event-stream; charset=utf-8"
    return openai.with_headers(request, Reply(frames, content_type=kind, streams=True))


def image(request: ApiRequest) -> Reply:
    body = request.json
    _check(request, body, "prompt")
    data = [] if request.failure == "empty_answer" else [{"b64_json": base64.b64encode(pixel()).decode()}]
    counted = {"input_tokens": 4, "output_tokens": 16, "total_tokens": 20}
    document = {"created": int(request.unix), "data": data, "usage": counted}
    return openai.with_headers(request, json_reply(document, tokens=Tokens(4, 16)))


def moderation(request: ApiRequest) -> Reply:
    body = request.json
    _check(request, body, "input")
    scores = {"harassment": 0.0001, "violence": 0.0001}
    result = {"flagged": False, "categories": dict.fromkeys(scores, False), "category_scores": scores}
    results = [] if request.failure == "empty_answer" else [result]
    document = {"id": request.id("modr-"), "model": body["model"], "results": results}
    return openai.with_headers(request, json_reply(document))


def pixel() -> bytes:
    """Return a PNG of one grey pixel."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\x00\x80")),
        (b"IEND", b""),
    )
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _check(request: ApiRequest, fields: dict[str, Any], *required: str) -> None:
    for name in ("model", *required):
        if not fields.get(name):
            raise BadRequestError(f"Missing required parameter: '{name}'.")
    model = fields["model"]
    name = model.decode() if isinstance(model, bytes) else model
    if not has_model(request, name):
        raise BadRequestError(f"The model `{name}` does not exist.")


def _form(request: ApiRequest) -> dict[str, Any]:
    """Read a multipart form; values are bytes."""
    kind = request.http.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise BadRequestError("The body must be multipart/form-data.")
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.http.body, policy=email.policy.HTTP)
    parts = message.iter_parts() if message.is_multipart() else ()
    return {str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) for part in parts}


def _seconds_of(audio: bytes) -> float:
    try:
        with wave.open(io.BytesIO(audio)) as opened:
            frames, rate = opened.getnframes(), opened.getframerate()
    except (wave.Error, EOFError):
        raise BadRequestError("Audio file might be corrupted or unsupported") from None
    return float(round(frames / rate, 3))


def _transcript(kind: str, **fields: str) -> bytes:
    name = f"transcript.text.{kind}"
    return event({"type": name, **fields}, name)


API = Api(
    base=openai.BASE,
    routes=(
        Route("POST", "/audio/speech", "speech", speech),
        Route("POST", "/audio/transcriptions", "transcription", transcription),
        Route("POST", "/images/generations", "image", image),
        Route("POST", "/moderations", "moderation", moderation),
    ),
    identify=openai.identify,
    refuse=openai.refuse,
)

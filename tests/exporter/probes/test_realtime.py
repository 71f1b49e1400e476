from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import Any

import pytest
from ai_provider_exporter.model.observation import ProbeObservation

from tests.exporter.probes.played import KEY, Step, head, observe_all

FOREVER = 30.0
CREATED = {"type": "session.created", "session": {"model": "realtime-mini-1"}}


def text(document: object) -> bytes:
    return frame(0x81, json.dumps(document).encode())


def frame(first: int, payload: bytes) -> bytes:
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return bytes([first]) + length + payload


class Socket:
    """Accepts a handshake, then does `steps`; keeps what the client said after it."""

    def __init__(self, *steps: Step) -> None:
        self.steps = steps
        self.request = b""
        self.heard = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request = await reader.readuntil(b"\r\n\r\n")
        key = next(line[19:] for line in self.request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
        writer.write(b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ")
        writer.write(base64.b64encode(digest) + b"\r\n\r\n")
        for step in self.steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                writer.write(step)
                await writer.drain()
        self.heard = await reader.read(1000) if self.steps and self.steps[0][:1] == b"\x89" else b""  # type: ignore[index]


class Refusing:
    def __init__(self, *steps: Step) -> None:
        self.steps = steps

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for step in self.steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                writer.write(step)
                await writer.drain()


def realtime(server: Any, **options: Any) -> ProbeObservation:
    return observe_all("realtime", server, model="realtime-mini", **options)


def test_a_session_that_stands_is_a_success() -> None:
    server = Socket(0.05, text(CREATED), FOREVER)
    run = realtime(server, api_key={"env": "KEY"})

    assert run.success, run.detail
    assert run.http_status == 101
    assert run.response_model == "realtime-mini-1"
    assert run.duration_seconds < 1
    assert run.phases["first_token"] >= 0.04
    assert server.request.startswith(b"GET /v1/realtime?model=realtime-mini HTTP/1.1\r\n")
    assert f"authorization: Bearer {KEY}".encode() in server.request.lower().replace(b"bearer", b"Bearer")


def test_a_message_in_pieces_and_other_events_are_understood() -> None:
    payload = json.dumps(CREATED).encode()
    other = text({"type": "rate_limits.updated", "rate_limits": []})
    run = realtime(Socket(other, frame(0x01, payload[:9]), frame(0x80, payload[9:])))

    assert run.success, run.detail


def test_a_ping_is_answered() -> None:
    server = Socket(frame(0x89, b"hi"), 0.05, text(CREATED))
    realtime(server)

    assert server.heard[:1] == b"\x8a"


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (Socket(text({"type": "error", "error": {"type": "server_error", "message": "x"}})), "stream_error"),
        (Socket(text({"type": "error", "error": {"code": "insufficient_quota"}})), "quota_exhausted"),
        (Socket(frame(0x88, b"\x03\xf3gone")), "stream_error"),
        (Socket(frame(0x88, b"\x03\xf0API key not valid")), "key_rejected"),
        (Socket(frame(0x88, b"\x0b\xb8")), "key_rejected"),
        (Socket(frame(0x88, b"\x03\xe8")), "stream_truncated"),
        (Socket(frame(0x81, b"{]")), "malformed_response"),
        (Socket(b"\xff\xff\xff"), "malformed_response"),
        (Socket(frame(0x82, b"x" * 60000) * 5), "malformed_response"),
        (Socket(text({"type": "x"})), "stream_truncated"),
        (Socket(FOREVER), "first_token_timeout"),
        (Refusing(head(401, "application/json", content_length="2"), b"{}"), "key_rejected"),
        (Refusing(head(401, "application/json", content_length="99"), b"{", FOREVER), "key_rejected"),
        (Refusing(head(404, "text/plain")), "endpoint_not_found"),
        (Refusing(head(200, "text/html")), "unexpected_content_type"),
        (Refusing(b"nonsense\r\n\r\n"), "malformed_response"),
        (Refusing(FOREVER), "headers_timeout"),
        (Refusing(), "server_disconnected"),
    ],
    ids=[
        "error", "quota", "closed", "closed for the key", "closed as unauthorized", "closed in order",
        "no JSON", "no frame", "too much", "ended", "silent",
        "401", "401 with half a body", "404", "200", "no HTTP", "no answer", "hung up",
    ],
)  # fmt: skip
def test_a_session_that_does_not_come_about_has_its_reason(server: Any, reason: str) -> None:
    run = realtime(server, timeout=0.5 if any(step == FOREVER for step in server.steps[:1]) else 1.5)

    assert run.reason == reason, run.detail

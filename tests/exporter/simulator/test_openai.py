"""What OpenAI has beside the chat."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import wave
from typing import Any

import pytest

pytestmark = pytest.mark.anyio

SCENARIO = """\
name: openai
description: everything of one provider
providers:
  acme:
    apis: [openai_responses, openai_media, openai_realtime, site]
    pace: {headers: 1ms, first_token: 2ms, gap: 1ms}
    answer: {tokens: 4}
"""
BACKGROUND = {"model": "m", "input": "Reply with exactly: OK", "background": True}


def silence(seconds: float) -> bytes:
    opened = io.BytesIO()
    with wave.open(opened, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(16_000)
        audio.writeframes(bytes(2 * int(16_000 * seconds)))
    return opened.getvalue()


async def test_events_of_responses_are_numbered_without_a_gap(play: Any) -> None:
    _, client = await play(SCENARIO)

    body = {"model": "m", "input": "hello", "stream": True}
    text = (await client.post("/acme/v1/responses", json=body)).text
    events = [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ")]

    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:3]] == [
        "response.created", "response.in_progress", "response.output_item.added",
    ]  # fmt: skip


async def test_fewer_than_sixteen_output_tokens_are_refused(play: Any) -> None:
    _, client = await play(SCENARIO)

    body = {"model": "m", "input": "hello", "max_output_tokens": 15}
    refused = await client.post("/acme/v1/responses", json=body)

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "integer_below_min_value")


async def poll(client: Any, id_: str) -> Any:
    return (await client.get(f"/acme/v1/responses/{id_}")).json()


async def test_a_background_response_goes_from_queued_over_in_progress_to_completed(play: Any) -> None:
    clock = [0.0]
    pace = "{headers: 0s, queued: 1s, first_token: 5s, gap: 1s}"
    text = SCENARIO.replace("{headers: 1ms, first_token: 2ms, gap: 1ms}", pace)
    _, client = await play(text, epoch=0.0, clock=lambda: clock[0])
    first = (await client.post("/acme/v1/responses", json=BACKGROUND)).json()
    seen = [first["status"]]
    for now in (0.5, 1.0, 8.9, 9.0):
        clock[0] = now
        seen.append((await poll(client, first["id"]))["status"])
    last = await poll(client, first["id"])

    assert seen == ["queued", "queued", "in_progress", "in_progress", "completed"]
    assert last["output"][0]["content"][0]["text"].startswith("OK")
    assert last["usage"]["output_tokens"] == 4


async def test_a_background_response_can_be_cancelled(play: Any) -> None:
    _, client = await play(SCENARIO, clock=lambda: 0.0)
    first = (await client.post("/acme/v1/responses", json=BACKGROUND)).json()

    cancelled = (await client.post(f"/acme/v1/responses/{first['id']}/cancel")).json()

    assert cancelled["status"] == (await poll(client, first["id"]))["status"] == "cancelled"


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("stream_error", "failed", "server_error"),
        ("stream_overloaded", "failed", "server_is_overloaded"),
        ("stall", "in_progress", None),
        ("content_filtered", "incomplete", None),
    ],
)
async def test_a_background_response_fails_in_the_job_and_not_on_the_wire(
    play: Any, how: str, status: str, code: str | None
) -> None:
    clock = [0.0]
    simulator, client = await play(SCENARIO, epoch=0.0, clock=lambda: clock[0])
    simulator.apply({"provider": "acme", "operation": "responses_background", "fail": [{"how": how}]})
    first = (await client.post("/acme/v1/responses", json=BACKGROUND)).json()
    clock[0] = 100.0
    last = await poll(client, first["id"])

    assert first["status"] == "queued"
    assert (last["status"], (last["error"] or {}).get("code")) == (status, code)
    assert simulator.truth[0].outcome == how


async def test_a_response_that_nobody_asked_for_is_not_found(play: Any) -> None:
    _, client = await play(SCENARIO)

    assert (await client.get("/acme/v1/responses/resp_0")).status_code == 404
    assert (await client.post("/acme/v1/responses/resp_0/cancel")).status_code == 404


async def test_speech_streams_a_tenth_of_a_second_at_a_time(play: Any) -> None:
    simulator, client = await play(SCENARIO)

    body = {"model": "m", "voice": "alloy", "input": "ok", "response_format": "pcm"}
    response = await client.post("/acme/v1/audio/speech", json=body)
    told = simulator.truth[0]

    assert (response.headers["content-type"], len(response.content)) == ("audio/pcm", 5 * 4800)
    assert told.last_token - told.received >= 0.006


async def test_a_transcription_reads_the_file_that_was_sent(play: Any) -> None:
    _, client = await play(SCENARIO)

    sent = {"file": ("one.wav", silence(0.5), "audio/wav")}
    response = await client.post("/acme/v1/audio/transcriptions", files=sent, data={"model": "m"})

    assert response.json() == {
        "text": "This is a simulated answer.", "usage": {"type": "duration", "seconds": 0.5},
    }  # fmt: skip


async def test_a_transcription_can_be_streamed(play: Any) -> None:
    _, client = await play(SCENARIO)

    sent = {"file": ("one.wav", silence(0.1), "audio/wav")}
    form = {"model": "m", "stream": "true"}
    text = (await client.post("/acme/v1/audio/transcriptions", files=sent, data=form)).text

    assert text.count("event: transcript.text.delta") == 5
    assert text.rstrip().endswith('"text": "This is a simulated answer."}')


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("audio/speech", {"model": "m", "input": "ok"}),
        ("images/generations", {"model": "m"}),
        ("moderations", {"input": "ok"}),
        ("responses", {"model": "m"}),
    ],
)
async def test_a_missing_parameter_is_named(play: Any, path: str, body: dict[str, str]) -> None:
    _, client = await play(SCENARIO)

    refused = await client.post(f"/acme/v1/{path}", json=body)

    assert refused.status_code == 400
    assert refused.json()["error"]["message"].startswith("Missing required parameter: ")


@pytest.mark.parametrize("body", [b"no multipart", b"--x\r\n\r\n--x--\r\n"])
async def test_a_transcription_of_nothing_is_refused(play: Any, body: bytes) -> None:
    _, client = await play(SCENARIO)

    kind = {"content-type": "multipart/form-data; boundary=x"}
    refused = await client.post("/acme/v1/audio/transcriptions", content=body, headers=kind)

    assert refused.status_code == 400


async def test_an_image_is_a_png(play: Any) -> None:
    _, client = await play(SCENARIO)

    response = await client.post("/acme/v1/images/generations", json={"model": "m", "prompt": "a dot"})
    picture = base64.b64decode(response.json()["data"][0]["b64_json"])

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (1, 1)


async def test_a_moderation_flags_nothing(play: Any) -> None:
    _, client = await play(SCENARIO)

    response = await client.post("/acme/v1/moderations", json={"model": "m", "input": "ok"})

    assert [result["flagged"] for result in response.json()["results"]] == [False]


@pytest.mark.parametrize("path", ["/acme/site", "/acme/site/"])
async def test_a_site_is_a_page_until_it_fails(play: Any, path: str) -> None:
    simulator, client = await play(SCENARIO)
    well = await client.get(path)
    simulator.apply({"provider": "acme", "operation": "site", "fail": [{"how": "overloaded"}]})
    ill = await client.get(path)

    assert (well.status_code, well.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (ill.status_code, ill.text) == (503, "<!doctype html><h1>Service Unavailable</h1>")


class Socket:
    """A WebSocket client that knows just enough: short messages, masked with zeros."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, url: str, path: str) -> tuple[Socket, str]:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        # The key and what answers it are the example of RFC 6455, 1.3.
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        writer.write(head.encode())
        return cls(reader, writer), (await reader.readuntil(b"\r\n\r\n")).decode()

    def send(self, opcode: int, payload: bytes) -> None:
        self.writer.write(struct.pack(">BB", 0x80 | opcode, 0x80 | len(payload)) + bytes(4) + payload)

    async def read(self) -> tuple[int, bytes]:
        first, length = await self.reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack(">H", await self.reader.readexactly(2))
        return first & 0x0F, await self.reader.readexactly(length)


async def test_realtime_greets_answers_a_ping_and_says_goodbye(play: Any) -> None:
    simulator, _ = await play(SCENARIO)

    socket, head = await Socket.open(simulator.url, "/acme/v1/realtime?model=m")
    _, greeting = await socket.read()
    socket.send(0x9, b"ping")
    pong = await socket.read()
    socket.send(0x8, b"\x03\xe8")
    goodbye = await socket.read()
    rest = await socket.reader.read()
    socket.writer.close()
    await socket.writer.wait_closed()
    await simulator.settled()

    assert head.startswith("HTTP/1.1 101 ")
    assert "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
    assert json.loads(greeting)["type"] == "session.created"
    assert (pong, goodbye, rest) == ((0xA, b"ping"), (0x8, b"\x03\xe8"), b"")
    assert (simulator.truth[0].status, simulator.truth[0].client_left) == (101, False)


async def test_realtime_may_greet_with_an_error(play: Any) -> None:
    simulator, _ = await play(SCENARIO)
    simulator.apply({"provider": "acme", "fail": [{"how": "stream_overloaded"}]})

    socket, _ = await Socket.open(simulator.url, "/acme/v1/realtime?model=m")
    _, greeting = await socket.read()
    socket.writer.close()
    await socket.writer.wait_closed()

    assert json.loads(greeting)["error"]["code"] == "server_is_overloaded"


async def test_realtime_without_a_websocket_is_refused(play: Any) -> None:
    _, client = await play(SCENARIO)

    assert (await client.get("/acme/v1/realtime?model=m")).status_code == 400

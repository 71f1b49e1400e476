"""Sends a reply at its pace, and breaks it where a failure says so; stamps the truth as it goes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from ai_provider_exporter.simulator import websocket
from ai_provider_exporter.simulator.apis.api import Frame, Reply
from ai_provider_exporter.simulator.scenario import Fail, Provider
from ai_provider_exporter.simulator.server import Responder
from ai_provider_exporter.simulator.tempo import Tempo
from ai_provider_exporter.simulator.truth import Exchange

KEEPALIVE = 0.25  # seconds between comments of a silent stream, unless the provider says so
BEFORE_RESET = 0.01  # seconds; an RST overtakes bytes that the client's kernel has but the client has not


@dataclass(slots=True)
class Player:
    """Plays one reply to one request. Whatever waits here is cancelled when the client leaves."""

    responder: Responder
    exchange: Exchange
    provider: Provider
    tempo: Tempo
    fail: Fail | None = None

    async def play(self, reply: Reply) -> None:
        how = self.fail.how if self.fail else ""
        if how == "hang":
            await self.responder.forever()
        await self._until(self._thinking_time(reply))
        if how == "disconnect":
            self.responder.cut()
            return
        if reply.websocket:
            await self._speak(reply, how)
            return
        self._head(reply)
        if how == "silent":
            await self._keep_alive(reply)
        elif how in ("stall", "truncate", "cut", "reset", "stream_error", "stream_overloaded"):
            await self._break_off(reply, how)
        else:
            await self._send(reply.frames, reply)
            self.responder.finish()

    async def _speak(self, reply: Reply, how: str) -> None:
        """Switch to WebSocket, greet - unless silent - and stay until the client has gone."""
        self._note_head(reply)
        reader, transport = self.responder.upgrade(reply.headers.items())
        frames = (Frame(reply.errors[how]),) if how in reply.errors else reply.frames
        if how == "silent":
            frames = ()
        for message in frames:
            self._stamp(message)
            transport.write(websocket.message(message.data))
        if how in ("cut", "reset"):
            self.responder.cut()
        else:
            await websocket.listen(reader, transport)

    def _thinking_time(self, reply: Reply) -> float:
        """Return seconds to the headers; what is not streamed is thought out before they are sent."""
        tokens = reply.tokens.output + reply.tokens.reasoning
        if reply.streams or not tokens:
            return self.tempo.headers
        return self.tempo.until_token(tokens - 1)

    def _head(self, reply: Reply) -> None:
        headers = {"content-type": reply.content_type, **reply.headers, **self.provider.headers}
        name, form = reply.timing
        if name:
            headers[name] = form.format(ms=round((perf_counter() - self.exchange.received) * 1000))
        if not reply.streams:
            headers["content-length"] = str(sum(len(frame.data) for frame in reply.frames))
        self._note_head(reply)
        unframed = reply.streams and self.provider.framing == "close"
        head = self.responder.unframed_head if unframed else self.responder.head
        head(reply.status, headers.items())

    def _note_head(self, reply: Reply) -> None:
        self.exchange.status, self.exchange.tokens = reply.status, reply.tokens
        self.exchange.first_byte = perf_counter()

    async def _break_off(self, reply: Reply, how: str) -> None:
        await self._send(_before_break(reply, self.fail.after if self.fail else 0), reply)
        if how == "stall":
            await self.responder.forever()
        elif how == "reset":
            await asyncio.sleep(BEFORE_RESET)
            self.responder.reset()
        elif how == "cut" or not reply.streams:  # a body of known length can only end too early
            self.responder.cut()
        else:
            await self._send_frame(Frame(reply.errors.get(how, b"")))
            self.responder.finish()

    async def _send(self, frames: Sequence[Frame], reply: Reply) -> None:
        if self.provider.chunking == "whole" and reply.streams:
            await self._until(self.tempo.until_token(sum(bool(frame.channel) for frame in frames) - 1))
            self._stamp_all(frames)
            self.responder.send(b"".join(frame.data for frame in frames))
            return
        tokens = 0
        for frame in frames:
            if frame.channel and reply.streams:
                await self._until_token(tokens, reply)
                tokens += 1
            await self._send_frame(frame)

    async def _send_frame(self, frame: Frame) -> None:
        *early, last = _pieces(frame.data, self.provider.chunking)
        for piece in early:
            self.responder.send(piece)
            await asyncio.sleep(0)
        self._stamp(frame)  # only with its last piece can it be read
        self.responder.send(last)
        await self.responder.drained()

    async def _until_token(self, index: int, reply: Reply) -> None:
        if index == 0 and self.provider.keepalive:
            await self._keep_alive(reply, self.tempo.first_token)
        await self._until(self.tempo.until_token(index))

    async def _keep_alive(self, reply: Reply, until: float = float("inf")) -> None:
        pause = self.provider.keepalive or KEEPALIVE
        while perf_counter() - self.exchange.received + pause < until:
            await asyncio.sleep(pause)
            self.responder.send(reply.keepalive)

    async def _until(self, seconds: float) -> None:
        """Wait until so many seconds after the request was there."""
        await asyncio.sleep(max(0.0, self.exchange.received + seconds - perf_counter()))

    def _stamp(self, frame: Frame) -> None:
        self.exchange.end = now = perf_counter()
        if not frame.channel:
            return
        self.exchange.first_token = self.exchange.first_token or now
        self.exchange.last_token = now
        if frame.channel == "text":
            self.exchange.first_answer = self.exchange.first_answer or now

    def _stamp_all(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            self._stamp(frame)


def _before_break(reply: Reply, tokens: int) -> Sequence[Frame]:
    """Return the frames up to and with so many tokens; of an answer that is not streamed, half its bytes."""
    if not reply.streams:
        whole = reply.frames[0].data
        return (Frame(whole[: len(whole) // 2]),)
    carrying = [index for index, frame in enumerate(reply.frames) if frame.channel]
    if tokens < len(carrying):
        return reply.frames[: carrying[tokens]]
    last = carrying[-1] + 1 if carrying else 0
    return reply.frames[:last]


def _pieces(data: bytes, chunking: int | str) -> Sequence[bytes]:
    size = chunking if isinstance(chunking, int) else len(data)
    return [data[start : start + size] for start in range(0, len(data), size)] if data else [b""]

"""Whether a port takes connections, plain or over TLS, and speaks as it should."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from time import perf_counter
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.address import split_address
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.judging import judged
from ai_provider_exporter.probes.options import ProbeOptions, Tls
from ai_provider_exporter.probes.pattern import Pattern, cost, search
from ai_provider_exporter.probes.raw_stream import RawStream, open_raw_stream
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.schema.types import KeyedError, Many, Options

_MAX_BYTES = 64 * 1024
_GATHER_SECONDS = 0.05  # a flood of small pieces is matched that often, not at each piece
_ALERT_SECONDS = 0.2  # in which a server refuses our certificate, after a TLS 1.3 handshake that looks like a success
_GROUP = re.compile(rb"\$\{(\d{1,2})\}")


class TcpExpect(Options):
    """What must come before the other side ends the connection."""

    contains: str | None = Field(default=None, description="text that the server sends")
    regex: Pattern | None = Field(
        default=None, description="regular expression (RE2) that matches in what the server sends"
    )


class TcpStep(Options):
    """One step of a conversation: wait for a line, shake hands, say something; each may be left out."""

    expect: Pattern | None = Field(
        default=None,
        description="regular expression that matches a line of the server; lines before it are skipped",
    )
    start_tls: bool = Field(default=False, description="true: shake hands now, as `tls` says (STARTTLS)")
    send: str = Field(default="", description="text to send then; `${1}` is the first group of `expect`")


class TcpOptions(ProbeOptions):
    """`tls: {}` shakes hands; `send` is sent first."""

    BACKS_OFF = False

    kind: Literal["tcp"] = "tcp"
    address: Annotated[str, Field(min_length=1)] = Field(description="`HOST:PORT` to connect to")
    tls: Tls | None = Field(default=None, description="TLS of the connection, `{}` for the defaults; null: plain TCP")
    send: str = Field(default="", description="text to send first")
    expect: TcpExpect = Field(
        default=TcpExpect(), description="what the server must send before it closes the connection"
    )
    conversation: Many[TcpStep] = Field(default=(), description="steps, in the place of `send` and `expect`")

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        split_address(self.address)
        return self

    @model_validator(mode="after")
    def _says_what_once(self) -> Self:
        if self.conversation and (self.send or self.expect != TcpExpect()):
            raise KeyedError("conversation", "takes the place of send and expect; write them as steps")
        starts = sum(step.start_tls for step in self.conversation)
        if starts > 1:
            raise KeyedError("conversation", "starts TLS twice; keep one start_tls")
        return self

    @property
    def starts_tls(self) -> bool:
        """Whether TLS begins in the conversation and not with the connection."""
        return any(step.start_tls for step in self.conversation)

    def named(self, hostname: str) -> Self:
        if self.tls is None:
            return self
        return self.model_copy(update={"tls": self.tls.model_copy(update={"server_name": hostname})})

    @property
    def endpoint_host(self) -> str:
        return split_address(self.address)[0]

    @property
    def tls_options(self) -> Tls | None:
        return self.tls


OPTIONS = TcpOptions


async def run(options: TcpOptions, context: ProbeContext, measurement: Measurement) -> None:
    host, port = split_address(options.address)
    has_tls = options.tls is not None or options.starts_tls
    begins_with_tls = has_tls and not options.starts_tls
    origin = wire.Origin("tls" if begins_with_tls else "tcp", host, port)
    route = route_to(options.egress, options.tls or Tls(), "https:" if has_tls else "", context)
    async with open_raw_stream(origin, route, measurement) as stream:
        received = _Received(stream, measurement, measurement.started + options.timeout)
        if options.conversation:
            await _converse(options.conversation, stream, received, measurement)
        elif options.send or options.expect != TcpExpect():
            await _exchange(options, stream, received, measurement)
        elif begins_with_tls:
            measurement.end()
            await _refusal(stream)
    measurement.end()


async def _refusal(stream: RawStream) -> None:
    """Wait for the alert of a server that wants another client certificate; raises it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_ALERT_SECONDS):
            await stream.receive()


async def _exchange(options: TcpOptions, stream: RawStream, received: _Received, measurement: Measurement) -> None:
    if options.send:
        measurement.enter("send")
        await stream.send(options.send.encode())
    if options.expect != TcpExpect():
        await received.until(options.expect)


async def _converse(
    steps: tuple[TcpStep, ...], stream: RawStream, received: _Received, measurement: Measurement
) -> None:
    for number, step in enumerate(steps):
        groups: list[bytes] = []
        if step.expect is not None:
            groups = await received.line(step.expect, number)
        if step.start_tls:
            await stream.secure(measurement)
            received.clear()
        if step.send:
            measurement.enter("send")
            await stream.send(_filled(step.send.encode(), groups))


def _filled(text: bytes, groups: list[bytes]) -> bytes:
    def group(reference: re.Match[bytes]) -> bytes:
        number = int(reference[1])
        return groups[number] if number < len(groups) else b""

    return _GROUP.sub(group, text)


class _Received:
    """What the server has sent and nobody has matched yet."""

    def __init__(self, stream: RawStream, measurement: Measurement, deadline: float) -> None:
        self._stream = stream
        self._measurement = measurement
        self._deadline = deadline
        self._data = b""
        self._total = 0

    def clear(self) -> None:
        self._data = b""

    async def until(self, expect: TcpExpect) -> None:
        """Read until all of `expect` has come.

        Raises:
            Failure: assertion_failed; it has not, and nothing more comes.
        """
        while not await self._holds(expect):
            if not await self._more():
                raise Failure("assertion_failed", f"{self._total} bytes came; none match expect")

    async def _holds(self, expect: TcpExpect) -> bool:
        if expect.contains is not None and expect.contains not in self._data.decode("utf-8", "replace"):
            return False
        return expect.regex is None or await self._search(expect.regex, self._data) is not None

    async def line(self, pattern: str, number: int) -> list[bytes]:
        """Read until a line matches; returns the match and its groups.

        Raises:
            Failure: assertion_failed; none does, and nothing more comes.
        """
        while True:
            *lines, rest = self._data.split(b"\n")
            for index, line in enumerate(lines):
                groups = await self._search(pattern, line.rstrip(b"\r"))
                if groups is not None:
                    self._data = b"\n".join([*lines[index + 1 :], rest])
                    return groups
            self._data = rest
            groups = await self._search(pattern, rest) if rest else None
            if groups is not None:
                self._data = b""
                return groups
            if not await self._more():
                raise Failure("assertion_failed", f"no line matched step {number + 1} of conversation: {pattern!r}")

    async def _search(self, pattern: str, data: bytes) -> list[bytes] | None:
        def groups() -> list[bytes] | None:
            match = search(pattern, data)
            return None if match is None else [match.group(), *(group or b"" for group in match.groups())]

        return await judged(groups, cost([pattern], len(data)), 0.9 * (self._deadline - perf_counter()))

    async def _more(self) -> bool:
        """Wait for more, and gather until it is as much again or a moment has passed; False at the end."""
        if self._total >= _MAX_BYTES:
            return False
        enough = 2 * len(self._data)
        if self._measurement.phase != "stream":
            self._measurement.enter("headers")
        if not await self._take():
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHER_SECONDS):
                while len(self._data) < enough and await self._take():
                    pass
        return True

    async def _take(self) -> bool:
        chunk = await self._stream.receive()
        if chunk is None:
            return False
        if self._measurement.phase == "headers":
            self._measurement.enter("stream", chunk.at)
        self._data += chunk.data
        self._total += len(chunk.data)
        return True

"""Whether a port takes connections, plain or over TLS, and greets as it should."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import Pattern, ProbeOptions, Tls
from ai_provider_exporter.probes.raw_stream import RawStream, open_raw_stream
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.schema.types import Options

_MAX_BYTES = 64 * 1024
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/@\[\]]+)):([0-9]{1,5})")


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[v6]:port`.

    Raises:
        ValueError: it is neither; the message says what to write.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match[3]) < 65536:  # noqa: PLR2004  # ports have 16 bits
        raise ValueError(f"{address!r} is no address; write host:port, or [address]:port for IPv6")
    return match[1] or match[2], int(match[3])


class TcpExpect(Options):
    """What must come before the other side ends the connection."""

    contains: str | None = Field(default=None, description="text that the server sends")
    regex: Pattern | None = Field(default=None, description="regular expression that matches in what the server sends")


class TcpOptions(ProbeOptions):
    """`tls: {}` shakes hands; `send` is sent first."""

    kind: Literal["tcp"] = "tcp"
    address: Annotated[str, Field(min_length=1)] = Field(description="`HOST:PORT` to connect to")
    tls: Tls | None = Field(default=None, description="TLS of the connection, `{}` for the defaults; null: plain TCP")
    send: str = Field(default="", description="text to send first")
    expect: TcpExpect = Field(
        default=TcpExpect(), description="what the server must send before it closes the connection"
    )

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        split_address(self.address)
        return self

    @property
    def endpoint_host(self) -> str:
        return split_address(self.address)[0]

    @property
    def tls_options(self) -> Tls | None:
        return self.tls


OPTIONS = TcpOptions


async def run(options: TcpOptions, context: ProbeContext, measurement: Measurement) -> None:
    host, port = split_address(options.address)
    origin = wire.Origin("http" if options.tls is None else "https", host, port)
    route = route_to(options.egress, options.tls or Tls(), f"{origin.scheme}:", context)
    async with open_raw_stream(origin, route, measurement) as stream:
        if options.send:
            measurement.enter("send")
            await stream.send(options.send.encode())
        if options.expect != TcpExpect():
            await _read(stream, options.expect, measurement)
    measurement.end()


async def _read(stream: RawStream, expect: TcpExpect, measurement: Measurement) -> None:
    measurement.enter("headers")
    received = b""
    while len(received) < _MAX_BYTES and (chunk := await stream.receive()):
        if not received:
            measurement.enter("stream", chunk.at)
        received += chunk.data
        if _matches(received.decode("utf-8", "replace"), expect):
            return
    raise Failure("assertion_failed", f"{len(received)} bytes came; none match expect")


def _matches(text: str, expect: TcpExpect) -> bool:
    contains = expect.contains is None or expect.contains in text
    return contains and (expect.regex is None or re.search(expect.regex, text) is not None)

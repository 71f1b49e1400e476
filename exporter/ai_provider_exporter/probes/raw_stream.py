"""A bare connection, phase by phase like any other, for what does not speak HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire.connection import Connection
from ai_provider_exporter.wire.dial import record_expiry, secure
from ai_provider_exporter.wire.response_reader import ResponseReader


class RawReader(ResponseReader):
    """What comes, as it comes: no head, no framing, and an end when the other side ends."""

    def feed(self, at: float, data: bytes) -> None:
        self.queue.append(wire.Chunk(at, data))
        self.unread_bytes += len(data)

    def close(self, at: float, error: Exception | None) -> None:
        self.ended_at = at
        self.complete = error is None
        self.failure = self.failure or error


class RawStream:
    """Both directions of an open connection."""

    def __init__(self, connection: Connection, origin: wire.Origin, route: wire.Route) -> None:
        self._connection = connection
        self._origin = origin
        self._route = route
        self._reader = RawReader(max_bytes=0)
        self._attached = False

    @property
    def protocol(self) -> str:
        """What was agreed upon by ALPN in the TLS handshake; empty: nothing."""
        return self._connection.protocol

    async def secure(self, measurement: Measurement) -> None:
        """Shake hands in mid-conversation (STARTTLS): the phase tls; raises what `wire.dial` raises there."""
        if self._route.tls is None:
            raise wire.InvalidRequest("the conversation starts TLS and the route has no TLS context")
        measurement.enter("tls")
        self._connection.release()
        certificates = await secure(self._connection, self._route.tls, self._origin, self._route)
        record_expiry(certificates, measurement)
        measurement.leave()
        self._reader, self._attached = RawReader(max_bytes=0), False

    async def send(self, data: bytes) -> None:
        self._attached = True
        await self._connection.send(data, self._reader)

    async def receive(self) -> wire.Chunk | None:
        """The next bytes, None when the other side has ended the connection."""
        if not self._attached:
            await self.send(b"")  # the connection hands over only to whom it has sent for
        return await self._connection.chunk(self._reader)


@asynccontextmanager
async def open_raw_stream(origin: wire.Origin, route: wire.Route, measurement: Measurement) -> AsyncIterator[RawStream]:
    """A fresh connection, closed at the end of the block; raises what `wire.dial` raises.

    It reaches as far as `origin`: what is no HTTP/1.1 no proxy can forward, so an HTTP proxy opens a tunnel.
    """
    origin = origin._replace(scheme="tls" if origin.is_secure else "tcp")
    connection = await wire.dial(origin, route, measurement)
    try:
        yield RawStream(connection, origin, route)
    finally:
        connection.abort()

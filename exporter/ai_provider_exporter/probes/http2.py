"""One request over HTTP/2, for those who ask for it: phases, proxies and certificates are those of `wire`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from ai_provider_exporter import __version__, wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.raw_stream import RawStream, open_raw_stream
from ai_provider_exporter.wire.message import split_url

if TYPE_CHECKING:
    from h2.connection import H2Connection

Exchange = AbstractAsyncContextManager[api.Response]
_PER_HOP = frozenset({"connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"})
"""Headers that HTTP/2 has no place for: RFC 9113, section 8.2.2."""


class Http2Response:
    """Looks like `wire.Response`."""

    remarks: tuple[str, ...] = ()

    def __init__(self, session: _Session, measurement: Measurement) -> None:
        self.status = session.status
        self.headers = session.headers
        self.headers_at = session.headers_at
        self._session = session
        self._measurement = measurement

    async def chunks(self) -> AsyncIterator[wire.Chunk]:
        while chunk := await self._session.chunk():
            yield chunk

    async def read(self, limit: int) -> bytes:
        body, at = bytearray(), self.headers_at
        async for chunk in self.chunks():
            body += chunk.data
            at = chunk.at
            await asyncio.sleep(0)  # h2 is Python: between two frames others may run
            if len(body) >= limit:
                break
        self._measurement.end(at)
        return bytes(body[:limit])


class _Session:
    """One request on one connection, as h2 keeps its state."""

    def __init__(self, stream: RawStream, request: wire.Request) -> None:
        # Loaded when first needed: an extra.
        from h2.config import H2Configuration  # noqa: PLC0415
        from h2.connection import H2Connection  # noqa: PLC0415

        self.status, self.headers, self.headers_at = 0, wire.Headers(()), 0.0
        self._stream = stream
        self._request = request
        self._h2: H2Connection = H2Connection(H2Configuration(header_encoding="latin-1"))
        self._body: list[wire.Chunk] = []
        self._is_over = False

    async def send(self) -> None:
        """Send the request; its body waits for the server's window."""
        origin, target = split_url(self._request.url)
        headers = {"user-agent": f"ai-provider-exporter/{__version__}", "accept": "*/*", "accept-encoding": "identity"}
        headers |= {name.lower(): value for name, value in self._request.headers.items()}
        pseudo = {
            ":method": self._request.method,
            ":scheme": origin.scheme,
            ":authority": headers.get("host", origin.authority),
            ":path": target,
        }
        fields = [*pseudo.items(), *((name, value) for name, value in headers.items() if name not in _PER_HOP)]
        self._h2.initiate_connection()
        self._h2.send_headers(1, fields, end_stream=not self._request.body)
        await self._flush()
        await self._send_body(self._request.body)

    async def _send_body(self, body: bytes) -> None:
        while body:
            size = min(self._h2.local_flow_control_window(1), self._h2.max_outbound_frame_size, len(body))
            if size <= 0:
                await self._receive()
                continue
            self._h2.send_data(1, body[:size], end_stream=size == len(body))
            body = body[size:]
            await self._flush()

    async def head(self) -> None:
        while not self.status:
            await self._receive()

    async def chunk(self) -> wire.Chunk | None:
        while not self._body and not self._is_over:
            await self._receive()
        return self._body.pop(0) if self._body else None

    async def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data:
            await self._stream.send(data)

    async def _receive(self) -> None:
        """Take in what comes next; an end before the response's is a failure."""
        from h2.exceptions import ProtocolError  # noqa: PLC0415

        chunk = await self._stream.receive()
        if chunk is None:
            raise self._ended()
        try:
            for event in self._h2.receive_data(chunk.data):
                self._take(event, chunk.at)
        except ProtocolError as error:
            failure = wire.StreamReset if self.status else wire.BadResponse
            raise failure(f"the response is not HTTP/2: {error}") from error
        await self._flush()

    def _ended(self) -> Exception:
        if self.status:
            return wire.Truncated("the server closed within the body")
        return wire.Disconnected("the server closed the connection without a response")

    def _take(self, event: Any, at: float) -> None:
        from h2 import events  # noqa: PLC0415

        if isinstance(event, events.ResponseReceived):
            fields = [(str(name), str(value)) for name, value in event.headers]
            self.headers = wire.Headers((name, value) for name, value in fields if not name.startswith(":"))
            self.status, self.headers_at = int(dict(fields)[":status"]), at
        elif isinstance(event, events.DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            self._body.append(wire.Chunk(at, event.data))
        elif isinstance(event, events.StreamEnded):
            self._is_over = True
        elif isinstance(event, events.StreamReset | events.ConnectionTerminated):
            raise wire.StreamReset(f"the server broke off with error code {event.error_code}")


@asynccontextmanager
async def exchange(
    request: wire.Request, route: wire.Route, measurement: Measurement, *, max_bytes: int
) -> AsyncIterator[Http2Response]:
    """As `wire.exchange`, and raises what that raises; `route.tls` has to offer h2.

    `max_bytes` is not needed: nothing is held that was not asked for, as the server's window is no larger.

    Raises:
        Failure: assertion_failed; the server speaks no HTTP/2.
    """
    del max_bytes
    origin, _ = split_url(request.url)
    async with open_raw_stream(origin, route, measurement) as stream:
        if origin.is_secure and stream.protocol != "h2":
            raise Failure("assertion_failed", f"the server chose {stream.protocol or 'HTTP/1.1'}, not HTTP/2")
        session = _Session(stream, request)
        measurement.enter("send")
        await session.send()
        measurement.enter("headers")
        await session.head()
        measurement.leave(max(session.headers_at, measurement.phase_started))
        measurement.http_status = session.status
        measurement.headers = session.headers
        yield Http2Response(session, measurement)

"""One request and its response, measured: the whole of what a probe needs from the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire.connection import Connection
from ai_provider_exporter.wire.connection_cache import ConnectionCache
from ai_provider_exporter.wire.dial import dial
from ai_provider_exporter.wire.errors import Disconnected, WireError
from ai_provider_exporter.wire.message import Chunk, Origin, Request, split_url, write_request
from ai_provider_exporter.wire.proxy import Proxy, parse_proxy
from ai_provider_exporter.wire.response_reader import ResponseReader
from ai_provider_exporter.wire.route import Route

MAX_BODY_BYTES = 1 << 20
_SETTLE_SECONDS = 0.5
_TURN_BYTES = 16 * 1024


class Response:
    """The head has come; the body is read with `chunks` or `read`, once."""

    def __init__(self, connection: Connection, reader: ResponseReader, measurement: Measurement) -> None:
        self.status = reader.status
        self.headers = reader.headers
        self.http_version = reader.http_version
        self.headers_at = measurement.started if reader.headers_at is None else reader.headers_at
        self._connection = connection
        self._reader = reader
        self._measurement = measurement

    @property
    def remarks(self) -> list[str]:
        """In which ways the response is not quite HTTP; of a lenient reader."""
        return self._reader.remarks

    def chunks(self) -> AsyncIterator[Chunk]:
        """The body as it came, stamped on arrival.

        Raises:
            Truncated: closed before the length or the last chunk that was promised.
            StreamReset: broken off, or the chunk framing is none.
            TooLarge: longer than `max_bytes`.
        """
        return _Chunks(self._connection, self._reader)

    async def read(self, limit: int) -> bytes:
        """At most `limit` bytes of the body; the rest is not read. Ends the measurement at the last of them.

        Raises what `chunks` raises, unless `limit` bytes came before.
        """
        pieces: list[bytes] = []
        missing, at = limit, self.headers_at
        while missing > 0 and (chunk := await self._connection.chunk(self._reader)):
            pieces.append(chunk.data[:missing])
            missing, at = missing - len(chunk.data), chunk.at
        if self._reader.complete and self._reader.ended_at is not None and missing > 0:
            at = self._reader.ended_at
        self._measurement.end(at)
        return b"".join(pieces)


class _Chunks:
    """An iterator and not a generator: leaving the loop early then leaves nothing to be closed later.

    Between `_TURN_BYTES` others may run, also when the next chunk is already there.
    """

    def __init__(self, connection: Connection, reader: ResponseReader) -> None:
        self._connection = connection
        self._reader = reader
        self._bytes_in_turn = 0

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __anext__(self) -> Chunk:
        if self._bytes_in_turn >= _TURN_BYTES:
            self._bytes_in_turn = 0
            await asyncio.sleep(0)
        chunk = await self._connection.chunk(self._reader)
        if chunk is None:
            raise StopAsyncIteration
        self._bytes_in_turn += len(chunk.data)
        return chunk


@asynccontextmanager
async def exchange(
    request: Request,
    route: Route,
    measurement: Measurement,
    *,
    max_bytes: int = MAX_BODY_BYTES,
    cache: ConnectionCache | None = None,
    reader: type[ResponseReader] = ResponseReader,
) -> AsyncIterator[Response]:
    """Send `request` and hand over the response once its head is whole.

    Enters the phases dns, connect, tls, send and headers as they begin, leaves the last one at `headers_at` and
    notes the status; what does not take place (dns of an address, tls of http) is absent. There is no timeout in
    here: whoever cancels finds in `measurement.phase` what was waited for.

    Every exchange has a fresh connection, closed at the end of the block, unless there is a `cache`: then its idle
    connection is used, which leaves out dns, connect and tls, and what is left at the end is put back. `reader` is how
    strictly the response is read.

    Raises:
        InvalidRequest: nothing was sent.
        socket.gaierror: in phase dns.
        OSError: in phases connect, tls, send and headers.
        ssl.SSLError: in phase tls; in phase headers if the server refuses our certificate (TLS 1.3).
        ProxyFailed: in phase connect; in phase headers if the proxy forwards.
        Disconnected: in phases send and headers.
        Truncated, BadResponse, TooLarge: in phase headers.
    """
    outgoing = _write(request, route, max_bytes, reader, keep_alive=cache is not None)
    connection, response = await _round_trip(outgoing, measurement, cache)
    try:
        yield Response(connection, response, measurement)
        if cache is not None:
            await _settle(connection, response)
    finally:
        if cache is not None and connection.release():
            cache.put(outgoing.origin, route, connection)
        else:
            connection.abort()


class _OutgoingRequest(NamedTuple):
    """A request as it goes out; `forwarder` is the proxy that is sent it, if there is such a one."""

    origin: Origin
    route: Route
    data: bytes
    forwarder: Proxy | None
    max_bytes: int
    reader: type[ResponseReader]
    has_body: bool

    def expected(self) -> ResponseReader:
        return self.reader(max_bytes=self.max_bytes, has_body=self.has_body)


def _write(
    request: Request, route: Route, max_bytes: int, reader: type[ResponseReader], *, keep_alive: bool
) -> _OutgoingRequest:
    origin, target = split_url(request.url)
    extra = {"connection": "keep-alive" if keep_alive else "close"}
    proxy = parse_proxy(route.proxy) if route.proxy else None
    forwarder = proxy if proxy is not None and proxy.forwards(origin) else None
    if forwarder is not None:
        target = f"http://{origin.authority}{target}"
        extra |= forwarder.headers
    data = write_request(request, target, origin.authority, extra)
    return _OutgoingRequest(origin, route, data, forwarder, max_bytes, reader, has_body=request.method != "HEAD")


async def _round_trip(
    outgoing: _OutgoingRequest, measurement: Measurement, cache: ConnectionCache | None
) -> tuple[Connection, ResponseReader]:
    idle = cache.take(outgoing.origin, outgoing.route) if cache is not None else None
    if idle is not None:
        measurement.connection = "warm"
        reader = outgoing.expected()
        try:
            await _send(outgoing, idle, reader, measurement)
        except (Disconnected, ConnectionError):
            if reader.begun:
                raise
            # The server gave the idle connection up while the request was under way. That is no outage: every
            # client asks once more, and so do we.
            measurement.leave()
            measurement.phases.clear()
        else:
            return idle, reader
    measurement.connection = "cold"
    connection = await dial(outgoing.origin, outgoing.route, measurement)
    reader = outgoing.expected()
    await _send(outgoing, connection, reader, measurement)
    return connection, reader


async def _send(
    outgoing: _OutgoingRequest, connection: Connection, reader: ResponseReader, measurement: Measurement
) -> None:
    try:
        measurement.enter("send")
        await connection.send(outgoing.data, reader)
        measurement.enter("headers")
        headers_at = await connection.head(reader)
        if outgoing.forwarder is not None:
            outgoing.forwarder.check(reader.status)
    except BaseException:
        connection.abort()
        raise
    # A response that began before the request was sent to its end leaves nothing to wait for.
    measurement.leave(max(headers_at, measurement.phase_started))
    measurement.http_status = reader.status
    measurement.headers = reader.headers


async def _settle(connection: Connection, reader: ResponseReader) -> None:
    """Let the last bytes come in of a response whose end the caller has understood before."""
    with suppress(OSError, WireError):
        async with asyncio.timeout(_SETTLE_SECONDS):
            while await connection.chunk(reader):
                pass

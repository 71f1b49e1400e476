"""One request and its answer, measured: the whole of what a probe needs from the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire.connection import Connection
from ai_provider_exporter.wire.connection_cache import Keeper
from ai_provider_exporter.wire.dial import dial
from ai_provider_exporter.wire.errors import Disconnected, WireError
from ai_provider_exporter.wire.message import Chunk, Origin, Request, split_url, write_request
from ai_provider_exporter.wire.proxy import Proxy, parse_proxy
from ai_provider_exporter.wire.response import Answer
from ai_provider_exporter.wire.route import Route

MAX_BODY_BYTES = 1 << 20
_SETTLE_SECONDS = 0.5


class Response:
    """The head has come; the body is read with `chunks` or `read`, once."""

    def __init__(self, connection: Connection, answer: Answer, measurement: Measurement) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.http_version = answer.http_version
        self.headers_at = measurement.started if answer.headers_at is None else answer.headers_at
        self._connection = connection
        self._answer = answer
        self._measurement = measurement

    def chunks(self) -> AsyncIterator[Chunk]:
        """The body as it came, stamped on arrival.

        Raises:
            Truncated: closed before the length or the last chunk that was promised.
            StreamReset: broken off, or the chunk framing is none.
            TooLarge: longer than `max_bytes`.
        """
        return _Chunks(self._connection, self._answer)

    async def read(self, limit: int) -> bytes:
        """At most `limit` bytes of the body; the rest is not read. Ends the measurement at the last of them.

        Raises what `chunks` raises, unless `limit` bytes came before.
        """
        pieces: list[bytes] = []
        missing, at = limit, self.headers_at
        while missing > 0 and (chunk := await self._connection.chunk(self._answer)):
            pieces.append(chunk.data[:missing])
            missing, at = missing - len(chunk.data), chunk.at
        if self._answer.complete and self._answer.ended_at is not None and missing > 0:
            at = self._answer.ended_at
        self._measurement.end(at)
        return b"".join(pieces)


class _Chunks:
    """An iterator and not a generator: leaving the loop early then leaves nothing to be closed later."""

    def __init__(self, connection: Connection, answer: Answer) -> None:
        self._connection = connection
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __anext__(self) -> Chunk:
        chunk = await self._connection.chunk(self._answer)
        if chunk is None:
            raise StopAsyncIteration
        return chunk


@asynccontextmanager
async def exchange(
    request: Request,
    route: Route,
    measurement: Measurement,
    *,
    max_bytes: int = MAX_BODY_BYTES,
    keeper: Keeper | None = None,
) -> AsyncIterator[Response]:
    """Send `request` and hand over the answer once its head is whole.

    Enters the phases dns, connect, tls, send and headers as they begin, leaves the last one at `headers_at` and
    notes the status; what does not take place (dns of an address, tls of http) is absent. There is no timeout in
    here: whoever cancels finds in `measurement.phase` what was waited for.

    Every exchange has a fresh connection, closed at the end of the block, unless there is a `keeper`: then its idle
    connection is used, which leaves out dns, connect and tls, and what is left at the end is kept.

    Raises:
        InvalidRequest: nothing was sent.
        socket.gaierror: in phase dns.
        OSError: in phases connect, tls, send and headers.
        ssl.SSLError: in phase tls; in phase headers if the server refuses our certificate (TLS 1.3).
        ProxyFailed: in phase connect; in phase headers if the proxy forwards.
        Disconnected: in phases send and headers.
        Truncated, BadAnswer, TooLarge: in phase headers.
    """
    errand = _write(request, route, max_bytes, keeps=keeper is not None)
    connection, answer = await _ask(errand, measurement, keeper)
    try:
        yield Response(connection, answer, measurement)
        if keeper is not None:
            await _settle(connection, answer)
    finally:
        if keeper is not None and connection.release():
            keeper.keep(errand.origin, route, connection)
        else:
            connection.abort()


class _Errand(NamedTuple):
    """A request as it goes out; `forwarder` is the proxy that is sent it, if there is such a one."""

    origin: Origin
    route: Route
    data: bytes
    forwarder: Proxy | None
    max_bytes: int
    has_body: bool

    def expected(self) -> Answer:
        return Answer(max_bytes=self.max_bytes, has_body=self.has_body)


def _write(request: Request, route: Route, max_bytes: int, *, keeps: bool) -> _Errand:
    origin, target = split_url(request.url)
    extra = {"connection": "keep-alive" if keeps else "close"}
    proxy = parse_proxy(route.proxy) if route.proxy else None
    forwarder = proxy if proxy is not None and proxy.forwards(origin) else None
    if forwarder is not None:
        target = f"http://{origin.authority}{target}"
        extra |= forwarder.headers
    data = write_request(request, target, origin.authority, extra)
    return _Errand(origin, route, data, forwarder, max_bytes, has_body=request.method != "HEAD")


async def _ask(errand: _Errand, measurement: Measurement, keeper: Keeper | None) -> tuple[Connection, Answer]:
    kept = keeper.take(errand.origin, errand.route) if keeper is not None else None
    if kept is not None:
        measurement.connection = "warm"
        answer = errand.expected()
        try:
            await _send(errand, kept, answer, measurement)
        except (Disconnected, ConnectionError):
            if answer.begun:
                raise
            # The server gave the idle connection up while the request was under way. That is no outage: every
            # client asks once more, and so do we.
            measurement.leave()
            measurement.phases.clear()
        else:
            return kept, answer
    measurement.connection = "cold"
    connection = await dial(errand.origin, errand.route, measurement)
    answer = errand.expected()
    await _send(errand, connection, answer, measurement)
    return connection, answer


async def _send(errand: _Errand, connection: Connection, answer: Answer, measurement: Measurement) -> None:
    try:
        measurement.enter("send")
        await connection.send(errand.data, answer)
        measurement.enter("headers")
        headers_at = await connection.head(answer)
        if errand.forwarder is not None:
            errand.forwarder.check(answer.status)
    except BaseException:
        connection.abort()
        raise
    # An answer that began before the request was sent to its end leaves nothing to wait for.
    measurement.leave(max(headers_at, measurement.phase_started))
    measurement.http_status = answer.status
    measurement.headers = answer.headers


async def _settle(connection: Connection, answer: Answer) -> None:
    """Let the last bytes come in of an answer whose end the caller has understood before."""
    with suppress(OSError, WireError):
        async with asyncio.timeout(_SETTLE_SECONDS):
            while await connection.chunk(answer):
                pass

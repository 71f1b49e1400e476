"""One request and its answer, measured: the whole of what a probe needs from the network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ai_provider_exporter.measurement import Measurement
from ai_provider_exporter.wire.answer import Answer
from ai_provider_exporter.wire.connection import Connection
from ai_provider_exporter.wire.dial import Route, dial
from ai_provider_exporter.wire.message import Chunk, Request, split_url, write_request

MAX_BODY_BYTES = 1 << 20


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
    request: Request, route: Route, measurement: Measurement, *, max_bytes: int = MAX_BODY_BYTES
) -> AsyncIterator[Response]:
    """Send `request` over a fresh connection and hand over the answer once its head is whole.

    Enters the phases dns, connect, tls, send and headers as they begin, leaves the last one at `headers_at`
    and notes the status; what does not take place (dns of an address, tls of http) is absent. There is no
    timeout in here: whoever cancels finds in `measurement.phase` what was waited for. At the end of the block
    the socket is closed.

    Raises:
        InvalidRequest: nothing was sent.
        socket.gaierror: in phase dns.
        OSError: in phases connect, tls, send and headers.
        ssl.SSLError: in phase tls.
        Disconnected: in phases send and headers.
        Truncated, BadAnswer, TooLarge: in phase headers.
    """
    origin, target = split_url(request.url)
    data = write_request(request, target, origin.authority, {"connection": "close"})
    connection = await dial(origin, route, measurement)
    try:
        answer = Answer(max_bytes=max_bytes, has_body=request.method != "HEAD")
        yield await _ask(connection, data, answer, measurement)
    finally:
        connection.abort()


async def _ask(connection: Connection, data: bytes, answer: Answer, measurement: Measurement) -> Response:
    measurement.enter("send")
    await connection.send(data, answer)
    measurement.enter("headers")
    headers_at = await connection.head(answer)
    # An answer that began before the request was sent to its end leaves nothing to wait for.
    measurement.leave(max(headers_at, measurement.phase_started))
    measurement.http_status = answer.status
    return Response(connection, answer, measurement)

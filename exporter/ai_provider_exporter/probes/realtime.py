"""Opens a WebSocket session: connect, wait for `session.created`, close. No token is spent.

https://platform.openai.com/docs/guides/realtime-websocket (2026-08-21). Phase `headers` ends with the handshake,
`first_token` with the session.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Literal

from pydantic import Field
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api, blame
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import Call
from ai_provider_exporter.probes.json_fields import label, mapping, parse
from ai_provider_exporter.probes.options import CallOptions
from ai_provider_exporter.probes.raw_stream import RawStream, open_raw_stream
from ai_provider_exporter.probes.redaction import redacted_line
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.wire.message import split_url
from ai_provider_exporter.wire.retry_after import retry_after

_MAX_BYTES = 256 * 1024
_SWITCHED = 101
_CLOSES_WITHOUT_A_CAUSE = {CloseReason.NORMAL_CLOSURE, CloseReason.NO_STATUS_RCVD, CloseReason.ABNORMAL_CLOSURE}
_REFUSAL_SECONDS = 1.0


class RealtimeOptions(CallOptions):
    """`ready` is the type of the event that says that the session stands."""

    kind: Literal["realtime"] = "realtime"
    ready: str = Field(default="session.created", description="type of the event that says that the session is open")

    @property
    def max_tokens(self) -> tuple[int, int]:
        """Opening a session costs nothing."""
        return 0, 0


OPTIONS = RealtimeOptions


async def run(options: RealtimeOptions, context: ProbeContext, measurement: Measurement) -> None:
    place = base.with_query(base.fill(options.path or "/realtime", options.model), {"model": options.model})
    call = Call(method="GET", path=place, headers=options.quirks.headers)
    request = await api.signed_request(options, api.versioned(options, call), context, measurement)
    origin, target = split_url(request.url)
    route = route_to(options.egress, options.tls, request.url, context)
    measurement.started = perf_counter()
    async with open_raw_stream(origin, route, measurement) as stream:
        session = Session(options, context, measurement)
        measurement.enter("send")
        await stream.send(session.opening(origin.authority, target, dict(request.headers)))
        measurement.enter("headers")
        await _converse(stream, session)


async def _converse(stream: RawStream, session: Session) -> None:
    received = 0
    while not session.stands:
        chunk = await _next(stream, session)
        received += len(chunk.data) if chunk else 0
        if received > _MAX_BYTES:
            raise Failure("malformed_response", f"{_MAX_BYTES} bytes without the session")
        reply = session.feed(chunk)
        if reply:
            await stream.send(reply)


async def _next(stream: RawStream, session: Session) -> wire.Chunk | None:
    """None at the end of the connection, or when the body of a refusal does not come in time."""
    try:
        async with asyncio.timeout(_REFUSAL_SECONDS if session.is_refused else None):
            return await stream.receive()
    except TimeoutError:
        return None


class Session:
    """The state of one conversation. Pure but for the measurement: bytes in, bytes to send back out."""

    def __init__(self, options: RealtimeOptions, context: ProbeContext, measurement: Measurement) -> None:
        self.stands = False
        self._options = options
        self._now = context.now
        self._measurement = measurement
        self._socket = WSConnection(ConnectionType.CLIENT)
        self._text: list[str] = []
        self._refusal: RejectConnection | None = None
        self._refusal_body = b""

    @property
    def is_refused(self) -> bool:
        return self._refusal is not None

    def opening(self, authority: str, target: str, headers: dict[str, str]) -> bytes:
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        return self._socket.send(Request(host=authority, target=target, extra_headers=extra))

    def feed(self, chunk: wire.Chunk | None) -> bytes:
        """Take what came, None for the end; returns what to answer.

        Raises:
            Failure: refused, an error, an early end, or no WebSocket.
        """
        if chunk is None:
            raise self._over()
        try:
            self._socket.receive_data(chunk.data)
            return b"".join(self._take(event, chunk.at) for event in self._socket.events())
        except (RemoteProtocolError, LocalProtocolError) as error:
            raise Failure("malformed_response", f"no WebSocket: {redacted_line(str(error))}") from None

    def _take(self, event: Event, at: float) -> bytes:
        if isinstance(event, AcceptConnection):
            self._measurement.http_status = _SWITCHED
            self._measurement.enter("first_token", at)
        elif isinstance(event, RejectConnection):
            self._reject(event)
        elif isinstance(event, RejectData):
            self._refusal_body += bytes(event.data)
            if event.body_finished and self._refusal is not None:
                raise self._refused(self._refusal)
        elif isinstance(event, TextMessage):
            self._read_message(event, at)
        elif isinstance(event, Ping):
            return self._socket.send(event.response())
        elif isinstance(event, CloseConnection):
            raise self._closed(event)
        return b""

    def _reject(self, event: RejectConnection) -> None:
        self._measurement.http_status = event.status_code
        self._refusal = event
        if not event.has_body:
            raise self._refused(event)

    def _refused(self, event: RejectConnection) -> Failure:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
        if event.status_code < 300:  # noqa: PLR2004  # HTTP's own classes
            return Failure("unexpected_content_type", f"HTTP {event.status_code} where a WebSocket was due")
        self._measurement.retry_after_seconds = retry_after(headers, self._refusal_body, self._now())
        return blame.refusal(event.status_code, headers, self._refusal_body, self._options.dialect)

    def _read_message(self, event: TextMessage, at: float) -> None:
        self._text.append(event.data)
        if not event.message_finished:
            return
        document = parse("".join(self._text).encode("utf-8", "replace"))
        self._text.clear()
        error = blame.error_in(document)
        if error is not None:
            raise blame.in_stream(error)
        if document.get("type") == self._options.ready:
            session = mapping(document.get("session"))
            self._measurement.response_model = label(session.get("model"))
            self._measurement.first_token = at
            self._measurement.end(at)
            self.stands = True

    def _over(self) -> Failure:
        """The connection ended without a word."""
        if self._refusal is not None:
            return self._refused(self._refusal)
        if self._measurement.http_status is None:
            return Failure("server_disconnected", "the server closed the connection in the handshake")
        return Failure("stream_truncated", f"the server closed the connection before {self._options.ready}")

    def _closed(self, event: CloseConnection) -> Failure:
        if event.code == CloseReason.PROTOCOL_ERROR:  # as wsproto itself says when frames are none
            return Failure("malformed_response", f"no WebSocket: {redacted_line(event.reason or '')}")
        if event.code in _CLOSES_WITHOUT_A_CAUSE and not event.reason:
            return self._over()
        return blame.websocket_close(int(event.code), event.reason or "")

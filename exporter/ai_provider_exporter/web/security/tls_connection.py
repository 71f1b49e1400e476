"""TLS for one connection, around the protocol that speaks HTTP inside it.

The event loop's own TLS drops the alert when a handshake fails, so that a client without a certificate sees a
reset; this one sends it, and Prometheus shows the operator what is wrong ("certificate required").
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from OpenSSL import SSL

from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web.security.connection import Limits

_CHUNK = 1 << 16
_HANDSHAKE_RECORD = 0x16
_INTERNAL_ERROR = bytes((0x15, 0x03, 0x01, 0, 2, 2, 80))  # a fatal alert, RFC 8446 §6
_PLAIN_HTTP = (
    b"HTTP/1.0 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\n"
    b"This port speaks HTTPS: write https:// in the address.\n"
)


class TlsConnection(asyncio.Protocol):
    """Shakes hands, then hands `inner` a transport that encrypts.

    `handshakes` holds every connection that is not through yet.
    """

    def __init__(
        self,
        context: Callable[[], SSL.Context],
        inner: asyncio.Protocol,
        handshakes: dict[TlsConnection, None],
        limits: Limits,
    ) -> None:
        self._make_context, self._inner, self._handshakes, self._limits = context, inner, handshakes, limits
        self._transport: TlsTransport | None = None
        self._is_through = False
        self._deadline: asyncio.TimerHandle | None = None
        self.raw: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream's
        self.raw = transport
        if len(self._handshakes) >= self._limits.connections:
            next(iter(self._handshakes)).give_up()  # the oldest: silent clients must not keep the others out
        self._handshakes[self] = None
        self._deadline = asyncio.get_running_loop().call_later(self._limits.seconds_to_ask, transport.abort)

    def data_received(self, data: bytes) -> None:
        if self.raw.is_closing():
            return
        if self._transport is None:
            self._transport = self._begin(data)
        if self._transport is not None:
            self._receive(self._transport, data)

    def _begin(self, data: bytes) -> TlsTransport | None:
        """The transport to be, made at the first byte, with the certificate of this moment."""
        if data[0] != _HANDSHAKE_RECORD:
            self._part_with(_PLAIN_HTTP)
            return None
        try:
            return TlsTransport(self.raw, self._make_context())
        except ConfigErrors:
            self._part_with(_INTERNAL_ERROR)
            return None

    def _part_with(self, last_words: bytes) -> None:
        self.raw.write(last_words)
        self.raw.close()

    def _receive(self, transport: TlsTransport, data: bytes) -> None:
        try:
            received = transport.decrypt(data)
        except SSL.Error:
            transport.flush()  # the alert that says why
            self.raw.close()
            return
        if transport.is_established and not self._is_through:
            self._is_through = True
            self._end_handshake()
            self._inner.connection_made(transport)
        if received:
            self._inner.data_received(received)
        if transport.peer_has_ended:
            transport.close()

    def give_up(self) -> None:
        self._end_handshake()
        self.raw.abort()

    def _end_handshake(self) -> None:
        self._handshakes.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        if self._is_through:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._is_through:
            self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_handshake()
        if self._is_through:
            self._inner.connection_lost(exc)


class TlsTransport(asyncio.Transport):
    """What HTTP writes to: encrypts into the raw transport below."""

    def __init__(self, raw: asyncio.Transport, context: SSL.Context) -> None:
        super().__init__()
        self._raw = raw
        self._tls = SSL.Connection(context, None)
        self._tls.set_accept_state()
        self.is_established = False
        self.peer_has_ended = False

    def decrypt(self, data: bytes) -> bytes:
        """Take in what came from the network; give out what it says, which is nothing during the handshake.

        Raises:
            SSL.Error: the handshake or a record is refused.
        """
        self._tls.bio_write(data)
        received = []
        try:
            if not self.is_established:
                self._tls.do_handshake()
                self.is_established = True
            while True:
                received.append(self._tls.recv(_CHUNK))
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.peer_has_ended = True
        self.flush()
        return b"".join(received)

    def flush(self) -> None:
        """Send what TLS has to say."""
        try:
            while True:
                self._raw.write(self._tls.bio_read(_CHUNK))
        except SSL.WantReadError:
            pass

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self._raw.is_closing():
            self._tls.sendall(bytes(data))
            self.flush()

    def close(self) -> None:
        if not self._raw.is_closing():
            self._tls.shutdown()
            self.flush()
            self._raw.close()

    def abort(self) -> None:
        self._raw.abort()

    def is_closing(self) -> bool:
        return self._raw.is_closing()

    def pause_reading(self) -> None:
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        self._raw.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._tls.get_context() if name == "sslcontext" else self._raw.get_extra_info(name, default)

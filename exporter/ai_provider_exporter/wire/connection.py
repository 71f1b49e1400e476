"""One TCP connection, with or without TLS, that carries one exchange at a time and stamps what arrives."""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import cast

from ai_provider_exporter.wire.certificates import Certificate, peer_certificates
from ai_provider_exporter.wire.message import Chunk
from ai_provider_exporter.wire.resolve import Address
from ai_provider_exporter.wire.response_reader import ResponseReader

UNREAD_HIGH = 64 * 1024
"""Unread body bytes above which the server has to wait; one delivery (256 KiB at most) may overshoot."""
NO_ROUTE = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_PIECE = 16 * 1024  # one TLS record: what is not yet with the kernel when `send` returns is never more


class Connection(asyncio.Protocol):
    """Made by `create_connection`; `abort` is the only way to end it, and leaves nothing behind.

    Reading is paused at the TCP transport, below TLS: pausing the TLS transport would let uvloop see the end
    of the connection before the bytes that it still holds, and drop them.
    """

    def __init__(self) -> None:
        self.made_at = 0.0
        self._tcp: asyncio.Transport
        self._transport: asyncio.Transport
        self._reader: ResponseReader | None = None
        self._early: list[Chunk] = []
        self._early_bytes = 0
        self._is_idle = False  # kept for another exchange: whatever happens now spoils it
        self._gone: tuple[float, Exception | None] | None = None
        self._reading_paused = False
        self._writing_paused = False
        self._spoiled = False  # a request was not sent to its end
        self._waiter: asyncio.Future[None] | None = None
        self.at_end: Callable[[], None] | None = None  # called once, by the first `abort`

    # --- what its owner does ------------------------------------------------------------------------------

    async def secure(self, context: ssl.SSLContext, server_name: str) -> list[Certificate]:
        """Shake hands; returns the certificates that the peer sent, its own first.

        Raises:
            ssl.SSLError: the certificate or the protocol is not acceptable.
            OSError: the connection broke in the handshake.
        """
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self._transport, self, context, server_hostname=server_name)
        if transport is None or transport.is_closing():  # asyncio swallows an end without an error
            raise ConnectionResetError("the connection was closed in the TLS handshake")
        transport.set_write_buffer_limits(high=1, low=0)  # asyncio's TLS takes 0 for "always full"
        self._transport = transport
        return peer_certificates(transport.get_extra_info("ssl_object"))

    async def send(self, data: bytes, reader: ResponseReader) -> None:
        """Hand a whole request to the kernel; what comes back goes into `reader`.

        Returns early when the response begins before everything is sent.

        Raises:
            OSError: the connection broke.
            Disconnected: the server closed it.
        """
        self._reader, self._is_idle = reader, False
        for at, early in self._early:
            reader.feed(at, early)
        self._early.clear()
        self._early_bytes = 0
        self._resume_reading()
        while self._transport.is_closing() and self._gone is None:
            await self._change()  # a write to it would raise, and its end is about to be told
        if self._gone is not None:
            reader.close(*self._gone)
        for start in range(0, len(data), _PIECE):
            if reader.failure is not None or reader.headers_at is not None or self._transport.is_closing():
                self._spoiled = True
                break
            self._transport.write(data[start : start + _PIECE])
            await self._written(reader)
        if reader.failure is not None and reader.headers_at is None:
            raise reader.failure

    async def _written(self, reader: ResponseReader) -> None:
        while self._writing_paused and reader.failure is None and reader.headers_at is None:
            await self._change()

    async def head(self, reader: ResponseReader) -> float:
        """Wait until the head of `reader` is whole; returns the stamp of the bytes that completed it."""
        while reader.headers_at is None:
            if reader.failure is not None:
                raise reader.failure
            await self._change()
        return reader.headers_at

    async def chunk(self, reader: ResponseReader) -> Chunk | None:
        """Wait for the next chunk of `reader`; None at its orderly end."""
        while not reader.queue:
            if reader.failure is not None:
                raise reader.failure
            if reader.complete:
                return None
            await self._change()
        chunk = reader.take()
        self._resume_reading()
        return chunk

    def _resume_reading(self) -> None:
        if self._reading_paused and self._reader is not None and self._reader.unread_bytes <= UNREAD_HIGH:
            self._reading_paused = False
            self._tcp.resume_reading()

    def release(self) -> bool:
        """Let go of the response; True if the connection can carry another exchange."""
        reader, self._reader = self._reader, None
        self._is_idle = reader is not None and reader.complete and reader.reusable and self.idle
        return self._is_idle

    def tunnel_opened(self, chunks: Sequence[Chunk]) -> None:
        """The proxy's answer has been read; `chunks` came behind it and are the first of the target."""
        self._reader = None
        for chunk in chunks:
            self._keep_early(chunk)

    @property
    def protocol(self) -> str:
        """What was agreed upon by ALPN; empty: nothing, or no TLS."""
        tls = self._transport.get_extra_info("ssl_object")
        return (tls.selected_alpn_protocol() or "") if tls is not None else ""

    @property
    def idle(self) -> bool:
        """Nothing has happened that would spoil the next exchange: no byte, no end."""
        quiet = self._gone is None and not self._early and not self._reading_paused
        return quiet and not self._spoiled and not self._transport.is_closing()

    def abort(self) -> None:
        """Close the socket now, without TLS farewell or lingering: those could hold it for half a minute."""
        self._reader = None
        self._tcp.abort()
        if self.at_end is not None:
            at_end, self.at_end = self.at_end, None
            at_end()

    # --- what the event loop calls ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.made_at = perf_counter()
        self._tcp = self._transport = cast("asyncio.Transport", transport)
        self._tcp.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        at = perf_counter()
        if self._is_idle:
            self._is_idle = False
            self.abort()
            return
        if self._reader is None:
            self._keep_early(Chunk(at, data))
            return
        self._reader.feed(at, data)
        if self._reader.unread_bytes > UNREAD_HIGH or self._reader.failure is not None:
            self._reading_paused = True
            self._tcp.pause_reading()
        self._wake()

    def _keep_early(self, chunk: Chunk) -> None:
        """What comes before it is asked for: the greeting of a server that speaks first."""
        self._early.append(chunk)
        self._early_bytes += len(chunk.data)
        if self._early_bytes > UNREAD_HIGH:
            self._reading_paused = True
            self._tcp.pause_reading()

    def eof_received(self) -> None:
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._wake()

    # --- one waits at a time ------------------------------------------------------------------------------

    def _end(self, error: Exception | None) -> None:
        if self._gone is None:
            self._gone = (perf_counter(), error)
        if self._reader is not None:
            self._reader.close(*self._gone)
        self._wake()

    async def _change(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def connect(addresses: Sequence[Address]) -> Connection:
    """Connect to the first address that this host has a route to; what happens there is the verdict.

    No happy eyeballs and no second try: a service of which one address is dead is half up, and a probe that
    hides it measures the client's patience instead. An address that this host has no route to says nothing
    about the service, so it is passed over.

    Raises:
        OSError: of the address that was tried, or of the last one if none has a route.
    """
    for address in addresses[:-1]:
        try:
            return await _connect(address)
        except OSError as error:
            if error.errno not in NO_ROUTE:
                raise
    return await _connect(addresses[-1])


async def _connect(address: Address) -> Connection:
    host, port = address[:2]
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection

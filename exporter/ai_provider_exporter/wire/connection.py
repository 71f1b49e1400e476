"""One TCP connection, with or without TLS, that carries one exchange at a time and stamps what arrives."""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import Sequence
from time import perf_counter
from typing import Any, cast

from ai_provider_exporter.wire.message import Chunk
from ai_provider_exporter.wire.resolve import Address
from ai_provider_exporter.wire.response import Answer

UNREAD_HIGH = 64 * 1024
"""Unread body bytes above which the server has to wait; one delivery (256 KiB at most) may overshoot."""
_NO_ROUTE = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
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
        self._answer: Answer | None = None
        self._early: list[Chunk] = []
        self._gone: tuple[float, Exception | None] | None = None
        self._reading_paused = False
        self._writing_paused = False
        self._spoiled = False  # a request was not sent to its end
        self._waiter: asyncio.Future[None] | None = None

    # --- what its owner does ------------------------------------------------------------------------------

    async def secure(self, context: ssl.SSLContext, server_name: str) -> dict[str, Any]:
        """Shake hands; returns the peer's certificate as `ssl.SSLSocket.getpeercert` describes it.

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
        return cast("dict[str, Any]", transport.get_extra_info("peercert"))

    async def send(self, data: bytes, answer: Answer) -> None:
        """Hand a whole request to the kernel; what comes back goes into `answer`.

        Returns early when the answer begins before everything is sent.

        Raises:
            OSError: the connection broke.
            Disconnected: the server closed it.
        """
        self._answer = answer
        for at, early in self._early:
            answer.feed(at, early)
        self._early.clear()
        while self._transport.is_closing() and self._gone is None:
            await self._change()  # a write to it would raise, and its end is about to be told
        if self._gone is not None:
            answer.close(*self._gone)
        for start in range(0, len(data), _PIECE):
            if answer.failure is not None or answer.headers_at is not None or self._transport.is_closing():
                self._spoiled = True
                break
            self._transport.write(data[start : start + _PIECE])
            await self._written(answer)
        if answer.failure is not None and answer.headers_at is None:
            raise answer.failure

    async def _written(self, answer: Answer) -> None:
        while self._writing_paused and answer.failure is None and answer.headers_at is None:
            await self._change()

    async def head(self, answer: Answer) -> float:
        """Wait until the head of `answer` is whole; returns the stamp of the bytes that completed it."""
        while answer.headers_at is None:
            if answer.failure is not None:
                raise answer.failure
            await self._change()
        return answer.headers_at

    async def chunk(self, answer: Answer) -> Chunk | None:
        """Wait for the next chunk of `answer`; None at its orderly end."""
        while not answer.queue:
            if answer.failure is not None:
                raise answer.failure
            if answer.complete:
                return None
            await self._change()
        chunk = answer.take()
        if self._reading_paused and answer.unread_bytes <= UNREAD_HIGH:
            self._reading_paused = False
            self._tcp.resume_reading()
        return chunk

    def release(self) -> bool:
        """Let go of the answer; True if the connection can carry another exchange."""
        answer, self._answer = self._answer, None
        return answer is not None and answer.complete and answer.reusable and self.idle

    @property
    def idle(self) -> bool:
        """Nothing has happened that would spoil the next exchange: no byte, no end."""
        quiet = self._gone is None and not self._early and not self._reading_paused
        return quiet and not self._spoiled and not self._transport.is_closing()

    def abort(self) -> None:
        """Close the socket now, without TLS farewell or lingering: those could hold it for half a minute."""
        self._answer = None
        self._tcp.abort()

    # --- what the event loop calls ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.made_at = perf_counter()
        self._tcp = self._transport = cast("asyncio.Transport", transport)
        self._tcp.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        at = perf_counter()
        if self._answer is None:
            self._early.append(Chunk(at, data))
            return
        self._answer.feed(at, data)
        if self._answer.unread_bytes > UNREAD_HIGH or self._answer.failure is not None:
            self._reading_paused = True
            self._tcp.pause_reading()
        self._wake()

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
        if self._answer is not None:
            self._answer.close(*self._gone)
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
            if error.errno not in _NO_ROUTE:
                raise
    return await _connect(addresses[-1])


async def _connect(address: Address) -> Connection:
    host, port = address[:2]
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection

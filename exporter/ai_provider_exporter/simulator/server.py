"""The socket side: reads HTTP/1.1 requests with h11, and lets an answer be written well or badly."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import cast
from urllib.parse import parse_qsl, unquote

import h11

MAX_BODY = 8 * 1024 * 1024  # bytes; no probe sends as much


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # as sent: percent-encoded, without the query
    raw_query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    received: float  # perf_counter, when the last byte of it was there

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(unquote(part) for part in self.path.split("/")[1:])


class Responder:
    """Writes one answer: `head`, `send`, then `finish` - or `cut`, `reset`, `forever` instead."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._unframed = False

    def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Write status and headers; without a content-length the body is chunked."""
        kind = h11.InformationalResponse if status == HTTPStatus.SWITCHING_PROTOCOLS else h11.Response
        self._write(kind(status_code=status, headers=list(headers), reason=reason_of(status)))

    def unframed_head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Write status and headers; the body ends with the connection, which h11 offers to HTTP/1.0 only."""
        self._unframed = True
        lines = [f"HTTP/1.1 {status} {reason_of(status)}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        self._connection.transport.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def send(self, data: bytes) -> None:
        if self._unframed:
            self._connection.transport.write(data)
        else:
            self._write(h11.Data(data=data))

    def finish(self) -> None:
        if self._unframed:
            self._connection.transport.close()
        else:
            self._write(h11.EndOfMessage())

    def cut(self) -> None:
        """End the connection with FIN, whatever the body still owes."""
        self._connection.transport.close()

    def reset(self) -> None:
        """End the connection with RST."""
        raw = self._connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.transport.abort()

    async def drained(self) -> None:
        """Wait until the client has taken enough of what was sent."""
        await self._connection.writable.wait()

    async def forever(self) -> None:
        """Do nothing until the client leaves, which cancels."""
        await asyncio.get_running_loop().create_future()

    def upgrade(self, headers: Iterable[tuple[str, str]]) -> tuple[asyncio.StreamReader, asyncio.Transport]:
        """Answer 101; from now on the connection speaks whatever the two sides like."""
        self.head(HTTPStatus.SWITCHING_PROTOCOLS, headers)
        self._connection.upgraded = asyncio.StreamReader()
        self._connection.upgraded.feed_data(self._connection.parser.trailing_data[0])
        return self._connection.upgraded, self._connection.transport

    def _write(self, event: h11.Event) -> None:
        data = self._connection.parser.send(event)
        if data:
            self._connection.transport.write(data)


def reason_of(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


Handler = Callable[[Request, Responder], Coroutine[None, None, None]]


class Connection(asyncio.Protocol):
    """One client. Each request is answered in a task of its own, cancelled when the client leaves."""

    transport: asyncio.Transport

    def __init__(self, server: "Server") -> None:
        self.parser = h11.Connection(h11.SERVER)
        self.writable = asyncio.Event()
        self.writable.set()
        self.closed = asyncio.get_running_loop().create_future()
        self.upgraded: asyncio.StreamReader | None = None
        self.task: asyncio.Task[None] | None = None
        self._server = server
        self._head: h11.Request | None = None
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._server.connections.discard(self)
        self.closed.set_result(None)
        if self.task:
            self.task.cancel()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        if self.upgraded:
            self.upgraded.feed_data(data)
            return
        try:
            self.parser.receive_data(data)
            self._read_events()
        except h11.RemoteProtocolError as error:
            self.transport.write(f"HTTP/1.1 400 {error}\r\nconnection: close\r\n\r\n".encode())
            self.transport.close()

    def eof_received(self) -> None:
        """Close: a client that shuts its half has left."""

    def _read_events(self) -> None:
        while (event := self.parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Request):
                self._head = event
                self._body.clear()
                self._continue()
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY:
                    raise h11.RemoteProtocolError("body too large")
            elif isinstance(event, h11.EndOfMessage):
                self._answer()

    def _continue(self) -> None:
        if self.parser.they_are_waiting_for_100_continue:
            event = h11.InformationalResponse(status_code=100, headers=[], reason="Continue")
            self.transport.write(self.parser.send(event) or b"")

    def _answer(self) -> None:
        head = self._head
        if head is None:
            return
        path, _, query = head.target.decode("ascii").partition("?")
        headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
        request = Request(head.method.decode(), path, query, headers, bytes(self._body), received=perf_counter())
        self.task = asyncio.create_task(self._server.handler(request, Responder(self)))
        self._server.tasks.add(self.task)
        self.task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._server.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._server.errors.append(error)
            self.transport.abort()
        elif not self.transport.is_closing():
            self._next()

    def _next(self) -> None:
        if self.parser.our_state is h11.DONE and self.parser.their_state is h11.DONE:
            self.parser.start_next_cycle()
            self._read_events()
        else:
            self.transport.close()


class Server:
    """Listens; what breaks in a handler is a defect of the simulator, kept in `errors`."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.errors: list[BaseException] = []
        self._listener: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Listen; return the address, with the port that was found if `port` is 0."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: Connection(self), host, port, ssl=tls, reuse_address=True, backlog=1024
        )
        bound: tuple[str, int] = self._listener.sockets[0].getsockname()[:2]
        return bound

    async def settled(self) -> None:
        """Wait until no request is being answered."""
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Stop listening, and leave every client where it is."""
        if self._listener:
            self._listener.close()
        closing = [connection.closed for connection in self.connections]
        for connection in self.connections:
            connection.transport.abort()
        for task in self.tasks:
            task.cancel()
        await self.settled()
        await asyncio.gather(*closing)  # or their sockets would outlive the event loop

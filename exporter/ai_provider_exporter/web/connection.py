"""One HTTP connection: uvicorn's, with limits, so that a slow, huge or silent client costs next to nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_CONNECTIONS = 512  # file descriptors are shared with the probes
MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 64 * 1024  # no path of ours takes a body
SECONDS_TO_ASK = 10.0  # from the first byte, or the connection, to the end of the request
SECONDS_TO_ANSWER = 60.0

_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 34\r\nconnection: close\r\n\r\n"
    b"The request's header is too large\n"
)


class Connection(HttpToolsProtocol):
    """Closes itself when a request does not come, or its answer does not go, in time."""

    def __init__(self, **wiring: Any) -> None:
        super().__init__(**wiring)
        self.access_log = False  # here, not by taking the handlers off a logger that others may use
        self._head = 0
        self._body = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
            return
        self._within(SECONDS_TO_ASK)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head += len(data)
            if self._deadline is None:
                self._within(SECONDS_TO_ASK)
        super().data_received(data)
        if self._in_head and self._head > MAX_HEAD_BYTES:
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._in_head, self._body = False, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        if self._body > MAX_BODY_BYTES:
            self.transport.abort()
            return
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head, self._head = True, 0
        self._within(None if self.cycle.response_complete else SECONDS_TO_ANSWER)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        asked = self._in_head  # an answer may come before the body of its request has
        if asked and not self.pipeline and not self.transport.is_closing():
            self._within(None)  # idle from here: uvicorn's keep-alive timer

    def timeout_keep_alive_handler(self) -> None:
        self.transport.abort()  # close() would wait for a client that reads no more

    def connection_lost(self, exc: Exception | None) -> None:
        self._within(None)
        super().connection_lost(exc)

    def _within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)

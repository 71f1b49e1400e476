"""One HTTP connection: uvicorn's, with limits, so that a slow, huge or silent client costs next to nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ai_provider_exporter.web.security.log_limit import OncePerMinute


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    connections: int = 512  # file descriptors are shared with the probes
    head_bytes: int = 64 * 1024
    body_bytes: int = 64 * 1024  # no path of ours takes a body
    seconds_to_ask: float = 10  # for a TLS handshake; then for a request, from its first byte to its last
    seconds_to_answer: float = 60  # from there until the answer is written; for one that is not read: listen.UNSENT_FOR
    seconds_idle: int = 120  # longer than scrapes are apart, so that Prometheus keeps its connection


DEFAULT_LIMITS = Limits()
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 34\r\nconnection: close\r\n\r\n"
    b"The request's header is too large\n"
)


class Connection(HttpToolsProtocol):
    """Closes itself when a request does not come, or its answer does not go, in time."""

    def __init__(self, limits: Limits, log: OncePerMinute, **wiring: Any) -> None:
        super().__init__(**wiring)
        self._limits = limits
        self.logger = log  # type: ignore[assignment]  # it logs as a Logger does
        self.access_log = False  # here, not by taking the handlers off a logger that others may use
        self._head = 0
        self._body = 0
        self._in_head = True
        self._silent_since: float | None = monotonic()
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._make_room()
        self._within(self._limits.seconds_to_ask)

    def _make_room(self) -> None:
        """Cut off whoever has been silent the longest: silent clients must not keep the others out."""
        silent = [c for c in self.connections if isinstance(c, Connection) and c.silent_since is not None]
        min(silent, key=lambda c: c.silent_since or 0.0, default=self).transport.abort()

    @property
    def silent_since(self) -> float | None:
        """The monotonic time at which this connection opened, or its last response ended; None during a request."""
        return None if self.transport.is_closing() else self._silent_since

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head += len(data)
            if self._deadline is None:
                self._within(self._limits.seconds_to_ask)
        super().data_received(data)
        if self._in_head and self._head > self._limits.head_bytes:
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._in_head, self._body = False, 0
        self._silent_since = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        if self._body > self._limits.body_bytes:
            self.transport.abort()
            return
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head, self._head = True, 0
        self._within(None if self.cycle.response_complete else self._limits.seconds_to_answer)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        request_complete = self._in_head  # an answer may come before the body of its request has
        if request_complete and not self.pipeline and not self.transport.is_closing():
            self._within(None)  # idle from here: uvicorn's keep-alive timer
            self._silent_since = monotonic()

    def timeout_keep_alive_handler(self) -> None:
        self.transport.abort()  # close() would wait for a client that reads no more

    def connection_lost(self, exc: Exception | None) -> None:
        self._within(None)
        super().connection_lost(exc)

    def _within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)

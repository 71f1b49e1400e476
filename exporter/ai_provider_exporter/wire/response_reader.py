"""One HTTP/1.1 response while it comes in: fed with stamped bytes, read as head and chunks, without sockets."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from ai_provider_exporter.wire.errors import BadResponse, Disconnected, StreamReset, TooLarge, Truncated
from ai_provider_exporter.wire.message import Chunk, Headers

MAX_HEAD_BYTES = 32 * 1024
_MAX_FRAMING = 8  # times the body: chunks of a single byte need six
_SWITCHING_PROTOCOLS = 101


class ResponseReader:
    """`queue` holds what was not read yet; after it comes `failure`, or the end if the response is `complete`.

    Interim answers (1xx) are skipped. Chunks that were complete before a failure are never lost to it.
    """

    def __init__(self, *, max_bytes: int, has_body: bool = True, max_head_bytes: int = MAX_HEAD_BYTES) -> None:
        self.status = 0
        self.http_version = ""
        self.headers = Headers(())
        self.headers_at: float | None = None
        self.ended_at: float | None = None
        self.complete = False
        self.reusable = False
        self.failure: Exception | None = None
        self.queue: deque[Chunk] = deque()
        self.unread_bytes = 0
        self._max_bytes = max_bytes
        self._has_body = has_body
        self._max_head_bytes = max_head_bytes
        self._received = 0
        self._body_bytes = 0
        self._head_bytes = 0
        self._header_pairs: list[tuple[str, str]] = []
        self._framed = False
        self._delivered: bytes | bytearray = b""
        self._at = 0.0
        self._parser = HttpResponseParser(self)

    @property
    def over(self) -> bool:
        return self.complete or self.failure is not None

    @property
    def begun(self) -> bool:
        """Whether any byte has come."""
        return self._received > 0

    def feed(self, at: float, data: bytes) -> None:
        """Take in what arrived at `at`."""
        if self.over:
            self.reusable = False  # bytes that nobody asked for: the next response could not be told from them
            return
        self._at = at
        self._received += len(data)
        try:
            for portion in self._portions(data):
                self._parser.feed_data(portion)
        except HttpParserUpgrade:
            self.reusable = False
        except HttpParserError as error:
            self._broken(error)
        self._collect()
        self._limit()

    @property
    def remarks(self) -> list[str]:
        """In which ways the response is not quite HTTP, each with how often."""
        return []

    def close(self, at: float, error: Exception | None) -> None:
        """The connection is gone, in an orderly way (`error` is None) or not."""
        if self.over:
            return
        self._at = at
        if error is not None:
            self._fail(self._reset(error))
        elif not self._received:
            self._fail(Disconnected("the server closed the connection without a byte of response"))
        elif self.headers_at is None:
            self._fail(Truncated(f"the server closed within the head, after {self._received} bytes"))
        elif self._framed:
            self._fail(Truncated(f"the server closed within the body, after {self._body_bytes} bytes of it"))
        else:
            self._complete()

    def _portions(self, data: bytes) -> Iterator[bytes]:
        """Of what could be all head no more than a head may have: its thousands of fields would all become objects."""
        if self.headers_at is None and len(data) > self._max_head_bytes:
            yield data[: self._max_head_bytes]
            if self.headers_at is None:
                return  # too long, as `_limit` says next
            data = data[self._max_head_bytes :]
        yield data

    def take(self) -> Chunk:
        """The oldest unread chunk."""
        chunk = self.queue.popleft()
        self.unread_bytes -= len(chunk.data)
        return chunk

    def _collect(self) -> None:
        """Queue what one delivery brought as one chunk."""
        if not self._delivered:
            return
        room = self._max_bytes - self._body_bytes
        data = bytes(self._delivered)
        self._delivered = b""
        self._body_bytes += len(data)
        if len(data) > room:
            data = data[:room]
            self._fail(TooLarge(f"the body is longer than {self._max_bytes} bytes"))
        if data:
            self.queue.append(Chunk(self._at, data))
            self.unread_bytes += len(data)

    def _limit(self) -> None:
        if self.over:
            return
        if self.headers_at is None and self._received > self._max_head_bytes:
            self._fail(TooLarge(f"the head of the response is longer than {self._max_head_bytes} bytes"))
        elif self._received > self._max_head_bytes + _MAX_FRAMING * self._max_bytes:
            self._fail(TooLarge("the response is almost nothing but framing"))

    def _broken(self, error: HttpParserError) -> None:
        if self.complete:
            self.reusable = False
        elif self.headers_at is None:
            self._fail(BadResponse(f"the response is not HTTP: {error}"), error)
        else:
            self._fail(StreamReset(f"the framing of the body is broken: {error}"), error)

    def _reset(self, error: Exception) -> Exception:
        if self.headers_at is None:
            return error
        reset = StreamReset(f"the connection broke after {self._body_bytes} bytes of body: {error}")
        reset.__cause__ = error
        return reset

    def _fail(self, failure: Exception, cause: Exception | None = None) -> None:
        failure.__cause__ = failure.__cause__ or cause
        self.failure = failure
        self.ended_at = self._at

    def _complete(self) -> None:
        self.complete = True
        self.ended_at = self._at

    # --- httptools calls these while it parses ------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self.complete:
            raise BadResponse("a second response to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.headers_at is None:  # a later one is a trailer: nothing that is measured depends on it
            self._head_bytes += len(name) + len(value)
            self._header_pairs.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self._is_interim or self._head_bytes > self._max_head_bytes:
            return
        self.http_version = self._parser.get_http_version()
        self.headers_at = self._at
        self.headers = Headers(self._header_pairs)
        encoding = self.headers.get("transfer-encoding", "").lower()
        self._framed = "content-length" in self.headers or "chunked" in encoding
        if not self._has_body:
            self._complete()

    def on_body(self, data: bytes) -> None:
        if self.complete:
            return
        if not self._delivered:
            self._delivered = data  # mostly all there is: not worth a copy
            return
        if isinstance(self._delivered, bytes):
            self._delivered = bytearray(self._delivered)
        self._delivered += data

    def on_message_complete(self) -> None:
        if self._is_interim:
            self._header_pairs.clear()
        elif not self.complete:
            self.reusable = self._parser.should_keep_alive()
            self._complete()

    @property
    def _is_interim(self) -> bool:
        return self.status // 100 == 1 and self.status != _SWITCHING_PROTOCOLS

"""Servers on loopback for either end of the monitoring tools: what they scrape, and whom they notify."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from ssl import SSLContext


@dataclass(frozen=True)
class Inbox:
    """What webhooks have brought, oldest first, under the path that they were sent to."""

    url: str
    letters: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)  # of the letters, by time.monotonic()

    def alerts(self, path: str, status: str = "firing") -> list[dict[str, str]]:
        """Labels of the alerts with that status in the letters to that path."""
        return [
            alert["labels"]
            for where, letter in self.letters
            if where == path
            for alert in letter["alerts"]
            if alert["status"] == status
        ]


@contextmanager
def webhooks() -> Iterator[Inbox]:
    """A receiver for Alertmanager's webhook_configs; any path below its URL is a mailbox."""

    class Handler(Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.arrivals.append(time.monotonic())
            inbox.letters.append((self.path, json.loads(body)))
            self._answer("")

    with served(Handler) as url:
        inbox = Inbox(url)
        yield inbox


@contextmanager
def exposition(page: Callable[[], str]) -> Iterator[str]:
    """HOST:PORT of a server that answers every GET with `page()` in the text format 0.0.4."""

    class Handler(Quiet):
        def do_GET(self) -> None:
            self._answer(page())

    with served(Handler) as url:
        yield url.removeprefix("http://")


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        pass

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], tls: SSLContext | None = None) -> Iterator[str]:
    """The URL of a server; over TLS if a context is given."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

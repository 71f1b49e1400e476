"""Saved pages on a page server, where their format has its documents."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from ai_provider_exporter.pages import FORMATS
from ai_provider_exporter.pages.payload import Payload

from tests.exporter.pages.saved import Saved
from tests.exporter.pages.served import Answer, PageServer

FEEDS = (".atom", ".rss", ".xml", "/feed")

ELSEWHERE = {
    "onlineornot": "/v1/status_pages/acme/summary",
}
"""Formats whose documents are at another host than the page; what is to be written for one of them is its document."""


def put(
    server: PageServer, saved: Saved, under: str = "", changed: Callable[[bytes], bytes] = lambda body: body
) -> tuple[str, tuple[Payload, ...]]:
    """Serve the documents at the best way that has so many of their kind; the page's address, and what is there."""
    base = server.url + ELSEWHERE.get(saved.format, under)
    fitting = [way for way in FORMATS[saved.format].documents(base) if len(way) == len(saved.files)]
    way = min(fitting, key=lambda way: way[0].endswith(FEEDS) == saved.is_json)
    bodies = [changed(path.read_bytes()) for path in saved.files]
    payloads = tuple(Payload(url=url, body=body) for url, body in zip(way, bodies, strict=True))
    server.answers |= {_target(payload.url): Answer(body=payload.body) for payload in payloads}
    return base, payloads


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

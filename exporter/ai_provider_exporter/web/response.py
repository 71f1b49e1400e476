"""How an answer goes out: once rendered, it serves all who ask within the same second; compressed, and with a tag."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Hashable
from functools import cached_property

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_provider_exporter.metrics import View
from ai_provider_exporter.metrics.exposition import is_zero_weight
from ai_provider_exporter.model.state import State

GZIP_LEVEL = 1  # measured by others and by us: a fifth larger than level 9, a tenth of its time
SMALL = 1024  # bytes that fit into one packet are not worth compressing

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Body:
    """Bytes to answer with, and what follows from them, worked out once."""

    def __init__(self, plain: bytes, content_type: str) -> None:
        self.plain = plain
        self.content_type = content_type

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.plain, GZIP_LEVEL, mtime=0)

    @cached_property
    def tag(self) -> str:
        """Weak: it stands for the compressed body too."""
        return f'W/"{hashlib.blake2b(self.plain, digest_size=12).hexdigest()}"'


class SnapshotCache:
    """What was rendered of the state of this second; forgotten with it. Served by one thread, so without a lock."""

    def __init__(self) -> None:
        self._of: tuple[State | None, int] = (None, 0)
        self._bodies: dict[Hashable, Body] = {}

    def get(self, view: View, key: Hashable, make: Callable[[], Body]) -> Body:
        state, second = self._of
        if view.state is not state or int(view.now) != second:
            self._of = (view.state, int(view.now))
            self._bodies = {}
        if key not in self._bodies:
            self._bodies[key] = make()
        return self._bodies[key]


class TimedCache:
    """What was rendered within the last `seconds`, whatever was seen since: a crowd costs no more than a few do.

    After a reload it is made anew: what is gone is not shown once more.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._bodies: dict[Hashable, tuple[float, Hashable, Body]] = {}

    def get(self, view: View, key: Hashable, make: Callable[[], Body]) -> Body:
        loaded = view.facts.config_loaded, view.facts.config_loaded_at
        at, under, body = self._bodies.get(key, (0.0, None, None))
        if body is None or under != loaded or not 0 <= view.now - at < self._seconds:
            body = make()
            self._bodies[key] = view.now, loaded, body
        return body


def reply(request: Request, body: Body, vary: str = "Accept-Encoding") -> Response:
    """The body, whole or compressed as the client likes it."""
    headers = {"content-type": body.content_type, "vary": vary}
    if len(body.plain) > SMALL and takes_gzip(request.headers):
        return Response(body.gzipped, headers={**headers, "content-encoding": "gzip"})
    return Response(body.plain, headers=headers)


def tagged(request: Request, body: Body) -> Response:
    """The same with a tag, or nothing but the tag if the client has this very body."""
    client_tags = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    response = Response(status_code=304) if client_tags & {body.tag, "*"} else reply(request, body)
    response.headers["etag"] = body.tag
    response.headers["cache-control"] = "no-cache"
    return response


def takes_gzip(headers: Headers) -> bool:
    for choice in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = choice.replace(" ", "").partition(";")
        if coding == "gzip":
            return not is_zero_weight(weight)
    return False


class SecurityHeaders:
    """An ASGI application whose every answer says what a browser may do with it: nothing, save what we serve."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_secured)

"""Requests that another web site makes a browser send: none of them may change anything here."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_REFUSAL = "This request was sent by another web site: send it from the exporter's own pages, or without a browser.\n"


class SameSiteOnly:
    """An ASGI application that refuses every cross-site request but reads.

    Source: Fetch Metadata Request Headers, https://www.w3.org/TR/fetch-metadata/, and the `Origin` header of browsers
    that do not send them. Programs such as curl and Prometheus send neither.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in _SAFE_METHODS and is_cross_site(Headers(scope=scope)):
            await PlainTextResponse(_REFUSAL, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def is_cross_site(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")

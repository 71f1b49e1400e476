"""What stands before every path: rate limit, then headers, then password, in exporter-toolkit's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web.security.passwords import Passwords
from ai_provider_exporter.web.security.toolkit import RateLimit
from ai_provider_exporter.web.security.toolkit_file import ToolkitFile

_CHALLENGE = {"www-authenticate": 'Basic realm="ai-provider-exporter", charset="UTF-8"'}


class Bucket:
    """Holds up to `burst` tokens and gains one every `interval` seconds; starts full."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float]) -> None:
        self._limit, self._clock = limit, clock
        self._tokens, self._at = float(limit.burst), clock()

    def take(self) -> bool:
        """Whether there was a token for this request."""
        now = self._clock()
        gained = (now - self._at) / self._limit.interval if self._limit.interval else float("inf")
        self._tokens, self._at = min(self._limit.burst, self._tokens + gained), now
        if self._limit.interval and self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Guard:
    """An ASGI application around another. The rate limit is the one of the start; all else is of this moment."""

    def __init__(self, app: ASGIApp, file: ToolkitFile, clock: Callable[[], float]) -> None:
        self._app, self._file = app, file
        self._bucket = Bucket(file.settings().rate_limit, clock)
        self._passwords = Passwords()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> ASGIApp:
        try:
            settings = self._file.settings()
        except ConfigErrors:
            return _status(HTTPStatus.INTERNAL_SERVER_ERROR)
        if not self._bucket.take():
            return _status(HTTPStatus.TOO_MANY_REQUESTS)
        headers, users = settings.response_headers(), settings.basic_auth_users
        if users and not await self._passwords.admit(users, Headers(scope=scope).get("authorization", "")):
            return _status(HTTPStatus.UNAUTHORIZED, {**headers, **_CHALLENGE})
        return _with(headers, self._app)


def _status(status: HTTPStatus, headers: Mapping[str, str] | None = None) -> ASGIApp:
    return PlainTextResponse(f"{status.phrase}\n", status, headers)


def _with(headers: Mapping[str, str], app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer

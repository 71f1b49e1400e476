"""What stands before every path: rate limit, then headers, then password, in exporter-toolkit's order."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web.response import SECURITY_HEADERS
from ai_provider_exporter.web.security.disconnect import ClientLeftError, ReceiveBuffer
from ai_provider_exporter.web.security.passwords import Passwords
from ai_provider_exporter.web.security.toolkit import RateLimit
from ai_provider_exporter.web.security.toolkit_file import ToolkitFile
from ai_provider_exporter.web.security.turns import TooManyWaitingError

_RETRY = {"retry-after": "1"}
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
        buffered = ReceiveBuffer(receive)
        with suppress(ClientLeftError):
            response = await self._admitted(scope, buffered)
            await response(scope, buffered, send)

    async def _admitted(self, scope: Scope, receive: ReceiveBuffer) -> ASGIApp:
        """The application for who may use it, else the response that refuses."""
        try:
            settings = self._file.settings()
        except ConfigErrors:
            return _status(HTTPStatus.INTERNAL_SERVER_ERROR)
        if not self._bucket.take():
            return _status(HTTPStatus.TOO_MANY_REQUESTS)
        headers, users = settings.response_headers(), settings.basic_auth_users
        try:
            if users and not await receive.while_connected(self._knows(users, scope)):
                return _status(HTTPStatus.UNAUTHORIZED, {**headers, **_CHALLENGE})
        except TooManyWaitingError:
            return _status(HTTPStatus.SERVICE_UNAVAILABLE, {**headers, **_RETRY})
        return _with(headers, self._app)

    def _knows(self, users: Mapping[str, str], scope: Scope) -> Coroutine[None, None, bool]:
        client, _ = scope.get("client") or ("", 0)
        return self._passwords.admit(users, Headers(scope=scope).get("authorization", ""), client)


def _status(status: HTTPStatus, headers: Mapping[str, str] | None = None) -> ASGIApp:
    return PlainTextResponse(
        f"{status.phrase}\n",
        status,
        {**SECURITY_HEADERS, **{name.lower(): value for name, value in (headers or {}).items()}},
    )


def _with(headers: Mapping[str, str], app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer

"""Ways out through a proxy: HTTP (CONNECT for https, forwarding for http), the same over TLS, and SOCKS5."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from urllib.parse import unquote, urlsplit

from ai_provider_exporter.wire.connection import NO_ROUTE, Connection, connect
from ai_provider_exporter.wire.errors import (
    InvalidRequest,
    ProxyFailed,
    TargetRefused,
    TargetTimeout,
    TargetUnreachable,
    WireError,
)
from ai_provider_exporter.wire.message import Chunk, Origin, Request, write_request
from ai_provider_exporter.wire.resolve import addresses_of
from ai_provider_exporter.wire.response_reader import MAX_HEAD_BYTES, ResponseReader
from ai_provider_exporter.wire.route import Route

PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_HTTP = {"http", "https"}
_AUTHENTICATION_REQUIRED = 407
_END_OF_HEAD = b"\r\n\r\n"
_BEYOND_THE_PROXY: dict[int, type[WireError]] = {
    502: TargetUnreachable,
    503: TargetUnreachable,
    504: TargetTimeout,
}
"""What an HTTP proxy says of the way from it to the target: RFC 9110, section 15.6."""
_SOCKS_REPLIES: dict[int, type[WireError]] = {
    3: TargetUnreachable,
    4: TargetUnreachable,
    5: TargetRefused,
    6: TargetTimeout,
}
"""The same of a SOCKS proxy: RFC 1928, section 6. The other replies speak of the proxy and of us."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """`socks5` resolves the target here, `socks5h` leaves that to the proxy, as CONNECT does."""

    scheme: str
    host: str
    port: int
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.scheme}://{Origin(self.scheme, self.host, self.port).host_and_port}"

    @property
    def resolves(self) -> bool:
        return self.scheme != "socks5"

    def forwards(self, origin: Origin) -> bool:
        """Whether it is sent the request itself, with the whole URL, instead of opening a tunnel."""
        return self.scheme in _HTTP and origin.scheme == "http"

    @property
    def headers(self) -> Mapping[str, str]:
        """What an HTTP proxy wants to hear from us."""
        if not self.username:
            return {}
        credentials = b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"proxy-authorization": f"Basic {credentials}"}

    def check(self, status: int) -> None:
        """Of a forwarded response: whether it is the proxy itself that refuses.

        Raises:
            ProxyFailed: it wants other credentials.
        """
        if status == _AUTHENTICATION_REQUIRED:
            raise ProxyFailed(f"the proxy {self} answered {status}; check its user name and password")


@lru_cache(maxsize=256)
def parse_proxy(url: str) -> Proxy:
    """Take a proxy's URL apart.

    Raises:
        InvalidRequest: not such a URL; the message shows nothing of it, for it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in PORTS or not parts.hostname:
        raise InvalidRequest(f"the proxy is not a URL of {', '.join(PORTS)}; write such as socks5h://HOST:1080")
    if parts.scheme not in _HTTP:
        import_module("python_socks.async_.asyncio")  # takes a while, which must not count as connecting
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.scheme, parts.hostname, port or PORTS[parts.scheme], username, password)


async def connect_through(proxy: Proxy, origin: Origin, route: Route) -> Connection:
    """A connection that ends at `origin`, or at a proxy that forwards; TLS with the origin is still to come.

    `origin.host` is what the proxy is told: a name for it to resolve, or an address.

    Raises:
        TargetRefused, TargetUnreachable, TargetTimeout: what the proxy says of the way from it to `origin`.
        ProxyFailed: whatever else went wrong: the proxy is the first thing to look at.
        InvalidRequest: a proxy of scheme https without `route.proxy_tls`.
    """
    try:
        if proxy.scheme in _HTTP:
            return await _through_http(proxy, origin, route)
        return await _through_socks(proxy, origin, route)
    except (ProxyFailed, InvalidRequest, TargetRefused, TargetUnreachable, TargetTimeout):
        raise
    except (OSError, WireError, ValueError) as error:
        raise ProxyFailed(f"the proxy {proxy} failed: {error}") from error


async def _through_http(proxy: Proxy, origin: Origin, route: Route) -> Connection:
    if proxy.scheme == "https" and route.proxy_tls is None:
        raise InvalidRequest(f"the proxy {proxy} needs a TLS context and the route has none")
    connection = await connect(await addresses_of(proxy.host, proxy.port, route.family, route.resolve))
    try:
        if route.proxy_tls is not None and proxy.scheme == "https":
            await connection.secure(route.proxy_tls, proxy.host)
        if not proxy.forwards(origin):
            await _tunnel(connection, proxy, origin)
    except BaseException:
        connection.abort()
        raise
    return connection


class _TunnelReader(ResponseReader):
    """The head of a response to CONNECT; what follows it is the target's."""

    def __init__(self) -> None:
        super().__init__(max_bytes=0, has_body=False)
        self.rest: list[Chunk] = []
        self._head = b""

    def feed(self, at: float, data: bytes) -> None:
        if self.over:
            self.rest.append(Chunk(at, data))
            self.unread_bytes += len(data)
            return
        self._head += data
        while _END_OF_HEAD in self._head or len(self._head) > MAX_HEAD_BYTES:
            if self.over:
                break
            head, end, self._head = self._head.partition(_END_OF_HEAD)
            super().feed(at, head + end)
            self._limit()
        if self.over and self._head:
            self.rest.append(Chunk(at, self._head))
            self.unread_bytes += len(self._head)
            self._head = b""

    def close(self, at: float, error: Exception | None) -> None:
        if self._head and not self.over:
            super().feed(at, self._head)  # its first bytes may show that it is no HTTP at all
        super().close(at, error)


async def _tunnel(connection: Connection, proxy: Proxy, origin: Origin) -> None:
    request = Request(method="CONNECT", url="", headers=proxy.headers)
    reader = _TunnelReader()
    await connection.send(write_request(request, origin.host_and_port, origin.host_and_port, {}), reader)
    await connection.head(reader)
    proxy.check(reader.status)
    if reader.status // 100 != 2:  # noqa: PLR2004  # RFC 9110, 9.3.6: any 2xx opens the tunnel
        failure = _BEYOND_THE_PROXY.get(reader.status, ProxyFailed)
        raise failure(f"the proxy {proxy} answered {reader.status} when asked for {origin.host_and_port}")
    connection.tunnel_opened(reader.rest)


async def _through_socks(proxy: Proxy, origin: Origin, route: Route) -> Connection:
    # The proxy's own address is resolved here, as python-socks would occupy the event loop's threads with it.
    addresses = await addresses_of(proxy.host, proxy.port, route.family, route.resolve)
    for address in addresses[:-1]:
        try:
            return await _socks(proxy, address[0], origin)
        except OSError as error:
            if error.errno not in NO_ROUTE:
                raise
    return await _socks(proxy, addresses[-1][0], origin)


async def _socks(proxy: Proxy, address: str, origin: Origin) -> Connection:
    # Imported by `parse_proxy` already: only whoever has such a proxy pays for it.
    from python_socks import ProxyError, ProxyType  # noqa: PLC0415
    from python_socks.async_.asyncio import Proxy as SocksProxy  # noqa: PLC0415

    socks = SocksProxy(ProxyType.SOCKS5, address, proxy.port, proxy.username or None, proxy.password or None, rdns=True)
    try:
        connected = await socks.connect(origin.host, origin.port)
    except ProxyError as error:
        failure = _SOCKS_REPLIES.get(error.error_code or 0, ProxyFailed)
        raise failure(f"the proxy {proxy} failed to reach {origin.host_and_port}: {error}") from error
    try:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, sock=connected)
    except BaseException:
        connected.close()
        raise
    return connection

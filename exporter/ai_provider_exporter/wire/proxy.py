"""Ways out through a proxy: HTTP (CONNECT for https, forwarding for http), the same over TLS, and SOCKS5."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from urllib.parse import unquote, urlsplit

from ai_provider_exporter.wire.connection import Connection, connect
from ai_provider_exporter.wire.errors import InvalidRequest, ProxyFailed, WireError
from ai_provider_exporter.wire.message import Origin, Request, write_request
from ai_provider_exporter.wire.resolve import addresses_of
from ai_provider_exporter.wire.response_reader import ResponseReader
from ai_provider_exporter.wire.route import Route

PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_HTTP = {"http", "https"}
_AUTHENTICATION_REQUIRED = 407


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
        ProxyFailed: whatever went wrong on this way: the proxy is the first thing to look at.
        InvalidRequest: https without `route.proxy_tls`.
    """
    try:
        if proxy.scheme in _HTTP:
            return await _through_http(proxy, origin, route)
        return await _through_socks(proxy, origin, route)
    except (ProxyFailed, InvalidRequest):
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


async def _tunnel(connection: Connection, proxy: Proxy, origin: Origin) -> None:
    request = Request(method="CONNECT", url="", headers=proxy.headers)
    reader = ResponseReader(max_bytes=0, has_body=False)
    await connection.send(write_request(request, origin.host_and_port, origin.host_and_port, {}), reader)
    await connection.head(reader)
    proxy.check(reader.status)
    if reader.status // 100 != 2:  # noqa: PLR2004  # RFC 9110, 9.3.6: any 2xx opens the tunnel
        raise ProxyFailed(f"the proxy {proxy} answered {reader.status} when asked for {origin.host_and_port}")
    connection.release()


async def _through_socks(proxy: Proxy, origin: Origin, route: Route) -> Connection:
    # Imported by `parse_proxy` already: only whoever has such a proxy pays for it.
    from python_socks import ProxyError, ProxyType  # noqa: PLC0415
    from python_socks.async_.asyncio import Proxy as SocksProxy  # noqa: PLC0415

    # The proxy's own address is resolved here, as python-socks would occupy the event loop's threads with it.
    address = (await addresses_of(proxy.host, proxy.port, route.family, route.resolve))[0]
    socks = SocksProxy(
        ProxyType.SOCKS5, address[0], proxy.port, proxy.username or None, proxy.password or None, rdns=True
    )
    try:
        connected = await socks.connect(origin.host, origin.port)
    except ProxyError as error:
        raise ProxyFailed(f"the proxy {proxy} failed: {error}") from error
    try:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, sock=connected)
    except BaseException:
        connected.close()
        raise
    return connection

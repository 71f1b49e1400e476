"""Sends requests through the proxy that is configured now."""

from __future__ import annotations

from collections.abc import Callable

import httpx2

ProxyFor = Callable[[str], str]
"""Host -> URL of the proxy that leads there, empty for none."""


class EgressTransport(httpx2.AsyncBaseTransport):
    """Asks `proxy_for` at each request, so that a reload holds for the next one; one pool a proxy, and one without."""

    def __init__(self, proxy_for: ProxyFor, limits: httpx2.Limits) -> None:
        self._proxy_for = proxy_for
        self._limits = limits
        self._pools: dict[str, httpx2.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        proxy = self._proxy_for(request.url.host)
        if proxy not in self._pools:
            self._pools[proxy] = httpx2.AsyncHTTPTransport(proxy=proxy or None, limits=self._limits)
        return await self._pools[proxy].handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

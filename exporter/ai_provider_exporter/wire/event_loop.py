"""The event loop of this program: uvloop, but for the look-ups of names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from ai_provider_exporter.wire import Address, Family, Resolver, system_resolver

T = TypeVar("T")

_FAMILIES: dict[int, Family] = {socket.AF_INET: 4, socket.AF_INET6: 6}
_IPV6_PARTS = 4  # address, port, flow and scope


class Loop(uvloop.Loop):
    """Libuv looks names up in four threads and waits for them when it ends: with a dead resolver, for minutes.

    Ours are more, and die with the process. Whoever connects by name uses them: the client of the status pages.
    """

    def __init__(self, resolve: Resolver = system_resolver) -> None:
        super().__init__()
        self._resolve = resolve

    async def getaddrinfo(  # type: ignore[override]  # answers for streams alone
        self, host: Any, port: Any, *, family: int = 0, **_: int
    ) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]]:
        """Of streams, which are all that is asked for here."""
        name = host.decode() if isinstance(host, bytes) else host
        addresses = await self._resolve(name, int(port or 0), _FAMILIES.get(family, 0))
        return [(_family(address), socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if len(address) == _IPV6_PARTS else socket.AF_INET


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on a loop of this kind, as `asyncio.run` does on its own."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)

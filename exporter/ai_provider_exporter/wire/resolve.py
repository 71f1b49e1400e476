"""From a host name to socket addresses, as the system resolver orders them (RFC 6724)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Literal

Family = Literal[0, 4, 6]
Address = tuple[Any, ...]
"""What `connect` takes: (ip, port) or (ip, port, flow, scope)."""
Resolver = Callable[[str, int, Family], Awaitable[Sequence[Address]]]

_FAMILIES: dict[Family, socket.AddressFamily] = {
    0: socket.AF_UNSPEC,
    4: socket.AF_INET,
    6: socket.AF_INET6,
}
_Job = tuple["Future[list[Address]]", str, int, Family]


def _getaddrinfo(host: str, port: int, family: Family) -> list[Address]:
    try:
        addresses = socket.getaddrinfo(host, port, _FAMILIES[family], socket.SOCK_STREAM)
    except ValueError as error:  # a label that is empty or too long never reaches the resolver
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a host name: {error}") from None
    return [address for _, _, _, _, address in addresses]


class _Lookups:
    """Daemon threads for getaddrinfo, as many as questions are open at once, up to a limit.

    `concurrent.futures` would do, but it waits for its threads when the process ends: with a dead resolver getaddrinfo
    takes minutes, and SIGTERM has to be quick.
    """

    def __init__(self, threads: int, look_up: Callable[[str, int, Family], list[Address]] = _getaddrinfo) -> None:
        self._look_up = look_up
        self._max_threads = threads
        self._started = 0
        self._open = 0
        self._lock = Lock()
        self._jobs: SimpleQueue[_Job] = SimpleQueue()

    def submit(self, host: str, port: int, family: Family) -> Future[list[Address]]:
        future: Future[list[Address]] = Future()
        with self._lock:
            self._open += 1
            if self._started < min(self._open, self._max_threads):
                self._started += 1
                Thread(target=self._work, name="wire-resolver", daemon=True).start()
        self._jobs.put((future, host, port, family))
        return future

    def _work(self) -> None:
        while True:
            future, host, port, family = self._jobs.get()
            if future.set_running_or_notify_cancel():
                self._answer(future, host, port, family)
            with self._lock:
                self._open -= 1

    def _answer(self, future: Future[list[Address]], host: str, port: int, family: Family) -> None:
        try:
            future.set_result(self._look_up(host, port, family))
        except OSError as error:
            future.set_exception(error)


# A name whose servers are dead holds a thread for as long as the system asks them: that must not starve the others.
_lookups = _Lookups(threads=32)


async def system_resolver(host: str, port: int, family: Family = 0) -> Sequence[Address]:
    """Ask the system (files, DNS) off the event loop; a cancelled question that waits is never asked.

    Raises:
        socket.gaierror: EAI_NONAME: the name does not exist; EAI_AGAIN: the resolver does not answer.
    """
    return await asyncio.wrap_future(_lookups.submit(host, port, family))


async def addresses_of(host: str, port: int, family: Family, resolve: Resolver) -> list[Address]:
    """At least one address of `host`; an address is its own.

    Raises:
        socket.gaierror: there is none.
    """
    if is_address(host):
        return [(host, port)]
    addresses = list(await resolve(host, port, family))
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, f"{host} has no address")
    return addresses


def is_address(host: str) -> bool:
    """Whether `host` needs no resolving."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

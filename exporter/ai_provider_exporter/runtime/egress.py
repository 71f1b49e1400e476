"""Whether our own way out is open: where none of several independent hosts answers, the outage is ours."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import socket
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from time import monotonic

from ai_provider_exporter.config.options import EgressCheck
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.probes.tcp import split_address
from ai_provider_exporter.wire import Resolver, system_resolver
from ai_provider_exporter.wire.connection import connect
from ai_provider_exporter.wire.resolve import addresses_of, is_address

# Names that no public resolver knows: RFC 6761, 6762, 8375, 9476, and what Kubernetes calls a service.
_PRIVATE_NAMES = (".localhost", ".internal", ".local", ".home.arpa", ".svc")


async def is_open(check: EgressCheck, resolve: Resolver = system_resolver) -> bool:
    """Whether one of the hosts at least accepts a TCP connection in time."""
    return await _any_of([_accepts(*split_address(host), resolve) for host in check.hosts], check.timeout)


async def names_resolve(check: EgressCheck, resolve: Resolver = system_resolver) -> bool:
    """Whether one name at least among the hosts resolves in time; True if all are addresses: nothing speaks against."""
    names = [host for host, _ in map(split_address, check.hosts) if not is_address(host)]
    return not names or await _any_of([_resolves(name, resolve) for name in names], check.timeout)


def is_on_the_way(options: ProbeOptions, check: EgressCheck) -> bool:
    """Whether a probe goes the way that is checked: directly, to a target that lies beyond it."""
    return options.egress.proxy is None and lies_beyond(options.endpoint_host, check.hosts)


def lies_beyond(target: str, hosts: Iterable[str]) -> bool:
    """Whether a dead way to `hosts` explains that the host `target` cannot be reached; empty: it is not known.

    This machine is always here. A private network is on our side, unless all `hosts` are private too: then it is the
    way into that network that they watch.
    """
    if not target or _is_here(target):
        return False
    return not _is_private(target) or all(_is_private(split_address(host)[0]) for host in hosts)


class EgressMonitor:
    """Looks whether the way is open, for whoever asks: one at a time, and the others take what that one saw."""

    def __init__(self, resolve: Resolver = system_resolver) -> None:
        self._resolve = resolve
        self._turn = asyncio.Lock()
        self._seen = False
        self._seen_at = -math.inf

    async def look(self, check: EgressCheck, max_age: float = 0.0) -> bool:
        """Whether the way is open; what was seen within the last `max_age` seconds is good enough."""
        async with self._turn:
            if monotonic() - self._seen_at > max_age:
                self._seen = await is_open(check, self._resolve)
                self._seen_at = monotonic()
            return self._seen


async def _any_of(questions: Iterable[Awaitable[bool]], timeout: float) -> bool:  # noqa: ASYNC109
    attempts = [asyncio.ensure_future(question) for question in questions]
    try:
        async with asyncio.timeout(timeout):
            for finished in asyncio.as_completed(attempts):
                if await finished:
                    return True
    except TimeoutError:
        pass
    finally:
        for attempt in attempts:
            attempt.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)
    return False


async def _accepts(host: str, port: int, resolve: Resolver) -> bool:
    with suppress(OSError):
        connection = await connect(await addresses_of(host, port, 0, resolve))
        connection.abort()
        return True
    return False


async def _resolves(name: str, resolve: Resolver) -> bool:
    with suppress(socket.gaierror):
        return bool(await resolve(name, 0, 0))
    return False


def _is_here(host: str) -> bool:
    if is_address(host):
        return ipaddress.ip_address(host).is_loopback
    return f".{host.lower()}".endswith(".localhost")


def _is_private(host: str) -> bool:
    if is_address(host):
        return not ipaddress.ip_address(host).is_global
    return "." not in host or host.lower().endswith(_PRIVATE_NAMES)

"""Whether our own egress is up: where none of several independent hosts answers, the outage is ours."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import math
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from time import monotonic

from ai_provider_exporter.config.options import EgressCheck
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.address import split_address
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.wire import Resolver, system_resolver
from ai_provider_exporter.wire.connection import connect
from ai_provider_exporter.wire.errors import WireError
from ai_provider_exporter.wire.message import Origin
from ai_provider_exporter.wire.proxy import connect_through, parse_proxy
from ai_provider_exporter.wire.resolve import addresses_of, is_address
from ai_provider_exporter.wire.route import Route
from ai_provider_exporter.wire.tls import TlsContexts

log = logging.getLogger(__name__)

FRESH_SECONDS = 2.0  # a check may be as old as that to explain a failure: probes fail in swarms

# Names that no public resolver knows: RFC 6761, 6762, 8375, 9476, and what Kubernetes calls a service.
_PRIVATE_NAMES = (".localhost", ".internal", ".local", ".home.arpa", ".svc")


ProxyFor = Callable[[str], str]
"""Host -> URL of the proxy that leads there, empty for none; raises Failure where it cannot be read."""


def _no_proxy(_: str) -> str:
    return ""


async def is_open(check: EgressCheck, resolve: Resolver = system_resolver, proxy_for: ProxyFor = _no_proxy) -> bool:
    """Whether one of the hosts at least accepts a TCP connection in time, through the proxy if there is one."""
    attempts = [_accepts(*split_address(host), resolve, proxy_for) for host in check.hosts]
    return await _any_of(attempts, check.timeout)


async def names_resolve(check: EgressCheck, resolve: Resolver = system_resolver) -> bool:
    """Whether one name at least among the hosts resolves in time; True if all are addresses: nothing speaks against."""
    names = [host for host, _ in map(split_address, check.hosts) if not is_address(host)]
    return not names or await _any_of([_resolves(name, resolve) for name in names], check.timeout)


def is_on_the_way(options: ProbeOptions, check: EgressCheck) -> bool:
    """Whether a probe takes the egress that is checked, by the same proxy or none, to a target beyond it."""
    proxy = options.egress.proxy_for(options.endpoint_host)
    return proxy == check.proxy and lies_beyond(options.endpoint_host, check.hosts)


def lies_beyond(target: str, hosts: Iterable[str]) -> bool:
    """Whether `hosts` that are unreachable explain that `target` is; an empty target: it is not known.

    This machine is always here. A private network is on our side, unless all `hosts` are private too: then they check
    the way into that network.
    """
    if not target or _is_here(target):
        return False
    return not _is_private(target) or all(_is_private(split_address(host)[0]) for host in hosts)


class EgressMonitor:
    """Checks the egress for all who need to know: one check at a time, and the others take its result."""

    def __init__(
        self,
        check: EgressCheck,
        location: str,
        store: Store,
        *,
        resolve: Resolver = system_resolver,
        proxy_for: ProxyFor = _no_proxy,
    ) -> None:
        self._check = check
        self._location = location
        self._store = store
        self._resolve = resolve
        self._proxy_for = proxy_for
        self._one_at_a_time = asyncio.Lock()
        self._is_up: bool | None = None
        self._checked_at = -math.inf

    def change(self, check: EgressCheck, location: str) -> None:
        """Go on with another check, or from another location."""
        self._check, self._location = check, location

    def begin(self) -> None:
        """Nothing is known before the first check: what another one found does not count."""
        self._is_up, self._checked_at = None, -math.inf

    def remove(self) -> None:
        self._store.forget_egress()

    async def tick(self) -> None:
        await self.is_up()

    async def is_up(self, max_age: float = 0.0) -> bool:
        """Whether the egress is up; a result of the last `max_age` seconds is good enough."""
        async with self._one_at_a_time:
            if self._is_up is None or monotonic() - self._checked_at > max_age:
                is_up = await is_open(self._check, self._resolve, self._proxy_for)
                log_egress(self._check.hosts, before=self._is_up, is_up=is_up)
                self._is_up, self._checked_at = is_up, monotonic()
                self._store.record_egress(self._location, up=is_up)
            return self._is_up

    def is_down(self) -> bool:
        """Whether the egress is known to be down, or not known to be up yet."""
        return not self._is_up

    async def explains(self, options: ProbeOptions) -> bool:
        """Whether a network failure of this probe is our own: the egress that it takes is down.

        The last check may be older than the trouble: unless it found the egress down, it is checked again.
        """
        if not is_on_the_way(options, self._check):
            return False
        return self._is_up is False or not await self.is_up(FRESH_SECONDS)

    async def names_resolve(self) -> bool:
        return await names_resolve(self._check, self._resolve)


def log_egress(hosts: tuple[str, ...], *, before: bool | None, is_up: bool) -> None:
    if not is_up and before is not False:
        log.warning(
            "egress down: none of %s reachable; the state of what lies beyond is unknown until one is", ", ".join(hosts)
        )
    elif is_up and before is False:
        log.info("egress up again")


async def _any_of(checks: Iterable[Awaitable[bool]], timeout: float) -> bool:  # noqa: ASYNC109
    attempts = [asyncio.ensure_future(check) for check in checks]
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


async def _accepts(host: str, port: int, resolve: Resolver, proxy_for: ProxyFor) -> bool:
    with suppress(OSError, WireError, Failure):
        url = proxy_for(host)
        if url:
            proxy = parse_proxy(url)
            tls = TlsContexts().get() if proxy.scheme == "https" else None
            route = Route(proxy=url, proxy_tls=tls, resolve=resolve)
            connection = await connect_through(proxy, Origin("https", host, port), route)
        else:
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

"""Whether our own way out is open: where none of several independent hosts answers, the outage is ours."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit


async def is_open(hosts: Iterable[str], timeout: float) -> bool:  # noqa: ASYNC109  # handed to asyncio.timeout
    """Whether one `host:port` at least accepts a TCP connection within `timeout` seconds."""
    attempts = [asyncio.create_task(_accepts(host)) for host in hosts]
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


async def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError):
        _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        writer.close()
        return True
    return False


def needs_way_out(url: str) -> bool:
    """Whether a target lies beyond this machine and its private network; a name that tells nothing does."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith((".localhost", ".internal", ".local")):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host

"""A fresh connection in steps: resolve, connect, shake hands. Each step is a phase of the measurement."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from ai_provider_exporter.measurement import Measurement
from ai_provider_exporter.wire.connection import Connection
from ai_provider_exporter.wire.errors import InvalidRequest
from ai_provider_exporter.wire.message import Origin
from ai_provider_exporter.wire.resolve import Address, Family, Resolver, is_address, system_resolver

_NO_ROUTE = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How to get there.

    `tls` is needed for https and shared between routes; `server_name` is the name to ask for and to check the
    certificate against if it is not the URL's host; `family` 0 keeps the resolver's order.
    """

    tls: ssl.SSLContext | None = None
    server_name: str = ""
    family: Family = 0
    resolve: Resolver = system_resolver


async def dial(origin: Origin, route: Route, measurement: Measurement) -> Connection:
    """Connect to `origin`; `measurement` says which step is under way and how long each took.

    Raises:
        socket.gaierror: in phase dns.
        OSError: in phases connect and tls.
        ssl.SSLError: in phase tls.
        InvalidRequest: https without `route.tls`.
    """
    if origin.scheme == "https" and route.tls is None:
        raise InvalidRequest(f"https://{origin.authority} needs a TLS context and the route has none")
    addresses = await _resolve(origin, route, measurement)
    measurement.enter("connect")
    connection = await connect(addresses)
    if origin.scheme == "https" and route.tls is not None:
        measurement.enter("tls", connection.made_at)
        certificate = await _secure(connection, route.tls, route.server_name or origin.host)
        measurement.certificate_expires_at = _expiry(certificate)
    return connection


async def _resolve(origin: Origin, route: Route, measurement: Measurement) -> Sequence[Address]:
    if is_address(origin.host):
        return [(origin.host, origin.port)]
    measurement.enter("dns")
    addresses = await route.resolve(origin.host, origin.port, route.family)
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, f"{origin.host} has no address")
    return addresses


async def connect(addresses: Sequence[Address]) -> Connection:
    """Connect to the first address that this host has a route to; what happens there is the verdict.

    No happy eyeballs and no second try: a service of which one address is dead is half up, and a probe that
    hides it measures the client's patience instead. An address that this host has no route to says nothing
    about the service, so it is passed over.

    Raises:
        OSError: of the address that was tried, or of the last one if none has a route.
    """
    for address in addresses[:-1]:
        try:
            return await _connect(address)
        except OSError as error:
            if error.errno not in _NO_ROUTE:
                raise
    return await _connect(addresses[-1])


async def _connect(address: Address) -> Connection:
    host, port = address[:2]
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection


async def _secure(connection: Connection, context: ssl.SSLContext, server_name: str) -> dict[str, object]:
    try:
        return await connection.secure(context, server_name)
    except BaseException:
        connection.abort()
        raise


def _expiry(certificate: dict[str, object]) -> float | None:
    """Unix seconds; None where the context does not verify, as ssl then hands over an empty certificate."""
    not_after = certificate.get("notAfter")
    return float(ssl.cert_time_to_seconds(not_after)) if isinstance(not_after, str) else None

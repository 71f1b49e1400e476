"""A fresh connection in steps: resolve, connect, shake hands. Each step is a phase of the measurement."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire.certificates import UNKNOWN_ISSUER, Certificate, expires_at, lacks_issuer
from ai_provider_exporter.wire.connection import Connection, connect
from ai_provider_exporter.wire.descriptors import CONNECTIONS
from ai_provider_exporter.wire.errors import IncompleteChain, InvalidRequest, TargetUnreachable, WireError
from ai_provider_exporter.wire.message import Origin
from ai_provider_exporter.wire.proxy import connect_through, parse_proxy
from ai_provider_exporter.wire.resolve import Address, addresses_of, is_address
from ai_provider_exporter.wire.route import Route
from ai_provider_exporter.wire.tls import CaFileContext, unverified

_INSPECTION_SECONDS = 2.0


async def dial(origin: Origin, route: Route, measurement: Measurement) -> Connection:
    """Connect to `origin`; `measurement` says which step is under way and how long each took.

    Phase connect reaches as far as the origin; through a proxy that is to the proxy and what it does from there,
    only that a proxy which forwards http connects when it has seen the request. Phase dns is the origin's name, if
    it is resolved here.

    Raises:
        socket.gaierror: in phase dns.
        OSError: in phases connect and tls.
        ssl.SSLError: in phase tls.
        IncompleteChain: in phase tls.
        ProxyFailed: in phase connect.
        InvalidRequest: TLS without `route.tls`, an unusable proxy URL.
    """
    if origin.is_secure and route.tls is None:
        raise InvalidRequest(f"{origin.scheme}://{origin.authority} needs a TLS context and the route has none")
    connection = await _open(origin, route, measurement)
    if route.tls is None or not origin.is_secure:
        return connection
    measurement.enter("tls", connection.made_at if not route.proxy else None)
    try:
        record_expiry(await secure(connection, route.tls, origin, route), measurement)
    except ssl.SSLCertVerificationError as error:
        measurement.end()  # what follows is no part of the measurement
        certificates = await _inspect(origin, route)
        record_expiry(certificates, measurement)
        trusts_ca_file = isinstance(route.tls, CaFileContext)
        if error.verify_code in UNKNOWN_ISSUER and lacks_issuer(certificates, trusts_ca_file=trusts_ca_file):
            raise IncompleteChain(
                f"the server sends its certificate without that of its issuer, which is not trusted here either: "
                f"{error.verify_message}"
            ) from error
        raise
    return connection


async def secure(connection: Connection, context: ssl.SSLContext, origin: Origin, route: Route) -> list[Certificate]:
    """Shake hands with `origin`, whose certificates are returned; a failure aborts the connection.

    A trailing dot and a zone are no part of a name in SNI and certificates (RFC 6066, section 3).
    """
    name = route.server_name or origin.host.rstrip(".").partition("%")[0]
    try:
        return await connection.secure(context, name)
    except BaseException:
        connection.abort()
        raise


def record_expiry(certificates: list[Certificate], measurement: Measurement) -> None:
    """Keep the earliest expiry of all certificates, and of the server's own, over every hop."""
    if certificates:
        times = [expires_at(certificate) for certificate in certificates]
        measurement.record_expiry(leaf=times[0], earliest=min(times))


async def _inspect(origin: Origin, route: Route) -> list[Certificate]:
    """The certificates that were refused, over a second connection that verifies nothing and sends nothing."""
    with suppress(OSError, WireError):
        async with asyncio.timeout(_INSPECTION_SECONDS):
            connection = await _open(origin, route, Measurement())
            certificates = await secure(connection, unverified(), origin, route)
            connection.abort()
            return certificates
    return []


async def _open(origin: Origin, route: Route, measurement: Measurement) -> Connection:
    """Connect with a file descriptor that is left for it, and given back at the end."""
    CONNECTIONS.take()
    try:
        connection = await _reach(origin, route, measurement)
    except BaseException:
        CONNECTIONS.give_back()
        raise
    connection.at_end = CONNECTIONS.give_back
    return connection


async def _reach(origin: Origin, route: Route, measurement: Measurement) -> Connection:
    if not route.proxy:
        addresses = await _resolve(origin, route, measurement)
        measurement.enter("connect")
        return await connect(addresses)
    proxy = parse_proxy(route.proxy)
    targets = [origin]
    if not proxy.resolves:
        targets = [origin._replace(host=address[0]) for address in await _resolve(origin, route, measurement)]
    measurement.enter("connect")
    for target in targets[:-1]:
        with suppress(TargetUnreachable):
            return await connect_through(proxy, target, route)
    return await connect_through(proxy, targets[-1], route)


async def _resolve(origin: Origin, route: Route, measurement: Measurement) -> list[Address]:
    if not is_address(origin.host):
        measurement.enter("dns")
    return await addresses_of(origin.host, origin.port, route.family, route.resolve)

"""A fresh connection in steps: resolve, connect, shake hands. Each step is a phase of the measurement."""

from __future__ import annotations

import ssl

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire.connection import Connection, connect
from ai_provider_exporter.wire.descriptors import CONNECTIONS
from ai_provider_exporter.wire.errors import InvalidRequest
from ai_provider_exporter.wire.message import Origin
from ai_provider_exporter.wire.proxy import connect_through, parse_proxy
from ai_provider_exporter.wire.resolve import Address, addresses_of, is_address
from ai_provider_exporter.wire.route import Route


async def dial(origin: Origin, route: Route, measurement: Measurement) -> Connection:
    """Connect to `origin`; `measurement` says which step is under way and how long each took.

    Phase connect reaches as far as the origin; through a proxy that is to the proxy and what it does from there,
    only that a proxy which forwards http connects when it has seen the request. Phase dns is the origin's name, if
    it is resolved here.

    Raises:
        socket.gaierror: in phase dns.
        OSError: in phases connect and tls.
        ssl.SSLError: in phase tls.
        ProxyFailed: in phase connect.
        InvalidRequest: https without `route.tls`, an unusable proxy URL.
    """
    if origin.scheme == "https" and route.tls is None:
        raise InvalidRequest(f"https://{origin.authority} needs a TLS context and the route has none")
    CONNECTIONS.take()
    try:
        connection = await _reach(origin, route, measurement)
    except BaseException:
        CONNECTIONS.give_back()
        raise
    connection.at_end = CONNECTIONS.give_back
    if origin.scheme == "https" and route.tls is not None:
        measurement.enter("tls", connection.made_at if not route.proxy else None)
        certificate = await _secure(connection, route.tls, route.server_name or origin.host)
        measurement.certificate_expires_at = _expiry(certificate)
    return connection


async def _reach(origin: Origin, route: Route, measurement: Measurement) -> Connection:
    if not route.proxy:
        addresses = await _resolve(origin, route, measurement)
        measurement.enter("connect")
        return await connect(addresses)
    proxy = parse_proxy(route.proxy)
    end = origin
    if not proxy.resolves:
        address = (await _resolve(origin, route, measurement))[0]
        end = origin._replace(host=address[0])
    measurement.enter("connect")
    return await connect_through(proxy, end, route)


async def _resolve(origin: Origin, route: Route, measurement: Measurement) -> list[Address]:
    if not is_address(origin.host):
        measurement.enter("dns")
    return await addresses_of(origin.host, origin.port, route.family, route.resolve)


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

"""How to get to an origin, as one value that probes share."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from ai_provider_exporter.wire.resolve import Family, Resolver, system_resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`tls` is needed for https, `proxy_tls` for a proxy that is spoken to over TLS; both come from `TlsContexts`.

    `server_name` is the name to ask for and to check the certificate against, if it is not the URL's host; `family` 0
    keeps the resolver's order. `proxy` is `SCHEME://[USER:PASSWORD@]HOST[:PORT]` with one of `proxy.PORTS`.
    """

    tls: ssl.SSLContext | None = None
    server_name: str = ""
    family: Family = 0
    proxy: str = field(default="", repr=False)
    proxy_tls: ssl.SSLContext | None = None
    resolve: Resolver = system_resolver

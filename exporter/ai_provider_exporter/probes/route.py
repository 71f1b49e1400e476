"""The route to a URL, from `egress` and `tls` of a probe."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from ai_provider_exporter import wire
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.egress_options import Egress
from ai_provider_exporter.probes.options import Tls
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.wire.proxy import parse_proxy

HTTP1 = ("http/1.1",)


def route_to(egress: Egress, tls: Tls, url: str, context: ProbeContext, *, alpn: tuple[str, ...] = HTTP1) -> wire.Route:
    """How to reach `url`.

    Raises:
        Failure: tls_untrusted, a certificate file or the system's authorities cannot be used; key_rejected, the
            proxy is a secret that cannot be read; proxy_error, it is no URL of a proxy.
    """
    proxy = _proxy(egress.proxy_for(urlsplit(url).hostname or ""), context)
    return wire.Route(
        tls=tls_context(tls, context, alpn) if url.startswith("https:") else None,
        server_name=tls.server_name,
        family=egress.ip or 0,
        proxy=proxy,
        proxy_tls=tls_context(Tls(), context) if proxy.startswith("https:") else None,
        resolve=context.resolve,
    )


def _proxy(configured: str | Secret | None, context: ProbeContext) -> str:
    if not isinstance(configured, Secret):
        return configured or ""
    proxy = context.secret(configured)
    try:
        parse_proxy(proxy)
    except wire.InvalidRequest as error:
        raise Failure("proxy_error", str(error)) from None
    return proxy


def tls_context(tls: Tls, context: ProbeContext, alpn: tuple[str, ...] = HTTP1) -> ssl.SSLContext:
    """The TLS settings of a probe, built once and shared."""
    try:
        return context.tls.get(
            ca_file=tls.ca_file,
            cert_file=tls.cert_file,
            key_file=tls.key_file,
            alpn=alpn,
            verifies=not tls.insecure_skip_verify,
            trusts_system=tls.trusts_system,
        )
    except wire.TlsUnusable as error:
        raise Failure("tls_untrusted", str(error)) from None

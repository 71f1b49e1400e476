"""The way from here to a URL, as `egress` and `tls` of a probe describe it."""

from __future__ import annotations

import ssl

from ai_provider_exporter import wire
from ai_provider_exporter.faults import Failure
from ai_provider_exporter.options import Secret
from ai_provider_exporter.probes.options import Egress, Tls
from ai_provider_exporter.probes.tools import Tools

HTTP1 = ("http/1.1",)


def route(egress: Egress, tls: Tls, url: str, tools: Tools, *, alpn: tuple[str, ...] = HTTP1) -> wire.Route:
    """How to reach `url`.

    Raises:
        Failure: tls_untrusted, a certificate file or the system's authorities cannot be used; key_rejected, the
            proxy is a secret that cannot be read.
    """
    proxy = tools.secret(egress.proxy) if isinstance(egress.proxy, Secret) else egress.proxy or ""
    return wire.Route(
        tls=context(tls, tools, alpn) if url.startswith("https:") else None,
        server_name=tls.server_name,
        family=egress.ip or 0,
        proxy=proxy,
        proxy_tls=context(Tls(), tools) if proxy.startswith("https:") else None,
        resolve=tools.resolve,
    )


def context(tls: Tls, tools: Tools, alpn: tuple[str, ...] = HTTP1) -> ssl.SSLContext:
    """The TLS settings of a probe, built once and shared."""
    try:
        return tools.tls.get(ca_file=tls.ca_file, cert_file=tls.cert_file, key_file=tls.key_file, alpn=alpn)
    except wire.TlsUnusable as error:
        raise Failure("tls_untrusted", str(error)) from None

"""The way from here to a URL, as `egress` and `tls` of a probe describe it."""

from __future__ import annotations

from ai_provider_exporter import wire
from ai_provider_exporter.probes.options import Egress, Tls
from ai_provider_exporter.probes.tools import Tools


def route(egress: Egress, tls: Tls, url: str, tools: Tools) -> wire.Route:
    return wire.Route(server_name=tls.server_name, family=egress.ip or 0, resolve=tools.resolve)

"""How requests leave this network, as the configuration says it."""

from __future__ import annotations

import ipaddress
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from ai_provider_exporter.schema.types import KeyedError, Many, Options, Secret, check_port
from ai_provider_exporter.wire.resolve import is_address

PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


class ProxyOptions(Options):
    """A proxy, and the hosts that are reached without it."""

    proxy: str | Secret | None = Field(
        default=None,
        description="`http://`, `https://`, `socks5://` or `socks5h://HOST:PORT`; with a password: a secret",
    )
    no_proxy: Many[str] = Field(
        default=(), description="hosts, domains with all below them, and networks that are reached without the proxy"
    )

    @model_validator(mode="after")
    def _is_a_proxy(self) -> Self:
        if not isinstance(self.proxy, str):
            return self
        url = urlsplit(self.proxy)
        if url.scheme not in PROXY_SCHEMES or not url.hostname:
            raise KeyedError("proxy", f"needs one of {', '.join(PROXY_SCHEMES)}, such as socks5h://vpn-us:1080")
        check_port(url)
        if url.password is not None:
            raise KeyedError("proxy", "has a password, which is a secret; write {env: NAME} or {file: PATH}")
        return self

    @field_validator("no_proxy")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [host for host in hosts if not host.strip(".") or "://" in host or (":" in host and not _network(host))]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not a host; write names such as corp.example, and networks")
        return tuple(host.lower() for host in hosts)

    def proxy_for(self, host: str) -> str | Secret | None:
        """The proxy that leads to a host; None: it is reached directly."""
        return None if any(_covers(entry, host.lower()) for entry in self.no_proxy) else self.proxy


class Egress(ProxyOptions):
    """Of one probe; `location` names it in the metrics."""

    ip: Literal[4, 6] | None = Field(default=None, description="4 or 6: use only addresses of that family; null: both")


def _covers(entry: str, host: str) -> bool:
    network = _network(entry)
    if network is not None:
        return is_address(host) and ipaddress.ip_address(host) in network
    return entry == "*" or f".{host}".endswith(f".{entry.removeprefix('*').strip('.')}")


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None

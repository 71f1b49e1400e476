"""A probe without a target: `/probe?module=NAME&target=URL` names it.

A module sends requests, and its key, only to the hosts in its `hosts`.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, field_validator

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.schema.types import HttpUrl, Many, Options, PositiveDuration
from ai_provider_exporter.wire import Address, Family, Resolver
from ai_provider_exporter.wire.resolve import is_address

UNAIMED = "http://target.invalid"  # RFC 6761: a name that never exists
ANY_PATH, API_PATHS = ("*",), ("/", "/v1")
TARGET_KEYS = ("base_url", "url")
NOT_ITS_OWN = ("name", "interval", *TARGET_KEYS)

_GLOB_OF_ADDRESSES = re.compile(r"[\d.:*?/]+")
_HTTP_URL: TypeAdapter[str] = TypeAdapter(HttpUrl)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _host(text: str) -> str:
    network = _network(text)
    if network is not None and network.prefixlen == 0:
        raise ValueError(f"{text!r} is every address there is; write the networks that your servers are in")
    if network is None and _GLOB_OF_ADDRESSES.fullmatch(text):
        raise ValueError(f"{text!r} would fit names such as 10.evil.example; write a network such as 10.0.0.0/8")
    if network is None and ("/" in text or not text):
        raise ValueError(f"{text!r} is no host; write a name, a glob such as *.svc or a network such as 10.0.0.0/8")
    return text.lower()


class Frame(Options):
    """The keys of a module that its kind of probe does not have.

    `hosts` are names, globs over names, and networks: a name that fits no glob must resolve into one of them.
    Within `min_interval` of a run, a request for the same target gets the result of that run.
    """

    hosts: Many[Annotated[str, AfterValidator(_host)]] = Field(
        description="names, globs over names, and networks that the module may be sent to; its key goes nowhere else"
    )
    min_interval: PositiveDuration = Field(
        default=55.0,
        description="a target is probed at most once in this time; a scrape that comes sooner gets the last result",
    )

    paths: Many[Annotated[str, Field(pattern="^[/*]")]] | None = Field(
        default=None,
        description="globs of the paths that a target may have; null: `/` and `/v1` for APIs, any path for http",
    )
    budget_share: float = Field(
        default=0.1, ge=0, le=1, description="part of `budget.daily_usd` that runs of this module may spend a day"
    )
    max_runs_per_minute: int = Field(
        default=600, ge=1, description="runs of this module a minute, all targets together; beyond that: 429"
    )

    @field_validator("hosts")
    @classmethod
    def _name_somebody(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if not hosts:
            raise ValueError('is empty; write names, globs and networks, such as ["*.svc", 10.0.0.0/8]')
        return hosts


@dataclass(frozen=True)
class Module:
    """`options` are complete but for the target, in place of which they have `UNAIMED`."""

    options: ProbeOptions
    hosts: tuple[str, ...]
    paths: tuple[str, ...] | None = None
    budget_share: float = 0.1
    max_runs_per_minute: int = 600

    @property
    def name(self) -> str:
        return self.options.name

    @property
    def min_interval(self) -> float:
        return self.options.interval

    def aimed(self, target: str) -> ProbeOptions:
        return self.options.model_copy(update={target_key(type(self.options)) or "": target})

    def admits_path(self, path: str) -> bool:
        """Whether a target may have this path: of an API, what is below it costs money on each of them."""
        default = ANY_PATH if target_key(type(self.options)) == "url" else API_PATHS
        globs = default if self.paths is None else self.paths
        return any(fnmatchcase(path or "/", glob) for glob in globs)

    def admits(self, host: str) -> bool | None:
        """Whether it may be sent to a host, by its name or address alone; None: that depends on where it leads."""
        if is_address(host):
            return self._holds(host)
        if any(fnmatchcase(host, glob) for glob in self._globs):
            return True
        return None if self._networks else False

    def guarded(self, host: str, resolve: Resolver) -> Resolver:
        """Resolve as `resolve` does; where `host` leads is checked each time, and nothing else is connected to.

        The resolver raises `Failure`: forbidden, the name leads out of the networks now.
        """

        async def resolve_guarded(name: str, port: int, family: Family) -> Sequence[Address]:
            addresses = await resolve(name, port, family)
            if name.lower() != host or self.admits(host):
                return addresses
            admitted = [address for address in addresses if self._holds(address[0])]
            if not admitted:
                raise Failure("forbidden", f"{host} leads to no address that hosts of module {self.name} names")
            return admitted

        return resolve_guarded

    def _holds(self, address: str) -> bool:
        ip = ipaddress.ip_address(address)
        ip = (ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None) or ip
        return any(ip in network for network in self._networks)

    @cached_property
    def _networks(self) -> tuple[Network, ...]:
        return tuple(network for host in self.hosts if (network := _network(host)))

    @cached_property
    def _globs(self) -> tuple[str, ...]:
        return tuple(host for host in self.hosts if _network(host) is None)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def target_key(options: type[ProbeOptions]) -> str | None:
    """The key of a kind that a target fills in; None where a kind has no URL."""
    return next((key for key in TARGET_KEYS if key in options.model_fields), None)


def module_conflicts(options: ProbeOptions, hosts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Keys that a module cannot have, and what to write instead."""
    yield from options.module_conflicts()
    if options.egress.proxy is not None and any(map(_network, hosts)):
        yield "hosts", "a proxy resolves names itself, so networks cannot be checked; write names and globs"


def read_target(text: str) -> str:
    """The URL that somebody asks to be probed, as `/probe` of the blackbox exporter takes it: HOST:PORT is http.

    Raises:
        ValueError: it is none; the message says what to write.
    """
    url = text if "://" in text else f"http://{text}"
    try:
        read = _HTTP_URL.validate_python(url)
    except ValidationError as error:
        raise ValueError(str(error.errors()[0]["ctx"]["error"])) from None
    parts = urlsplit(read)
    if parts.query or parts.fragment:
        raise ValueError("has a query or fragment; write a base URL such as http://10.0.0.7:8000/v1")
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/")).geturl()


async def leads_elsewhere(module: Module, host: str, resolve: Resolver) -> bool:
    """Whether a name leads to no address that the module admits; one that does not resolve leads nowhere."""
    try:
        await module.guarded(host, resolve)(host, 0, 0)
    except socket.gaierror:
        return False
    except Failure:
        return True
    return False

"""A probe without a target: `/probe?module=NAME&target=URL` names it.

A module sends requests, and its key, only to the hosts in its `hosts`.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, field_validator

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.address import resolver_address, split_address
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.probes.target import canonical_host, canonical_url
from ai_provider_exporter.schema.types import Many, Options, PositiveDuration, WebUrl
from ai_provider_exporter.wire import Address, Family, Resolver
from ai_provider_exporter.wire.resolve import is_address

UNAIMED = {
    "base_url": "http://target.invalid",  # RFC 6761: a name that never exists
    "url": "http://target.invalid",
    "address": "target.invalid:1",
    "resolver": "192.0.2.1",  # RFC 5737: an address for documentation
}
ANY_PATH, API_PATHS = ("*",), ("/", "/v1")
TARGET_KEYS = tuple(UNAIMED)
NOT_ITS_OWN = ("name", "interval", *TARGET_KEYS)

_GLOB_OF_ADDRESSES = re.compile(r"[\d.:*?/]+")
_WEB_URL: TypeAdapter[str] = TypeAdapter(WebUrl)
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

    @property
    def target_key(self) -> str:
        return target_key(type(self.options)) or ""

    def read(self, text: str) -> Target:
        """What somebody asks to be probed.

        Raises:
            ValueError: this kind cannot be aimed at it; the message says what to write.
        """
        return READERS[self.target_key](text)

    def aimed(self, target: str, hostname: str = "") -> ProbeOptions:
        """The options of one target; `hostname` is the name that the server is asked for instead of the target's."""
        options = self.options.model_copy(update={self.target_key: target})
        return options.named(hostname) if hostname else options

    def admits_path(self, path: str) -> bool:
        """Whether a target may have this path: of an API, what is below it costs money on each of them."""
        default = API_PATHS if self.target_key == "base_url" else ANY_PATH
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


@dataclass(frozen=True, slots=True)
class Target:
    """What somebody asks to be probed: `text` is what the kind's key takes, `spelling` is how it is counted."""

    text: str
    spelling: str
    host: str
    path: str = "/"


def read_url(text: str) -> Target:
    """A URL that is requested as it is written, as `/probe` of the blackbox exporter takes it: HOST:PORT is http.

    Raises:
        ValueError: it is none; the message says what to write.
    """
    return _url_target(_checked(text))


def read_base_url(text: str) -> Target:
    """The same, for a URL that paths are appended to; raises as `read_url`."""
    parts = urlsplit(_checked(text))
    if parts.query:
        raise ValueError("has a query or fragment; write a base URL such as http://10.0.0.7:8000/v1")
    return _url_target(parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/")).geturl())


def _checked(text: str) -> str:
    url = text if "://" in text else f"http://{text}"
    if "#" in url:
        raise ValueError("has a query or fragment; write a base URL such as http://10.0.0.7:8000/v1")
    try:
        return _WEB_URL.validate_python(url)
    except ValidationError as error:
        raise ValueError(str(error.errors()[0]["ctx"]["error"])) from None


def _url_target(url: str) -> Target:
    spelling = canonical_url(url)
    return Target(url, spelling, urlsplit(url).hostname or "", urlsplit(spelling).path)


def read_address(text: str) -> Target:
    """HOST:PORT; raises as `read_url`."""
    host, port = split_address(text)
    return Target(text, f"{canonical_host(host)}:{port}", host.lower())


def read_resolver(text: str) -> Target:
    """ADDRESS or ADDRESS:PORT; raises as `read_url`."""
    host, port = resolver_address(text, 0)
    return Target(text, f"{canonical_host(host)}:{port}", host)


READERS: dict[str, Callable[[str], Target]] = {
    "base_url": read_base_url,
    "url": read_url,
    "address": read_address,
    "resolver": read_resolver,
}


async def leads_elsewhere(module: Module, host: str, resolve: Resolver) -> bool:
    """Whether a name leads to no address that the module admits; one that does not resolve leads nowhere."""
    try:
        await module.guarded(host, resolve)(host, 0, 0)
    except socket.gaierror:
        return False
    except Failure:
        return True
    return False

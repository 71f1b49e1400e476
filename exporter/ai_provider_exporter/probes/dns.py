"""What a resolver answers for a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
from pydantic import AfterValidator, Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import dns_query
from ai_provider_exporter.probes.address import resolver_address
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dns_expect import DnsExpect, judge, parse_record
from ai_provider_exporter.probes.options import ProbeOptions, Tls
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.schema.types import KeyedError, split_http_url

Transport = Literal["udp", "tcp", "tls", "https"]
_PORTS: dict[Transport, int] = {"udp": 53, "tcp": 53, "tls": 853, "https": 443}
_NOT_ASKED_FOR = frozenset({"AXFR", "IXFR", "OPT", "TSIG", "TKEY", "NONE"})  # what is no record


def _name(value: str) -> str:
    try:
        dns.name.from_text(value)
    except dns.exception.DNSException:
        raise ValueError(f"{value!r} is not a domain name; correct it") from None
    return value


def _type(value: str) -> str:
    try:
        name = dns.rdatatype.to_text(dns.rdatatype.from_text(value))
    except (dns.exception.DNSException, ValueError):
        name = "NONE"
    if name in _NOT_ASKED_FOR:
        raise ValueError(f"{value!r} is not a record type; write one such as A, AAAA, MX or TXT")
    return name


def _resolver(value: str) -> str:
    if value.startswith("https:"):
        split_http_url(value, example="https://resolver.example/dns-query")
    else:
        resolver_address(value, _PORTS["udp"])
    return value


class DnsOptions(ProbeOptions):
    """`resolver` is an address, with or without a port, or an https URL; left out: the system's first."""

    BACKS_OFF = False

    kind: Literal["dns"] = "dns"
    query: Annotated[str, AfterValidator(_name)] = Field(description="name to look up")
    type: Annotated[str, AfterValidator(_type)] = Field(default="A", description="record type, such as `A` or `TXT`")
    resolver: Annotated[str, AfterValidator(_resolver)] | None = Field(
        default=None,
        description="`ADDRESS` or `ADDRESS:PORT` of the resolver, or its URL for DNS over HTTPS; "
        "null: the first of the system",
    )
    transport: Transport = Field(default="udp", description="transport of the query: `udp`, `tcp`, `tls` or `https`")
    recursion: bool = Field(default=True, description="false: ask for what the server itself knows")
    expect: DnsExpect = Field(default=DnsExpect(), description="what the answer must be")
    tls: Tls = Field(default=Tls(), description="TLS of the connection, for `tls` and `https`")

    @model_validator(mode="after")
    def _proxies_take_tcp(self) -> Self:
        if self.transport == "udp" and self.egress.proxy is not None:
            raise KeyedError("transport", "is udp, which no proxy takes; write tcp, or take egress.proxy out")
        return self

    @model_validator(mode="after")
    def _resolver_fits_transport(self) -> Self:
        if self.resolver is not None and self.resolver.startswith("https:") != (self.transport == "https"):
            raise KeyedError("resolver", "is a URL for transport: https and an address for the others; write that")
        if self.resolver is None and self.transport == "https":
            raise KeyedError("resolver", "is missing; write one such as https://resolver.example/dns-query")
        return self

    @model_validator(mode="after")
    def _records_are_of_the_type(self) -> Self:
        for text in self.expect.records:
            parse_record(self.type, text)
        return self

    @property
    def endpoint_host(self) -> str:
        if self.resolver is None:
            return ""
        if self.transport == "https":
            return urlsplit(self.resolver).hostname or ""
        return resolver_address(self.resolver, _PORTS[self.transport])[0]

    @property
    def tls_options(self) -> Tls | None:
        return self.tls if self.transport in {"tls", "https"} else None

    def module_conflicts(self) -> Iterator[tuple[str, str]]:
        if self.transport == "https":
            yield "transport", "takes a URL, which no target of a module of kind dns is; write udp, tcp or tls"


OPTIONS = DnsOptions


async def run(options: DnsOptions, context: ProbeContext, measurement: Measurement) -> None:
    query = dns.message.make_query(options.query, options.type)
    if not options.recursion:
        query.flags &= ~dns.flags.RD
    measurement.enter("dns")
    reply = await _reply(options, query, context, measurement)
    measurement.end()
    judge(reply, options.query, options.type, options.expect)


async def _reply(
    options: DnsOptions, query: dns.message.Message, context: ProbeContext, measurement: Measurement
) -> dns.message.Message:
    if options.transport == "https":
        url = options.resolver or ""
        route = route_to(options.egress, options.tls, url, context)
        return await dns_query.over_https(query, url, route, measurement)
    host, port = _address(options)
    if options.transport != "udp":
        origin = wire.Origin("tls" if options.transport == "tls" else "tcp", host, port)
        route = route_to(options.egress, options.tls, "https:" if origin.is_secure else "", context)
        return await dns_query.over_stream(query, origin, route, measurement)
    reply = await dns_query.over_udp(query, host, port)
    if reply is not None:
        return reply
    # A truncated UDP reply (TC) asks for TCP: RFC 1035 section 4.2.1.
    try:
        origin = wire.Origin("tcp", host, port)
        return await dns_query.over_stream(query, origin, route_to(options.egress, Tls(), "", context), measurement)
    except OSError as error:
        raise type(error)(error.errno, f"the answer over UDP was truncated, and over TCP: {error.strerror}") from error


def _address(options: DnsOptions) -> tuple[str, int]:
    port = _PORTS[options.transport]
    if options.resolver is not None:
        return resolver_address(options.resolver, port)
    # Imports a whole HTTP client for DNS over HTTPS: only whoever asks the system's resolver pays for that.
    import dns.resolver  # noqa: PLC0415

    try:
        return str(dns.resolver.get_default_resolver().nameservers[0]), port
    except (dns.resolver.NoResolverConfiguration, IndexError):
        raise Failure("dns_error", "this system names no resolver; write resolver: ADDRESS") from None

"""What a resolver answers for a name."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Literal, Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
from pydantic import AfterValidator, Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import Pattern, ProbeOptions, Tls
from ai_provider_exporter.probes.raw_stream import RawStream, open_raw_stream
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.probes.tcp import split_address
from ai_provider_exporter.schema.types import KeyedError, Many, Options
from ai_provider_exporter.wire.resolve import is_address

_RETRANSMIT = 2.0  # seconds; UDP loses packets, and a lost one is no outage
_DEFAULT_PORT = 53
_LENGTH = 2  # bytes before each message on TCP
RecordType = Literal["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT"]


def _name(value: str) -> str:
    try:
        dns.name.from_text(value)
    except dns.exception.DNSException:
        raise ValueError(f"{value!r} is not a domain name; correct it") from None
    return value


def resolver_address(value: str) -> tuple[str, int]:
    """`9.9.9.9`, `9.9.9.9:53`, `2620:fe::fe` or `[2620:fe::fe]:53`; only an address, for a name would need a resolver.

    Raises:
        ValueError: it is none of these.
    """
    if is_address(value):
        return value, _DEFAULT_PORT
    host, port = split_address(value)
    if not is_address(host):
        raise ValueError(f"{value!r} is a name; write the resolver's address, such as 9.9.9.9")
    return host, port


def _resolver(value: str) -> str:
    resolver_address(value)
    return value


class DnsExpect(Options):
    """Records are compared as text; every one of `records` must be among the answers."""

    records: Many[str] = Field(default=(), description="records, as text, that must be among the answers")
    regex: Pattern | None = Field(default=None, description="regular expression that matches in a record")


class DnsOptions(ProbeOptions):
    """`resolver` is an address, with or without a port; left out: the system's first."""

    kind: Literal["dns"] = "dns"
    query: Annotated[str, AfterValidator(_name)] = Field(description="name to look up")
    type: RecordType = Field(default="A", description="record type")
    resolver: Annotated[str, AfterValidator(_resolver)] | None = Field(
        default=None, description="`ADDRESS` or `ADDRESS:PORT` of the resolver; null: the first of the system"
    )
    transport: Literal["udp", "tcp"] = Field(default="udp", description="transport of the query")
    expect: DnsExpect = Field(default=DnsExpect(), description="what the answer must be")

    @model_validator(mode="after")
    def _proxies_take_tcp(self) -> Self:
        if self.transport == "udp" and self.egress.proxy is not None:
            raise KeyedError("transport", "is udp, which no proxy takes; write tcp, or take egress.proxy out")
        return self

    @property
    def endpoint_host(self) -> str:
        return self.resolver or ""


OPTIONS = DnsOptions


async def run(options: DnsOptions, context: ProbeContext, measurement: Measurement) -> None:
    query = dns.message.make_query(options.query, options.type)
    host, port = _address(options)
    measurement.enter("dns")
    # A truncated UDP reply (TC) asks for TCP: RFC 1035 section 4.2.1.
    reply = None if options.transport == "tcp" else await _query_udp(query, host, port)
    if reply is None or reply.flags & dns.flags.TC:
        reply = await _query_tcp(query, wire.Origin("http", host, port), options, context, measurement)
    measurement.end()
    _judge(reply, options)


def _address(options: DnsOptions) -> tuple[str, int]:
    if options.resolver is not None:
        return resolver_address(options.resolver)
    # Imports a whole HTTP client for DNS over HTTPS: only whoever asks the system's resolver pays for that.
    import dns.resolver  # noqa: PLC0415

    try:
        return str(dns.resolver.get_default_resolver().nameservers[0]), _DEFAULT_PORT
    except (dns.resolver.NoResolverConfiguration, IndexError):
        raise Failure("dns_error", "this system names no resolver; write resolver: ADDRESS") from None


class _Replies(asyncio.DatagramProtocol):
    """What comes back on one socket; the first failure ends it."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | OSError] = asyncio.Queue(maxsize=64)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002  # the socket is connected
        if not self.queue.full():
            self.queue.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError) and not self.queue.full():
            self.queue.put_nowait(exc)


async def _query_udp(query: dns.message.Message, host: str, port: int) -> dns.message.Message:
    """Repeat the query until a reply comes; the runner's deadline ends it."""
    loop = asyncio.get_running_loop()
    transport, replies = await loop.create_datagram_endpoint(_Replies, remote_addr=(host, port))
    try:
        while True:
            transport.sendto(query.to_wire())
            try:
                async with asyncio.timeout(_RETRANSMIT):
                    return await _reply_to(query, replies)
            except TimeoutError:
                continue
    finally:
        transport.abort()


async def _reply_to(query: dns.message.Message, replies: _Replies) -> dns.message.Message:
    """The first datagram that answers this query; others may be anybody's."""
    while True:
        got = await replies.queue.get()
        if isinstance(got, OSError):
            raise got
        try:
            reply = dns.message.from_wire(got, ignore_trailing=True, raise_on_truncation=False)
        except (dns.exception.DNSException, ValueError):
            continue
        if query.is_response(reply):
            return reply


async def _query_tcp(
    query: dns.message.Message,
    origin: wire.Origin,
    options: DnsOptions,
    context: ProbeContext,
    measurement: Measurement,
) -> dns.message.Message:
    route = route_to(options.egress, Tls(), "", context)
    async with open_raw_stream(origin, route, measurement) as stream:
        measurement.enter("dns")
        await stream.send(query.to_wire(prepend_length=True))
        got = await _message(stream)
    try:
        reply = dns.message.from_wire(got)
    except (dns.exception.DNSException, ValueError) as error:
        raise Failure("dns_error", f"the resolver's answer is no DNS: {error}") from None
    if not query.is_response(reply):
        raise Failure("dns_error", "the resolver answered another query")
    return reply


async def _message(stream: RawStream) -> bytes:
    """One message behind its length of two bytes."""
    got = b""
    while len(got) < _LENGTH or len(got) < _LENGTH + int.from_bytes(got[:_LENGTH]):
        chunk = await stream.receive()
        if chunk is None:
            raise Failure("dns_error", "the resolver closed the connection in mid-answer")
        got += chunk.data
    return got[_LENGTH : _LENGTH + int.from_bytes(got[:_LENGTH])]


def _judge(reply: dns.message.Message, options: DnsOptions) -> None:
    code = dns.rcode.to_text(reply.rcode())
    if reply.rcode() == dns.rcode.NXDOMAIN:
        raise Failure("dns_not_found", f"the resolver says that {options.query} does not exist")
    if reply.rcode() != dns.rcode.NOERROR:
        raise Failure("dns_error", f"the resolver answered {code}")
    wanted = dns.rdatatype.from_text(options.type)
    records = [record.to_text() for rrset in reply.answer if rrset.rdtype == wanted for record in rrset]
    expect, answer = options.expect, ", ".join(records) or "nothing"
    missing = sorted(set(expect.records) - set(records))
    if missing or not records:
        raise Failure(
            "assertion_failed",
            f"{options.type} of {options.query} is {answer}, without {', '.join(missing) or 'a record'}",
        )
    if expect.regex is not None and not any(re.search(expect.regex, record) for record in records):
        raise Failure(
            "assertion_failed", f"{options.type} of {options.query} is {answer}, and none matches {expect.regex!r}"
        )

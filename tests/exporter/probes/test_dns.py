from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes.address import resolver_address
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dns import DnsOptions
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from pydantic import ValidationError

from tests.exporter import idle_time
from tests.exporter.probes.played import read_secret
from tests.exporter.wire.loopback import leaving_nothing

Answer = Callable[[dns.message.Message], list[bytes]]


def records(*texts: str, rcode: int = dns.rcode.NOERROR, cut: bool = False) -> Answer:
    def answer(query: dns.message.Message) -> list[bytes]:
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.Rcode(rcode))
        reply.flags |= dns.flags.TC if cut else 0
        name, kind = query.question[0].name, query.question[0].rdtype
        reply.answer = [dns.rrset.from_text(name, 60, "IN", kind, *texts)] if texts else []
        return [reply.to_wire()]

    return answer


def nobody(query: dns.message.Message) -> list[bytes]:
    return []


@dataclass
class Resolver(asyncio.DatagramProtocol):
    """Answers over UDP with `udp`, over TCP with `tcp`; `asked` counts both."""

    udp: Answer = nobody
    tcp: Answer = nobody
    asked: list[str] = field(default_factory=list)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked.append("udp")
        for reply in self.udp(dns.message.from_wire(data)):
            self.transport.sendto(reply, addr)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append("tcp")
        query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        for reply in self.tcp(dns.message.from_wire(query)):
            writer.write(len(reply).to_bytes(2, "big") + reply)
        await writer.drain()
        writer.close()


def ask(resolver: Resolver, **options: Any) -> ProbeObservation:
    async def run() -> ProbeObservation:
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(resolver.talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transport, _ = await loop.create_datagram_endpoint(lambda: resolver, local_addr=("127.0.0.1", port))
        raw = {"name": "p", "provider": "x", "kind": "dns", "query": "api.example", "timeout": 1.0}
        settings = DnsOptions.model_validate(raw | {"resolver": f"127.0.0.1:{port}"} | options)
        try:
            async with ProbeContext.opened(read_secret) as context:
                return await runner.probe(settings, context, HostHealth())
        finally:
            transport.close()
            server.close()
            await server.wait_closed()

    observation: ProbeObservation = idle_time.run(leaving_nothing(run()))
    return observation


@pytest.mark.parametrize(
    ("answer", "options", "reason"),
    [
        (records("192.0.2.1"), {}, "ok"),
        (records("2001:db8::1"), {"type": "AAAA"}, "ok"),
        (records("192.0.2.1", "192.0.2.2"), {"expect": {"records": ["192.0.2.2"]}}, "ok"),
        (records("192.0.2.1"), {"expect": {"records": ["192.0.2.9"]}}, "assertion_failed"),
        (records("192.0.2.1"), {"expect": {"regex": r"^192\.0\.2\."}}, "ok"),
        (records("198.51.100.1"), {"expect": {"regex": r"^192\.0\.2\."}}, "assertion_failed"),
        (records(), {}, "assertion_failed"),
        (records(rcode=dns.rcode.NXDOMAIN), {}, "dns_not_found"),
        (records(rcode=dns.rcode.SERVFAIL), {}, "dns_error"),
        (nobody, {}, "dns_error"),
    ],
    ids=["A", "AAAA", "record", "other record", "pattern", "other pattern", "none", "NXDOMAIN", "SERVFAIL", "silent"],
)
def test_an_answer_is_judged_by_what_was_expected(answer: Answer, options: dict[str, Any], reason: str) -> None:
    run = ask(Resolver(udp=answer), **options)

    assert run.reason == reason, run.detail


def test_an_answer_that_is_cut_is_asked_for_again_over_tcp() -> None:
    resolver = Resolver(udp=records(cut=True), tcp=records("192.0.2.1"))
    run = ask(resolver)

    assert run.success, run.detail
    assert resolver.asked == ["udp", "tcp"]


def test_tcp_is_asked_alone_when_told_to() -> None:
    resolver = Resolver(tcp=records("192.0.2.1"))
    run = ask(resolver, transport="tcp")

    assert run.success, run.detail
    assert resolver.asked == ["tcp"]


@pytest.mark.parametrize("answer", [nobody, lambda _: [b"nonsense"]], ids=["hung up", "nonsense"])
def test_a_resolver_that_talks_nonsense_over_tcp_failed(answer: Answer) -> None:
    assert ask(Resolver(tcp=answer), transport="tcp").reason == "dns_error"


def test_an_answer_to_another_question_is_passed_over() -> None:
    def first_a_stray(query: dns.message.Message) -> list[bytes]:
        stray = dns.message.make_response(dns.message.make_query("other.example", "A")).to_wire()
        return [b"\x00", stray, *records("192.0.2.1")(query)]

    assert ask(Resolver(udp=first_a_stray)).success


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("9.9.9.9", ("9.9.9.9", 53)),
        ("9.9.9.9:5353", ("9.9.9.9", 5353)),
        ("2620:fe::fe", ("2620:fe::fe", 53)),
        ("[2620:fe::fe]:5353", ("2620:fe::fe", 5353)),
    ],
)
def test_a_resolver_is_an_address(written: str, address: tuple[str, int]) -> None:
    assert resolver_address(written, 53) == address


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"resolver": "dns.google"}, "write host:port"),
        ({"resolver": "dns.google:53"}, "write the resolver's address"),
        ({"query": "a..b"}, "is not a domain name"),
        ({"egress": {"proxy": "socks5://p:1"}}, "write tcp"),
    ],
)
def test_a_mistake_in_the_options_says_what_to_write(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        DnsOptions.model_validate({"name": "p", "provider": "x", "kind": "dns", "query": "x.example", **raw})


def zone(*lines: str, cut_at: int = 0) -> Answer:
    """Answers with whole records, `OWNER TYPE DATA`."""

    def answer(query: dns.message.Message) -> list[bytes]:
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.TC if cut_at else 0
        for line in lines:
            owner, kind, data = line.split(" ", 2)
            reply.answer.append(dns.rrset.from_text(owner, 60, "IN", kind, data))
        wire = reply.to_wire()
        return [wire[:cut_at] if cut_at else wire]

    return answer


@pytest.mark.parametrize(
    ("lines", "options", "reason"),
    [
        pytest.param(
            ["api.example. MX 10 Mail.Example.NET."],
            {"type": "MX", "expect": {"records": ["10 mail.example.net."]}}, "ok",
            id="a name in another case",
        ),
        pytest.param(
            ["api.example. AAAA 2001:db8::9"],
            {"type": "AAAA", "expect": {"records": "2001:0DB8:0:0:0:0:0:9"}}, "ok", id="an address in another spelling",
        ),
        pytest.param(["other.example. A 192.0.2.1"], {}, "assertion_failed", id="a record of another name"),
        pytest.param(
            ["api.example. CNAME edge.example.", "edge.example. A 192.0.2.1"],
            {"expect": {"records": "192.0.2.1"}}, "ok",
            id="by way of an alias",
        ),
        pytest.param(
            ["api.example. CNAME edge.example.", "other.example. A 192.0.2.1"], {}, "assertion_failed",
            id="an alias that leads nowhere",
        ),
        pytest.param(["api.example. A 192.0.2.1"], {"expect": {"not_regex": "^192"}}, "assertion_failed", id="no"),
        pytest.param(
            ["api.example. A 192.0.2.1", "api.example. A 198.51.100.1"], {"expect": {"every_regex": "^192"}},
            "assertion_failed", id="not every one",
        ),
        pytest.param(
            ["api.example. A 192.0.2.1"],
            {"expect": {"regex": "api.example.\t60\tIN\tA\t192"}}, "ok", id="a whole record"
        ),
        pytest.param(['api.example. URI 10 1 "https://x"'], {"type": "URI"}, "ok", id="any type"),
    ],
)  # fmt: skip
def test_records_are_compared_by_value(lines: list[str], options: dict[str, Any], reason: str) -> None:
    run = ask(Resolver(udp=zone(*lines)), **options)

    assert run.reason == reason, run.detail


@pytest.mark.parametrize(
    ("rcode", "expected", "reason"),
    [
        (dns.rcode.NXDOMAIN, "NXDOMAIN", "ok"),
        (dns.rcode.REFUSED, ["NXDOMAIN", "REFUSED"], "ok"),
        (dns.rcode.SERVFAIL, "REFUSED", "assertion_failed"),
    ],
)
def test_a_code_can_be_what_is_expected(rcode: dns.rcode.Rcode, expected: Any, reason: str) -> None:
    assert ask(Resolver(udp=records(rcode=rcode)), expect={"rcode": expected}).reason == reason


def test_an_answer_that_is_cut_in_the_midst_of_a_record_is_asked_for_over_tcp() -> None:
    many = [f"api.example. A 192.0.2.{number}" for number in range(60)]
    resolver = Resolver(udp=zone(*many, cut_at=300), tcp=zone(*many))

    assert ask(resolver, expect={"records": "192.0.2.59"}).success
    assert resolver.asked == ["udp", "tcp"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"type": "BOGUS"}, "is not a record type"),
        ({"type": "AXFR"}, "is not a record type"),
        ({"type": "MX", "expect": {"records": ["mail"]}}, "is not the data of a record of type MX"),
        ({"expect": {"rcode": "WHAT"}}, "is not a response code"),
        ({"resolver": "https://dns.example/q"}, "is a URL for transport: https"),
        ({"transport": "https"}, "is missing"),
    ],
)
def test_what_no_answer_can_be_is_refused(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        DnsOptions.model_validate({"name": "p", "provider": "x", "kind": "dns", "query": "a.example", **raw})

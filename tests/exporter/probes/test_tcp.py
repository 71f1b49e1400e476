from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from typing import Any

import pytest
import trustme
from ai_provider_exporter import wire
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes import tcp as tcp_kind
from ai_provider_exporter.probes.address import split_address
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.pattern import search
from ai_provider_exporter.probes.tcp import TcpOptions
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from pydantic import ValidationError

from tests.exporter import idle_time
from tests.exporter.probes.played import read_secret
from tests.exporter.wire.loopback import leaving_nothing, server_context, serving


def greeting(said: bytes, wait: float = 0.0) -> Any:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        await asyncio.sleep(wait)

    return handler


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readexactly(4))
    await writer.drain()


def tcp(
    handler: Any, server_tls: ssl.SSLContext | None = None, trusts: trustme.CA | None = None, **options: Any
) -> ProbeObservation:
    async def run() -> ProbeObservation:
        async with serving(handler, server_tls) as port, ProbeContext.opened(read_secret) as opened:
            contexts = wire.TlsContexts(trusts.configure_trust if trusts else None)
            raw = {
                "name": "p",
                "provider": "x",
                "kind": "tcp",
                "address": f"127.0.0.1:{port}",
                "timeout": 1.0,
            } | options
            settings = TcpOptions.model_validate(raw)
            return await runner.probe(settings, replace(opened, tls=contexts), HostHealth())

    observation: ProbeObservation = idle_time.run(leaving_nothing(run()))
    return observation


def test_a_port_that_takes_connections_is_a_success() -> None:
    run = tcp(greeting(b""))

    assert run.success, run.detail
    assert set(run.phases) == {"connect"}
    assert run.id.model == ""


def test_a_port_that_nobody_listens_on_refuses() -> None:
    async def nobody() -> int:
        async with serving(greeting(b"")) as port:
            return port

    run = tcp(greeting(b""), address=f"127.0.0.1:{asyncio.run(nobody())}")

    assert run.reason == "connect_refused"


@pytest.mark.parametrize(
    ("handler", "options", "reason"),
    [
        (greeting(b"220 ready\r\n", 5.0), {"expect": {"contains": "220"}}, "ok"),
        (greeting(b"220 ready\r\n", 5.0), {"expect": {"regex": "^220 .*\r\n$"}}, "ok"),
        (greeting(b"421 busy\r\n"), {"expect": {"contains": "220"}}, "assertion_failed"),
        (greeting(b"", 5.0), {"expect": {"contains": "220"}}, "headers_timeout"),
        (echo, {"send": "PING", "expect": {"contains": "PING"}}, "ok"),
    ],
    ids=["greets", "greets by pattern", "greets otherwise", "says nothing", "answers"],
)
def test_a_greeting_is_judged_by_what_was_expected(handler: Any, options: dict[str, Any], reason: str) -> None:
    run = tcp(handler, **options)

    assert run.reason == reason, run.detail


def test_tls_shows_when_the_certificate_ends() -> None:
    authority = trustme.CA()
    server_tls = server_context(authority.issue_cert("127.0.0.1"))
    trusted = tcp(greeting(b""), server_tls, authority, tls={})
    foreign = tcp(greeting(b""), server_tls, trustme.CA(), tls={})

    assert trusted.success, trusted.detail
    assert trusted.certificate_expires_at is not None
    assert "tls" in trusted.phases
    assert foreign.reason == "tls_untrusted"


@pytest.mark.parametrize(
    ("address", "split"),
    [("db.example:5432", ("db.example", 5432)), ("[::1]:53", ("::1", 53)), ("10.0.0.1:1", ("10.0.0.1", 1))],
)
def test_an_address_has_a_host_and_a_port(address: str, split: tuple[str, int]) -> None:
    assert split_address(address) == split


@pytest.mark.parametrize("address", ["db.example", "::1:53", "x:0", "x:70000", "http://x:1", ":5", ""])
def test_what_is_no_address_says_what_to_write(address: str) -> None:
    with pytest.raises(ValidationError):
        TcpOptions.model_validate({"name": "p", "provider": "x", "kind": "tcp", "address": address})


# --- conversations ----------------------------------------------------------------------------------------


def mail(server_tls: ssl.SSLContext | None = None) -> Any:
    """A mail server that greets in two lines and starts TLS when it is asked to."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220-hello\r\n220 mail.test\r\n")
        while line := await reader.readline():
            if line.startswith(b"EHLO"):
                writer.write(b"250-mail.test\r\n250 STARTTLS\r\n")
            elif line == b"STARTTLS\r\n" and server_tls is not None:
                writer.write(b"220 go on\r\n")
                await writer.drain()
                await writer.start_tls(server_tls)
            else:
                writer.write(b"221 " + line)

    return handler


HELLO = [{"expect": "^220 (.*)", "send": "EHLO ${1}\r\n"}, {"expect": "^250 STARTTLS", "send": "STARTTLS\r\n"}]


def test_a_conversation_goes_step_by_step_and_repeats_what_it_was_told() -> None:
    steps = [{"expect": "^220 (mail.*)", "send": "say ${1} ${7}\r\n"}, {"expect": "^221 say mail.test "}]
    run = tcp(mail(), conversation=steps)

    assert run.success, run.detail


def test_a_conversation_starts_tls_in_its_middle() -> None:
    authority = trustme.CA()
    server_tls = server_context(authority.issue_cert("127.0.0.1"))
    steps = [*HELLO, {"expect": "^220 go on", "start_tls": True, "send": "QUIT\r\n"}, {"expect": "^221 QUIT"}]
    trusted = tcp(mail(server_tls), None, authority, conversation=steps)
    foreign = tcp(mail(server_tls), None, trustme.CA(), conversation=steps)

    assert trusted.success, trusted.detail
    assert {"connect", "tls"} <= set(trusted.phases)
    assert trusted.certificate_expires_at is not None
    assert foreign.reason == "tls_untrusted"


def test_a_line_that_does_not_come_fails_with_its_step() -> None:
    run = tcp(greeting(b"220 hello\r\n"), conversation=[{"expect": "^220"}, {"expect": "^250"}])

    assert run.reason == "assertion_failed"
    assert "step 2" in run.detail


def refusing(server_tls: ssl.SSLContext) -> Any:
    """Shakes hands by itself, for asyncio's server drops the alert that tells the client why it is refused."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = server_tls.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
            except ssl.SSLError:
                writer.write(outgoing.read())
                await reader.read()
                return

    return handler


def test_a_server_that_refuses_our_certificate_after_the_handshake_is_no_success() -> None:
    authority = trustme.CA()
    server_tls = server_context(authority.issue_cert("127.0.0.1"))
    server_tls.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server_tls)
    run = tcp(refusing(server_tls), None, authority, tls={})

    assert (run.reason, run.fault) == ("key_rejected", "ours")
    assert "write tls.cert_file" in run.detail


def test_a_flood_of_small_pieces_is_matched_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    matched: list[int] = []

    def counted(pattern: str, data: bytes) -> Any:
        matched.append(len(data))
        return search(pattern, data)

    async def chat(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0)

    monkeypatch.setattr(tcp_kind, "search", counted)
    run = tcp(chat, expect={"regex": "READY"})

    assert run.reason == "assertion_failed"
    assert sum(matched) < 40 * 3000

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from typing import Any

import pytest
import trustme
from ai_provider_exporter import wire
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.tcp import TcpOptions, split_address
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

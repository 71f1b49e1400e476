"""Side by side with the real blackbox_exporter: the same targets, its modules migrated, the same verdict."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import httpx2
import pytest
import trustme
import yaml
from ai_provider_exporter.config.blackbox import translate
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.module import target_key
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth

from tests.exporter.wire.loopback import HANG, Handler, serving
from tests.tools.monitoring import tool

pytestmark = pytest.mark.e2e

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
GZIP_OF_FINE = bytes.fromhex("1f8b08000000000000034bcbcc4b0500be1d6f7204000000")


@dataclass(frozen=True)
class Case:
    """`module` is blackbox_exporter's; `say` is what a server sends for a request, or a handler of its own."""

    prober: str
    module: dict[str, Any] = field(default_factory=dict)
    say: bytes | Handler | None = None
    path: str = "/"
    cert: str = ""  # which certificate the server has; empty: no TLS
    target: str = "{scheme}127.0.0.1:{port}{path}"
    zone: Callable[[dns.message.Message], dns.message.Message] | None = None


def page(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def http(say: bytes | Handler | None, path: str = "/", cert: str = "", **module: Any) -> Case:
    return Case("http", {"preferred_ip_protocol": "ip4", **module}, say, path, cert)


def tcp(say: bytes | Handler | None, cert: str = "", **module: Any) -> Case:
    return Case("tcp", {"preferred_ip_protocol": "ip4", **module}, say, cert=cert, target="127.0.0.1:{port}")


def named(*lines: str, rcode: int = dns.rcode.NOERROR, **module: Any) -> Case:
    def zone(query: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.Rcode(rcode))
        for line in lines:
            owner, kind, data = line.split(" ", 2)
            reply.answer.append(dns.rrset.from_text(owner, 60, "IN", kind, data))
        return reply

    question = {"query_name": "www.site.test", "query_type": "A", "preferred_ip_protocol": "ip4"}
    return Case("dns", question | module, target="127.0.0.1:{port}", zone=zone)


def redirect(place: str, status: int = 302) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        is_end = b" /end" in request.split(b"\r\n")[0]
        writer.write(page(b"end") if is_end else page(b"", f"Location: {place}", status=f"{status} Go"))

    return handler


async def mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.test ESMTP\r\n")
    while line := await reader.readline():
        writer.write(b"250-mail.test\r\n250 HELP\r\n" if line.startswith(b"EHLO") else b"221 bye\r\n")


async def needs_password(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = await reader.readuntil(b"\r\n\r\n")
    writer.write(page(b"in") if b"uthorization: Basic cHJvYmU6cHc=" in request else page(b"", status="401 No"))


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers a request with its own head as body."""
    writer.write(page(await reader.readuntil(b"\r\n\r\n")))


A, B = "www.site.test. A 192.0.2.1", "www.site.test. A 198.51.100.2"
SKIP: dict[str, Any] = {"tls_config": {"insecure_skip_verify": True}}
TRUST: dict[str, Any] = {"tls_config": {"ca_file": "{ca}", "server_name": "site.test"}}
CASES: dict[str, Case] = {
    # --- statuses ---
    "200": http(page(b"fine")),
    "204": http(page(b"", status="204 None")),
    "206": http(page(b"part", status="206 Part")),
    "404": http(page(b"", status="404 Not")),
    "404 expected": http(page(b"", status="404 Not"), valid_status_codes=[404]),
    "200 not expected": http(page(b""), valid_status_codes=[404]),
    "403 of nginx": http(page(b"<html><h1>403 Forbidden</h1></html>", "Content-Type: text/html", status="403 No")),
    "500": http(page(b"", status="500 Oh")),
    "503 with Retry-After": http(page(b"", "Retry-After: 600", status="503 Busy")),
    "304": http(page(b"", status="304 Same")),
    "interim": http(b"HTTP/1.1 103 Early\r\n\r\n" + page(b"fine")),
    # --- bodies ---
    "body matches": http(page(b"queue: 17 jobs"), fail_if_body_not_matches_regexp=["queue: [[:digit:]]+ jobs"]),
    "body does not match": http(page(b"queue: no jobs"), fail_if_body_not_matches_regexp=["queue: [[:digit:]]+ jobs"]),
    "body must not match": http(page(b"ERROR"), fail_if_body_matches_regexp=["ERROR", "FATAL"]),
    "body may match nothing": http(page(b"fine"), fail_if_body_matches_regexp=["ERROR", "FATAL"]),
    "case": http(page(b"Healthy"), fail_if_body_not_matches_regexp=["(?i)healthy"]),
    "lines": http(page(b"a\nok\nb"), fail_if_body_not_matches_regexp=["(?m)^ok$"]),
    "backtracking": http(page(b"a b c d e f " * 8000), fail_if_body_matches_regexp=[".*(ERROR|FATAL).*"]),
    "300 KB": http(page(b"x" * 300_000 + b"end"), fail_if_body_not_matches_regexp=["end$"]),
    "too long": http(page(b"x" * 3000), body_size_limit="1KB", fail_if_body_not_matches_regexp=["x"]),
    "cut": http(OK + b"Content-Length: 900\r\n\r\nhalf"),
    "chunked": http(
        OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n", fail_if_body_not_matches_regexp=["fine"]
    ),
    "broken chunks": http(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nfine\r\n"),
    "until the end": http(OK + b"\r\nfine", fail_if_body_not_matches_regexp=["fine"]),
    "gzip": http(
        page(GZIP_OF_FINE, "Content-Encoding: gzip"),
        compression="gzip",
        headers={"Accept-Encoding": "gzip"},
        fail_if_body_not_matches_regexp=["fine"],
    ),
    "gzip unasked": http(page(GZIP_OF_FINE, "Content-Encoding: gzip"), fail_if_body_not_matches_regexp=["fine"]),
    # --- headers ---
    "header matches": http(
        page(b"", "X-Role: main"), fail_if_header_not_matches=[{"header": "X-Role", "regexp": "^main$"}]
    ),
    "header missing": http(page(b""), fail_if_header_not_matches=[{"header": "X-Role", "regexp": ".*"}]),
    "header may miss": http(
        page(b""), fail_if_header_not_matches=[{"header": "X-Role", "regexp": "main", "allow_missing": True}]
    ),
    "header must not match": http(
        page(b"", "X-Role: spare"), fail_if_header_matches=[{"header": "X-Role", "regexp": "spare"}]
    ),
    "one of two headers": http(
        page(b"", "Set-Cookie: a=1", "Set-Cookie: sid=2"),
        fail_if_header_not_matches=[{"header": "Set-Cookie", "regexp": "^sid="}],
    ),
    "60 KB of header": http(page(b"", "X: " + "x" * 60_000)),
    # --- requests ---
    "path and query": http(echo, "/deep/?q=1", fail_if_body_not_matches_regexp=["^GET /deep/\\?q=1 "]),
    "own header": http(echo, headers={"X-Probe": "yes"}, fail_if_body_not_matches_regexp=["(?i)x-probe: yes"]),
    "host header": http(echo, headers={"Host": "site.test"}, fail_if_body_not_matches_regexp=["(?i)host: site.test"]),
    "POST": http(echo, method="POST", body="x", fail_if_body_not_matches_regexp=["^POST "]),
    "HEAD": http(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", method="HEAD"),
    "password": http(needs_password, basic_auth={"username": "probe", "password": "pw"}),
    "no password": http(needs_password),
    # --- redirects ---
    "redirect": http(redirect("/end"), fail_if_body_not_matches_regexp=["end"]),
    "redirect not followed": http(redirect("/end"), follow_redirects=False),
    "redirect expected": http(redirect("/end"), follow_redirects=False, valid_status_codes=[302]),
    "308": http(redirect("/end", 308)),
    "redirects without end": http(redirect("/again")),
    "redirect in UTF-8": http(redirect("/end/stra\xc3\x9fe"), fail_if_body_not_matches_regexp=["end"]),
    # --- what is no HTTP ---
    "no HTTP": http(b"SSH-2.0-x\r\n"),
    "hang up": http(b""),
    "bare LF": http(b"HTTP/1.1 200 OK\nContent-Length: 4\n\nfine", fail_if_body_not_matches_regexp=["fine"]),
    "the same length twice": http(OK + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nfine"),
    "two lengths": http(OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nfine"),
    "nobody listens": http(None),
    # --- TLS ---
    "https": http(page(b"fine"), cert="good", **TRUST),
    "https, unknown issuer": http(page(b"fine"), cert="good"),
    "https, not verified": http(page(b"fine"), cert="good", **SKIP),
    "https, expired": http(page(b"fine"), cert="expired", **TRUST),
    "https, expired and not verified": http(page(b"fine"), cert="expired", **SKIP),
    "https, another host": http(page(b"fine"), cert="other", **TRUST),
    "https, an intermediate": http(page(b"fine"), cert="middle", **TRUST),
    "http where TLS is due": http(page(b"fine"), fail_if_not_ssl=True),
    "https where none is due": http(page(b"fine"), cert="good", fail_if_ssl=True, **TRUST),
    # --- tcp ---
    "port": tcp(b""),
    "port that nobody has": tcp(None),
    "banner": tcp(b"SSH-2.0-x\r\n", query_response=[{"expect": "^SSH-2.0-"}]),
    "another banner": tcp(b"HTTP/1.1\r\n", query_response=[{"expect": "^SSH-2.0-"}]),
    "conversation": tcp(
        mail, query_response=[{"expect": "^220 ([^ ]+) "}, {"send": "EHLO ${1}"}, {"expect": "^250 HELP"}]
    ),
    "port with TLS": tcp(b"", cert="good", tls=True, **TRUST),
    "port with TLS, unknown issuer": tcp(b"", cert="good", tls=True),
    "port without TLS": tcp(b"hello\r\n", tls=True, **SKIP),
    # --- dns ---
    "name": named(A),
    "name, NXDOMAIN": named(rcode=dns.rcode.NXDOMAIN),
    "name, NXDOMAIN expected": named(rcode=dns.rcode.NXDOMAIN, valid_rcodes=["NXDOMAIN"]),
    "name, SERVFAIL": named(rcode=dns.rcode.SERVFAIL),
    "name, one matches": named(A, B, validate_answer_rrs={"fail_if_none_matches_regexp": ["192.0.2"]}),
    "name, not every one": named(A, B, validate_answer_rrs={"fail_if_not_matches_regexp": ["192.0.2"]}),
    "name, must not match": named(A, validate_answer_rrs={"fail_if_matches_regexp": [".*\t192.0.2.1$"]}),
    "name, no answer": named(),
}
DIFFERENT: dict[str, str] = {
    "name, no answer": "NOERROR without a record of the type that was asked for is no name that can be used",
}
"""Where our verdict is another one, and why."""


@contextlib.asynccontextmanager
async def resolver(zone: Callable[[dns.message.Message], dns.message.Message]) -> AsyncIterator[int]:
    class Answering(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.transport.sendto(zone(dns.message.from_wire(data)).to_wire(), addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Answering, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def _handler(say: bytes | Handler, prober: str) -> Handler:
    if callable(say):
        return say

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if prober == "http":
            await reader.readuntil(b"\r\n\r\n")
        writer.write(say)
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reader.read(), 0.5)

    return handler


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _servers(directory: Path) -> dict[str, ssl.SSLContext]:
    """By name of a certificate; the authority that signs them is in `ca.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    past = datetime(2021, 1, 1, tzinfo=UTC)
    certificates = {
        "good": authority.issue_cert("site.test"),
        "other": authority.issue_cert("elsewhere.test"),
        "expired": authority.issue_cert("site.test", not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=past),
        "middle": authority.create_child_ca().issue_cert("site.test"),
    }
    contexts = {}
    for name, certificate in certificates.items():
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(contexts[name])
    return contexts


def _filled(value: Any, ca: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, ca) for key, inner in value.items()}
    return ca if value == "{ca}" else value


@contextlib.asynccontextmanager
async def blackbox(directory: Path, modules: dict[str, Any]) -> AsyncIterator[httpx2.AsyncClient]:
    config = directory / "blackbox.yml"
    config.write_text(yaml.safe_dump({"modules": modules}))
    port = _free_port()
    program = str(tool("prometheus-blackbox-exporter"))
    flags = [f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
    with (directory / "blackbox.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *flags, stdout=log, stderr=log)
        try:
            async with (
                httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=HANG) as client,
                asyncio.timeout(10 * HANG),
            ):
                while True:
                    with contextlib.suppress(httpx2.ConnectError):
                        if (await client.get("/-/healthy")).status_code == 200:
                            break
                    await asyncio.sleep(0.05)
                yield client
        finally:
            process.terminate()
            await process.wait()


async def _ours(module: dict[str, Any], target: str) -> tuple[bool, str]:
    translation = translate(module)
    assert translation.options is not None, translation.notes
    kind = KINDS[translation.options["kind"]]
    options = kind.OPTIONS.model_validate(
        {"name": "p", "provider": "x", **translation.options, target_key(kind.OPTIONS) or "": target}
    )
    async with ProbeContext.opened(lambda _: "pw") as context:
        run = await runner.probe(options, context, HostHealth())
    return run.success, f"{run.reason}: {run.detail}"


async def _compare(directory: Path) -> dict[str, str]:
    """Where the two differ: the case, and what ours says."""
    contexts, ca = _servers(directory), str(directory / "ca.pem")
    modules = {
        name: {"prober": case.prober, "timeout": "5s", case.prober: _filled(case.module, ca)}
        for name, case in CASES.items()
    }
    different = {}
    async with blackbox(directory, modules) as client:
        for name, case in CASES.items():
            async with contextlib.AsyncExitStack() as stack:
                port = _free_port()
                if case.zone is not None:
                    port = await stack.enter_async_context(resolver(case.zone))
                elif case.say is not None:
                    handler = _handler(case.say, case.prober)
                    port = await stack.enter_async_context(serving(handler, contexts.get(case.cert)))
                scheme = "https://" if case.cert else "http://"
                target = case.target.format(scheme=scheme, port=port, path=case.path)
                text = (await client.get("/probe", params={"module": name, "target": target})).text
                success, detail = await _ours(modules[name], target)
            theirs = "\nprobe_success 1\n" in text
            if success != theirs:
                different[name] = f"theirs {theirs}, ours {success}: {detail}"
    return different


def test_every_verdict_is_that_of_blackbox_exporter_or_the_table_says_why(tmp_path: Path) -> None:
    different = asyncio.run(_compare(tmp_path))

    assert len(CASES) >= 60
    assert different.keys() == DIFFERENT.keys(), "\n".join(f"{name}: {how}" for name, how in different.items())

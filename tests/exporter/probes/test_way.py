"""The way to an API: kept connections, certificates of both sides, proxies and address families."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.schema.types import Secret

from tests.exporter import idle_time
from tests.exporter.wire.loopback import leaving_nothing, server_context, serving

BODY = json.dumps({"data": [{"id": "m"}]}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Api:
    """Answers on one connection for as long as the client keeps it."""

    def __init__(self) -> None:
        self.connections = 0
        self.heads: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(ANSWER)
            await writer.drain()


def runs(
    count: int, api: Api, server_tls: ssl.SSLContext | None = None, secret: str = "", **options: Any
) -> list[ProbeObservation]:
    async def run() -> list[ProbeObservation]:
        def read(_: Secret) -> str:
            return secret.replace("PORT", str(port))

        async with serving(api, server_tls) as port, ProbeContext.opened(read) as context:
            scheme = "https" if server_tls else "http"
            raw = {"name": "p", "provider": "x", "kind": "models", "timeout": 2.0}
            raw |= {"base_url": f"{scheme}://127.0.0.1:{port}/v1"} | options
            settings = KINDS["models"].OPTIONS.model_validate(raw)
            return [await runner.probe(settings, context, HostHealth()) for _ in range(count)]

    observations: list[ProbeObservation] = idle_time.run(leaving_nothing(run()))
    return observations


def test_a_cold_probe_connects_anew_each_time() -> None:
    api = Api()
    first, second = runs(2, api)

    assert api.connections == 2
    assert "connect" in first.phases
    assert "connect" in second.phases
    assert second.connection == "cold"


def test_a_warm_probe_keeps_its_connection_and_says_so() -> None:
    api = Api()
    first, second = runs(2, api, connection="warm")

    assert second.success, second.detail
    assert api.connections == 1
    assert (first.connection, second.connection) == ("cold", "warm")
    assert "connect" not in second.phases


Files = Callable[[str, Any], str]


@pytest.fixture(name="pem")
def _pem(tmp_path: Path) -> Files:
    def write(name: str, blob: Any) -> str:
        path = tmp_path / name
        blob.write_to_path(str(path))
        return str(path)

    return write


def test_an_authority_of_ones_own_is_trusted_when_named(pem: Files) -> None:
    authority = trustme.CA()
    server_tls = server_context(authority.issue_cert("127.0.0.1"))
    named = runs(1, Api(), server_tls, tls={"ca_file": pem("ca.pem", authority.cert_pem)})[0]
    other = runs(1, Api(), server_tls, tls={"ca_file": pem("other.pem", trustme.CA().cert_pem)})[0]

    assert named.success, named.detail
    assert named.certificate_expires_at is not None
    assert other.reason == "tls_certificate", "its issuer is neither sent nor named"


def test_the_name_in_the_certificate_may_be_another_than_that_in_the_url(pem: Files) -> None:
    authority = trustme.CA()
    server_tls = server_context(authority.issue_cert("gateway.test"))
    ca_file = pem("ca.pem", authority.cert_pem)
    told = runs(1, Api(), server_tls, tls={"ca_file": ca_file, "server_name": "gateway.test"})[0]
    untold = runs(1, Api(), server_tls, tls={"ca_file": ca_file})[0]

    assert told.success, told.detail
    assert untold.reason == "tls_certificate"


def test_a_server_that_wants_our_certificate_gets_it(pem: Files) -> None:
    authority = trustme.CA()
    server_tls = server_context(authority.issue_cert("127.0.0.1"))
    server_tls.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server_tls)
    ours = authority.issue_cert("prober.test")
    files = {
        "ca_file": pem("ca.pem", authority.cert_pem),
        "cert_file": pem("cert.pem", ours.private_key_and_cert_chain_pem),
    }
    shown = runs(1, Api(), server_tls, tls=files)[0]
    hidden = runs(1, Api(), server_tls, tls={"ca_file": files["ca_file"]})[0]

    assert shown.success, shown.detail
    assert not hidden.success


def test_a_certificate_file_that_is_missing_is_ours_and_named() -> None:
    server_tls = server_context(trustme.CA().issue_cert("127.0.0.1"))
    run = runs(1, Api(), server_tls, tls={"ca_file": "/nowhere/ca.pem"})[0]

    assert run.reason == "tls_untrusted"
    assert "/nowhere/ca.pem" in run.detail


def test_a_proxy_may_be_a_secret_and_its_password_reaches_it_alone() -> None:
    api = Api()  # speaks HTTP, so it can play the proxy too
    run = runs(
        1, api, secret="http://user:pass@127.0.0.1:PORT", base_url="http://api.test/v1", egress={"proxy": {"env": "P"}}
    )[0]

    assert run.success, run.detail
    assert b"GET http://api.test/v1/models" in api.heads[0]
    assert b"proxy-authorization: Basic dXNlcjpwYXNz" in api.heads[0]


def test_a_proxy_that_nobody_runs_is_ours() -> None:
    run = runs(1, Api(), egress={"proxy": "http://127.0.0.1:1"})[0]

    assert run.reason == "proxy_error"
    assert run.fault == "ours"

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import trustme
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.wire import TlsContexts
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from tests.exporter.probes.played import Played, head, observe, observe_all
from tests.exporter.wire.loopback import server_context

FOREVER = 30.0


class Http2Server:
    """Answers in HTTP/2 with prior knowledge; `body` is None for no answer at all, `cut` for half of one."""

    def __init__(self, status: int = 200, body: bytes | None = b"well", *, cut: bool = False) -> None:
        self.status, self.body, self.cut = status, body, cut
        self.asked: list[dict[str, str]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    self._answer(connection, event)
            writer.write(connection.data_to_send())
            if self.cut and self.asked:
                return

    def _answer(self, connection: H2Connection, event: RequestReceived) -> None:
        self.asked.append({str(name): str(value) for name, value in event.headers or []})
        if self.body is None or event.stream_id is None:
            return
        connection.send_headers(event.stream_id, [(":status", str(self.status)), ("content-type", "text/plain")])
        connection.send_data(event.stream_id, self.body, end_stream=not self.cut)


def http2(server: Any, **options: Any) -> ProbeObservation:
    return observe_all("http", server, under="/health?q=1", http_version="2", **options)


def test_an_answer_in_http2_is_judged_like_any_other() -> None:
    server = Http2Server()
    well = http2(server, expect={"contains": "well"}, headers={"x-role": "probe"})
    ill = http2(Http2Server(), expect={"contains": "better"})

    assert well.success, well.detail
    assert {"connect", "send", "headers", "stream"} <= set(well.phases)
    assert server.asked[0][":path"] == "/health?q=1"
    assert server.asked[0]["x-role"] == "probe"
    assert ill.reason == "assertion_failed"


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (Http2Server(500), "server_error"),
        (Http2Server(body=None), "headers_timeout"),
        (Http2Server(cut=True), "stream_reset"),
        (Http2Server(body=b"x" * (2 << 10)), "ok"),
    ],
    ids=["500", "silent", "cut", "longer"],
)
def test_a_failed_answer_has_its_reason(server: Http2Server, reason: str) -> None:
    run = http2(server, timeout=0.5)

    assert run.reason == reason, run.detail


def test_a_port_that_nobody_listens_on_refuses() -> None:
    run = observe("http", http_version="2", url="http://127.0.0.1:1/")

    assert run.reason == "connect_refused"


@pytest.mark.parametrize(
    ("alpn", "reason"), [(["h2"], "ok"), (["http/1.1"], "assertion_failed")], ids=["h2", "http/1.1"]
)
def test_a_server_that_will_not_speak_http2_is_not_what_was_asked_for(alpn: list[str], reason: str) -> None:
    authority = trustme.CA()
    server_tls = server_context(authority.issue_cert("127.0.0.1"))
    server_tls.set_alpn_protocols(alpn)
    server = Http2Server() if alpn == ["h2"] else Played([head(200, "text/plain")])
    context = {"tls": TlsContexts(authority.configure_trust)}
    run = observe_all("http", server, context=context, server_tls=server_tls, http_version="2")

    assert run.reason == reason, run.detail
    assert "tls" in run.phases
    assert run.certificate_expires_at is not None

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.web.security.connection import Limits
from ai_provider_exporter.web.server import CannotListen, WebServer
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.exporter.serving import Pki, Run, Serve
from tests.exporter.wire.loopback import HANG

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = 32 << 20  # more than the buffers of two sockets hold


async def _thread_name(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(threading.current_thread().name)(scope, receive, send)


async def _never(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


async def _length_of_body(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(str(len(await Request(scope, receive).body())))(scope, receive, send)


async def _endless(scope: Scope, receive: Receive, send: Send) -> None:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)  # sending to a client that has gone never waits

    await StreamingResponse(forever())(scope, receive, send)


async def _silent(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _connect(server: WebServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=HANG)


def _read_to_end(connection: socket.socket) -> bytes:
    """All until the server closes, however it does."""
    received = bytearray()
    with suppress(ConnectionResetError):
        while chunk := connection.recv(1 << 16):
            received += chunk
    return bytes(received)


def test_a_request_is_answered_in_a_thread_of_the_web(serve: Serve, curl: Run) -> None:
    answer = curl(serve(app=_thread_name).url)

    assert answer.startswith("HTTP/1.1 200 OK\n")
    assert answer.endswith("\n\nweb")


def test_the_server_does_not_name_its_make(serve: Serve, curl: Run) -> None:
    answer = curl(serve().url).lower()

    assert "\ndate: " in answer
    assert "server:" not in answer
    assert "uvicorn" not in answer


def test_an_answer_that_blocks_does_not_delay_the_loop_that_times_probes(serve: Serve) -> None:
    begun, probes_have_run = threading.Event(), threading.Event()

    async def block(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await PlainTextResponse(str(probes_have_run.wait(HANG)))(scope, receive, send)

    server = serve(app=block)

    async def answer() -> bytes:
        with closing(_connect(server)) as client:
            client.sendall(GET)
            while not begun.is_set():  # noqa: ASYNC110  # it is set in the thread of the web
                await asyncio.sleep(0.01)
            probes_have_run.set()
            return client.recv(1000)

    assert asyncio.run(answer()).endswith(b"True")


def test_the_url_says_where_the_server_is(serve: Serve) -> None:
    server = serve()

    assert server.url == f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("listen", "host"),
    [(":0", "localhost"), ("[::]:0", "localhost"), ("[::1]:0", "[::1]"), ("0.0.0.0:0", "localhost")],
)
def test_the_url_names_a_host_that_can_be_asked(listen: str, host: str) -> None:
    server = WebServer(_never, listen, None)
    server.stop()

    assert server.url == f"http://{host}:{server.port}"


def test_a_server_that_was_never_started_gives_its_port_back() -> None:
    first = WebServer(_never, "127.0.0.1:0", None)
    first.stop()
    second = WebServer(_never, f"127.0.0.1:{first.port}", None)
    second.stop()

    assert second.port == first.port


def test_a_taken_port_is_found_before_anything_is_served(serve: Serve) -> None:
    taken = serve().port

    with pytest.raises(CannotListen, match="the port is taken"):
        WebServer(_never, f"127.0.0.1:{taken}", None)


def test_several_addresses_are_listened_on_or_none() -> None:
    first = WebServer(_thread_name, "127.0.0.1:0", None, also=["127.0.0.2:0", "[::1]:0"])
    ports = [listener.getsockname()[1] for listener in first._sockets]
    first.start()
    for host, port in zip(("127.0.0.1", "127.0.0.2", "::1"), ports, strict=True):
        with closing(socket.create_connection((host, port), timeout=HANG)) as client:
            client.sendall(GET)
            assert client.recv(1000).endswith(b"web")
    with pytest.raises(CannotListen):
        WebServer(_never, "127.0.0.1:0", None, also=[f"127.0.0.2:{ports[1]}"])
    first.stop()


def test_a_broken_web_configuration_is_found_before_the_port_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match="cannot be read: No such file"):
        WebServer(_never, "127.0.0.1:0", tmp_path / "absent.yml")


def test_stopping_waits_for_no_silent_client(serve: Serve) -> None:
    server = serve()
    with closing(_connect(server)) as silent, closing(_connect(server)) as half, closing(_connect(server)) as kept:
        half.sendall(b"GET / HT")
        kept.sendall(GET)
        assert kept.recv(1000).endswith(b"hello\n")
        began = time.monotonic()
        server.stop(grace=HANG)

        assert time.monotonic() - began < HANG
        assert [_read_to_end(client) for client in (silent, half, kept)] == [b"", b"", b""]


def test_stopping_lets_an_answer_under_way_end(serve: Serve) -> None:
    begun = threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        await PlainTextResponse("at last")(scope, receive, send)

    server = serve(app=slow)
    with closing(_connect(server)) as client:
        client.sendall(GET)
        assert begun.wait(5)
        server.stop()

        assert _read_to_end(client).endswith(b"at last")


def test_stopping_cuts_off_an_answer_that_never_ends(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "uvicorn.error")
    server = serve(app=_never)
    with closing(_connect(server)) as client:
        client.sendall(GET)
        began = time.monotonic()
        server.stop(grace=0.3)

        assert time.monotonic() - began < HANG
        assert _read_to_end(client) in {b"", b"HTTP/1.1 500 Internal Server Error"}


def test_stopping_twice_is_stopping_once(serve: Serve) -> None:
    server = serve()
    server.stop()
    server.stop()

    with pytest.raises(ConnectionRefusedError):
        _connect(server)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: ", id="half-a-head"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf", id="half-a-body"),
        pytest.param(GET.replace(b"\r\n\r\n", b"\r\nX: "), id="half-a-head-that-ends-well"),
    ],
)
def test_a_client_that_does_not_finish_asking_is_closed(serve: Serve, sent: bytes) -> None:
    server = serve(app=_length_of_body, limits=Limits(seconds_to_ask=0.2))
    with closing(_connect(server)) as client:
        client.sendall(sent)
        began = time.monotonic()
        _read_to_end(client)

        assert time.monotonic() - began > 0.1


def test_a_second_request_must_be_finished_in_time_too(serve: Serve) -> None:
    server = serve(limits=Limits(seconds_to_ask=0.2))
    with closing(_connect(server)) as client:
        client.sendall(GET)
        assert client.recv(1000).endswith(b"hello\n")
        time.sleep(0.3)  # idle for longer than a request may take
        client.sendall(GET[:9])
        began = time.monotonic()
        rest = _read_to_end(client)

        assert rest == b""
        assert time.monotonic() - began > 0.1


def test_an_idle_connection_is_kept_for_the_next_scrape(serve: Serve) -> None:
    server = serve(limits=Limits(seconds_to_ask=0.5, seconds_to_answer=0.5))
    with closing(_connect(server)) as client:
        client.sendall(GET)
        assert client.recv(1000).endswith(b"hello\n")
        time.sleep(0.7)
        client.sendall(GET)
        assert client.recv(1000).endswith(b"hello\n")


def test_an_idle_connection_is_closed_in_the_end(serve: Serve) -> None:
    server = serve(limits=Limits(seconds_idle=1))
    with closing(_connect(server)) as client:
        client.sendall(GET)
        began = time.monotonic()
        answer = _read_to_end(client)

        assert answer.endswith(b"hello\n")
        assert time.monotonic() - began > 0.8


def test_an_answer_that_is_not_fetched_is_thrown_away_with_its_idle_connection(serve: Serve) -> None:
    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"x" * LARGE)(scope, receive, send)

    server = serve(app=large, limits=Limits(seconds_idle=1))
    with closing(_connect(server)) as client:
        client.sendall(GET)
        time.sleep(1.5)

        assert len(_read_to_end(client)) < LARGE


def test_an_answer_that_does_not_come_ends_the_connection(serve: Serve) -> None:
    server = serve(app=_silent, limits=Limits(seconds_to_answer=0.2))
    with closing(_connect(server)) as client:
        client.sendall(GET)

        assert _read_to_end(client) == b""


def test_a_client_that_does_not_read_is_cut_off(serve: Serve) -> None:
    server = serve(app=_endless, limits=Limits(seconds_to_answer=0.2))
    with closing(_connect(server)) as client:
        client.sendall(GET)
        time.sleep(0.5)

        assert _read_to_end(client)  # an end there is


def test_a_huge_head_is_refused(serve: Serve, curl: Run) -> None:
    server = serve()
    with closing(_connect(server)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * (64 << 10))

        assert _read_to_end(client).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"Content-Length: 100000\r\n\r\n", id="length"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n186a0\r\n", id="chunked"),
    ],
)
def test_a_huge_body_ends_the_connection(serve: Serve, head: bytes) -> None:
    server = serve(app=_length_of_body)
    with closing(_connect(server)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + head)
        with suppress(ConnectionError):
            client.sendall(b"x" * 100_000)

        assert b"100000" not in _read_to_end(client)


def test_a_small_body_arrives(serve: Serve, curl: Run) -> None:
    assert curl("--data", "reload", serve(app=_length_of_body).url).endswith("\n\n6")


def test_beyond_the_limit_the_client_that_was_silent_the_longest_makes_room(serve: Serve) -> None:
    server = serve(limits=Limits(connections=2))
    with closing(_connect(server)) as first, closing(_connect(server)) as second:
        second.sendall(GET)
        assert second.recv(1000).endswith(b"hello\n")
        with closing(_connect(server)) as third:
            assert _read_to_end(first) == b""
            for client in (second, third):
                client.sendall(GET)
                assert client.recv(1000).endswith(b"hello\n")


def test_silent_clients_do_not_keep_a_liveness_probe_out(serve: Serve, curl: Run) -> None:
    server = serve(limits=Limits(connections=20))
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(closing(_connect(server)))

        assert curl(server.url).endswith("hello\n")


def test_silent_handshakes_do_not_keep_a_client_out(serve: Serve, pki: Pki, curl: Run) -> None:
    config = pki.web_config("tls_server_config: {cert_file: server.pem, key_file: server.key}")
    server = serve(config, limits=Limits(connections=20))
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(closing(_connect(server)))

        assert curl("--insecure", server.url).endswith("hello\n")


def test_malformed_requests_are_logged_once_a_minute(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve()
    for _ in range(5):
        with closing(_connect(server)) as client:
            client.sendall(b"\0\0\r\n\r\n")
            _read_to_end(client)

    assert [record.getMessage() for record in caplog.records] == ["Invalid HTTP request received."]


def test_nothing_is_logged_about_a_request(serve: Serve, curl: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "uvicorn.access")
    curl(serve().url)

    assert [record for record in caplog.records if record.name == "uvicorn.access"] == []
    assert logging.getLogger("uvicorn.access").propagate, "the logger is not ours to change"


def test_a_client_that_stops_in_the_handshake_is_closed(serve: Serve, pki: Pki) -> None:
    config = pki.web_config("tls_server_config: {cert_file: server.pem, key_file: server.key}")
    server = serve(config, limits=Limits(seconds_to_ask=0.2))
    with closing(_connect(server)) as client:
        client.sendall(b"\x16\x03\x01")

        assert _read_to_end(client) == b""


def test_stopping_waits_for_no_handshake(serve: Serve, pki: Pki) -> None:
    server = serve(pki.web_config("tls_server_config: {cert_file: server.pem, key_file: server.key}"))
    with closing(_connect(server)) as client:
        client.sendall(b"\x16\x03\x01")
        began = time.monotonic()
        server.stop(grace=HANG)

        assert time.monotonic() - began < HANG
        assert _read_to_end(client) == b""

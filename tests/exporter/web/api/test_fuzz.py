"""Whatever is asked, the answer is not a defect of ours: never a 5xx, never a hang, and the next one is served."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from ai_provider_exporter.model.state import State
from ai_provider_exporter.runtime.targets import InvalidTargetError, ProbeRequest
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exporter import worlds
from tests.exporter.wire.loopback import HANG

EXAMPLES = {"thorough": 2000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 100)
HEALTHY = b"GET /-/healthy HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
PATHS = (
    "/",
    "/metrics",
    "/config",
    "/probe",
    "/probes/openai-chat",
    "/providers/openai",
    "/api/v1/providers",
    "/api/v1/probes",
    "/api/v1/incidents",
    "/api/v1/sd",
    "/api/v1/openapi.json",
    "/-/healthy",
    "/-/ready",
    "/-/reload",
    "/static/board.css",
)
METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"CONNECT")
HEADERS = (
    "accept",
    "accept-encoding",
    "if-none-match",
    "host",
    "authorization",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "range",
    "x-prometheus-scrape-timeout-seconds",
    "cookie",
    "expect",
    "upgrade",
)

_visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)
_bytes = st.binary(max_size=60).map(lambda raw: re.sub(rb"[\r\n ]", b"-", raw))
_below = st.sampled_from(("/probes/", "/providers/", "/static/", "/api/v1/", "//"))
_path = st.one_of(
    st.sampled_from(PATHS).map(str.encode),
    _bytes.map(lambda raw: b"/" + raw),
    st.tuples(_below, _visible).map("".join).map(str.encode),
)
_query = st.one_of(
    st.just(b""),
    _bytes.map(lambda raw: b"?" + raw),
    _bytes.map(lambda raw: b"?module=" + raw + b"&target=" + raw),
)
_method = st.one_of(st.sampled_from(METHODS), _bytes)
_header = st.tuples(st.one_of(st.sampled_from(HEADERS).map(str.encode), _bytes), _bytes).map(b": ".join)
_request = st.tuples(_method, _path, _query, st.lists(_header, max_size=4), st.binary(max_size=100))


async def _reload() -> str | None:
    return None


async def _ask(request: ProbeRequest) -> State:
    raise InvalidTargetError(f"There is no module called {request.module!r}.")


@pytest.fixture(name="url", scope="module")
def _url() -> Iterator[str]:
    with ExitStack() as stack:
        window = replace(worlds.admitted().window(), reload=_reload, probe_target=_ask)
        server = WebServer(application(window), "127.0.0.1:0", None)
        stack.callback(server.stop)
        server.start()
        yield server.url


def _answer(url: str, said: bytes) -> bytes:
    """What the server says to these bytes until it closes; we say no more after them."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=HANG) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while data := connection.recv(65536):
                answer += data
        except ConnectionResetError:
            pass  # it had heard enough
        return answer


def _statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.MULTILINE)]


_thoroughly = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_thoroughly
@given(request=_request)
def test_no_request_of_any_shape_meets_a_defect(
    url: str, request: tuple[bytes, bytes, bytes, list[bytes], bytes]
) -> None:
    method, path, query, headers, body = request
    head = b"\r\n".join([method + b" " + path + query + b" HTTP/1.1", b"host: x", b"connection: close", *headers])

    answer = _answer(url, head + b"\r\n\r\n" + body)

    assert all(status < 500 for status in _statuses(answer)), answer[:300]
    assert _statuses(_answer(url, HEALTHY)) == [200]


@_thoroughly
@given(said=st.binary(max_size=400))
def test_no_bytes_that_are_no_request_meet_a_defect(url: str, said: bytes) -> None:
    assert all(status < 500 for status in _statuses(_answer(url, said)))
    assert _statuses(_answer(url, HEALTHY)) == [200]


@pytest.mark.e2e
def test_the_api_keeps_to_its_own_description(url: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [
            program,
            "run",
            f"{url}/api/v1/openapi.json",
            "--checks=all",
            f"--url={url}",
            "--phases=examples,coverage,fuzzing",
            "--max-examples=40",
            "--generation-deterministic",
            "--no-color",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"[1-9]\d{2,} generated, [1-9]\d{2,} passed", done.stdout), done.stdout[-3000:]

"""The beginning and the end of the program: who gets the port, who is told to wait, and how fast it goes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.model.shard import WHOLE
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.web.context import WebContext
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer

from tests.e2e.programs import Running, run, running
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

SECONDS_TO_END = 3.0
PROBES = 20


class Silent:
    """A server that takes every connection and answers none."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._taken: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]

    @property
    def asked(self) -> int:
        return len(self._taken)

    @contextmanager
    def listening(self) -> Iterator[Silent]:
        thread = threading.Thread(target=self._take)
        thread.start()
        try:
            yield self
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join()
            for taken in self._taken:
                taken.close()

    def _take(self) -> None:
        while True:
            try:
                self._taken.append(self._listener.accept()[0])
            except OSError:
                return


def _config(path: Path, port: int) -> Path:
    lines = ["defaults: {interval: 60s, timeout: 50s}", "modules:"]
    lines += ["  mine: {provider: mine, kind: http, hosts: [127.0.0.1]}", "probes:"]
    probe = "provider: acme, kind: http, interval: 1s, timeout: 1s"
    lines += [f"  - {{name: web-{n}, {probe}, url: 'http://127.0.0.1:{port}/'}}" for n in range(PROBES)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _connect(exporter: Running, said: bytes) -> socket.socket:
    host, port = exporter.host.split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(said)
    return connection


def test_the_program_ends_in_time_whoever_is_connected_and_whatever_is_under_way(tmp_path: Path) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(Silent().listening())
        config = _config(tmp_path / "config.yaml", silent.port)
        exporter = stack.enter_context(running(tmp_path, "serve", "--config.file", config))
        until(lambda: silent.asked >= PROBES)
        get = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"
        post = b"POST /-/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n"
        for said in (b"", get[:8], get[:-2], post, get * 50):  # the last one never reads its answers
            stack.callback(_connect(exporter, said).close)
        kept = stack.enter_context(httpx2.Client(base_url=exporter.url, trust_env=False))
        assert kept.get("/-/ready").status_code == 200
        asking = f"GET /probe?module=mine&target=127.0.0.1:{silent.port} HTTP/1.1\r\nhost: x\r\n\r\n"
        stack.callback(_connect(exporter, asking.encode()).close)
        until(lambda: silent.asked >= PROBES + 1)

        began = time.monotonic()
        exporter.process.send_signal(signal.SIGTERM)
        status = exporter.process.wait(10)
        took = time.monotonic() - began

        assert status == 0
        assert took < SECONDS_TO_END
        assert "Traceback" not in exporter.log
        assert "level=error" not in exporter.log


def test_the_second_on_a_port_says_so_and_asks_nobody(tmp_path: Path) -> None:
    with Silent().listening() as silent, running(tmp_path, "serve") as first:
        config = _config(tmp_path / "config.yaml", silent.port)
        second = run("serve", "--config.file", config, "--web.listen-address", first.host)

        assert second.returncode == 1
        assert re.fullmatch(r"cannot listen on '127.0.0.1:\d+': the port is taken; stop .*\n", second.stderr)
        assert silent.asked == 0


def test_the_second_on_a_budget_says_so(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"budget: {{state_file: {tmp_path / 'budget.json'}}}\n")
    with running(tmp_path, "serve", "--config.file", config):
        second = run("serve", "--config.file", config, "--web.listen-address", "127.0.0.1:0")

        assert second.returncode == 1
        assert "is in use by another running instance" in second.stderr


def test_a_reload_before_the_schedule_is_laid_changes_what_will_be_laid(tmp_path: Path) -> None:
    config = _config(tmp_path / "config.yaml", 9)

    async def probes() -> tuple[int, int]:
        settings = load_settings(config, {})
        async with Engine.opened(settings, Secrets({}), WHOLE) as exporter:
            await exporter.reload(replace(settings, probes=settings.probes[:3]))
            before = len(exporter.view().state.probes)
            await exporter.begin()
            return before, len(exporter.view().state.probes)

    assert asyncio.run(probes()) == (0, 3)


def test_the_program_ends_in_time_though_a_key_file_hangs(tmp_path: Path) -> None:
    key = tmp_path / "key"
    os.mkfifo(key)
    config = tmp_path / "config.yaml"
    config.write_text(
        "egress: {hosts: ['127.0.0.1:1', 'localhost:1']}\nprobes:\n"
        "  - {name: a, provider: acme, kind: chat, base_url: 'http://127.0.0.1:1/v1', dialect: openai_chat, model: m,\n"
        f"     api_key: {{file: {key}}}, interval: 1s, timeout: 1s}}\n"
    )
    with running(tmp_path, "serve", "--config.file", config) as exporter:
        until(lambda: "reading it hangs" in exporter.log)
        began = time.monotonic()
        exporter.process.send_signal(signal.SIGTERM)
        status = exporter.process.wait(10)

    assert (status, time.monotonic() - began < SECONDS_TO_END) == (0, True)


def test_nobody_is_ready_before_the_schedule_is_laid(tmp_path: Path) -> None:
    config = _config(tmp_path / "config.yaml", 9)

    async def statuses() -> list[int]:
        async with Engine.opened(load_settings(config, {}), Secrets({}), WHOLE) as exporter:
            window = WebContext(view=exporter.view, config=exporter.config_text, ready=lambda: exporter.is_ready)
            server = WebServer(application(window), "127.0.0.1:0", None)
            server.start()
            async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:
                before = [await client.get(path) for path in ("/-/healthy", "/-/ready", "/metrics")]
                await exporter.begin()
                after = await client.get("/-/ready")
            await asyncio.to_thread(server.stop)
            return [answer.status_code for answer in (*before, after)]

    assert asyncio.run(statuses()) == [200, 503, 200, 200]

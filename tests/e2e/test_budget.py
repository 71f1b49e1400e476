"""Money: what is asked for is never forgotten, and when there is none left, what is free goes on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import Running, run, running
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

WORST = 0.01  # US dollars that a run may cost at most, and does
STREAM = (
    b'data: {"choices":[{"index":0,"delta":{"content":"OK"},"finish_reason":"stop"}]}\n\n'
    b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1}}\n\ndata: [DONE]\n\n'
)


@dataclass
class Api:
    """Counts what it is asked; `mood` is how it answers a chat: well, with a refusal, or never."""

    mood: str = "well"
    chats: int = 0
    lists: int = 0
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self) -> tuple[int, str, bytes]:
        self.chats += 1
        if self.mood == "never":
            self.over.wait()
        if self.mood == "refuses":
            return 401, "application/json", b'{"error": {"code": "invalid_api_key"}}'
        return 200, "text/event-stream", STREAM


@contextmanager
def _api(mood: str) -> Iterator[Api]:
    api = Api(mood)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._say(*api.answer())

        def do_GET(self) -> None:
            api.lists += 1
            self._say(200, "application/json", b'{"data": [{"id": "m"}]}')

        def _say(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True  # the client was killed

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield api
    finally:
        api.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _config(directory: Path, url: str, daily: float, interval: str = "500ms") -> Path:
    probe = {
        "name": "chat",
        "provider": "acme",
        "kind": "chat",
        "model": "m",
        "base_url": url,
        "interval": interval,
        "timeout": interval,
        "price": {"per_request": WORST},
    }
    document: dict[str, Any] = {
        "budget": {"daily_usd": daily, "state_file": str(directory / "budget.json")},
        "egress": {"hosts": ["127.0.0.1:9", "localhost:9"], "interval": "1h"},
        "probes": [probe],
    }
    path = directory / "config.yaml"
    path.write_text(json.dumps(document))
    return path


def _spent(exporter: Running) -> float:
    spent = exporter.metric("ai_budget_spent_usd", period="day")
    assert spent is not None
    return spent


def test_a_run_that_was_killed_before_it_was_settled_stays_counted(tmp_path: Path) -> None:
    with _api("never") as api:
        config = _config(tmp_path, api.url, daily=1.0, interval="2s")
        for _ in range(2):
            with running(tmp_path, "serve", "--config.file", config) as exporter:
                asked = api.chats
                until(lambda known=asked: api.chats > known)  # type: ignore[misc]
                exporter.process.kill()
                exporter.process.wait()
        with running(tmp_path, "serve", "--config.file", config) as exporter:
            spent = _spent(exporter)

            assert spent >= WORST * 2
            assert spent >= WORST * (api.chats - 1)  # one more may have been asked since


def test_when_the_money_is_spent_the_list_of_models_stands_in(tmp_path: Path) -> None:
    with _api("well") as api:
        config = _config(tmp_path, api.url, daily=2.5 * WORST)
        with running(tmp_path, "serve", "--config.file", config) as exporter:
            until(lambda: (exporter.metric("ai_probe_skipped_total", kind="chat", cause="budget") or 0) >= 2)

            assert api.chats == 2
            assert _spent(exporter) == pytest.approx(2 * WORST)
            assert exporter.metric("ai_budget_exhausted") == 1
            assert exporter.metric("ai_probe_attempts_total", kind="chat") == 2
            assert exporter.metric("ai_probe_success", kind="models") == 1
            assert api.lists >= 1


def test_a_second_instance_on_the_same_state_file_says_one_sentence(tmp_path: Path) -> None:
    with _api("well") as api:
        config = _config(tmp_path, api.url, daily=1.0, interval="1h")
        with running(tmp_path, "serve", "--config.file", config):
            second = run("serve", "--config.file", config, "--web.listen-address", "127.0.0.1:0")

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr == (
        f"budget.state_file: {tmp_path}/budget.json is in use by another running instance; "
        "stop that one, or give each instance a state file of its own\n"
    )


def test_a_rejected_key_is_asked_with_ever_more_rarely(tmp_path: Path) -> None:
    with _api("refuses") as api:
        config = _config(tmp_path, api.url, daily=1.0, interval="200ms")
        with running(tmp_path, "serve", "--config.file", config) as exporter:
            until(lambda: (exporter.metric("ai_probe_skipped_total", cause="backoff") or 0) >= 5)
            asked = api.chats

            assert exporter.metric("ai_probe_failure_reasons_total", reason="key_rejected") == asked
            assert asked <= 5


@pytest.mark.parametrize(
    ("daily", "warning"),
    [
        (
            1000.0,
            "warning: budget.daily_usd: $1000.00 is less than the $1728.00 a day that the probes may cost at most",
        ),
        (2000.0, ""),
    ],
)
def test_a_plan_that_may_cost_more_than_its_budget_is_warned_of(tmp_path: Path, daily: float, warning: str) -> None:
    config = _config(tmp_path, "http://acme.example/v1", daily)  # 172,800 runs a day, $1,728

    checked = run("check-config", config)

    assert checked.stderr.partition(";")[0].strip() == warning
    assert "at most $1728.00 a day" in checked.stdout
    assert checked.returncode == 0

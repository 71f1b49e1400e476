"""API keys leave the program in one place only: the header of the request that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.programs import run, running
from tests.tools.loopback import Quiet, served
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

KEY = "sk-live-do-not-show-0123456789"
ANSWERS = {
    "/refuses/chat/completions": (401, "application/json", '{{"error": {{"message": "Incorrect API key: {key}"}}}}'),
    "/breaks/chat/completions": (200, "text/event-stream", 'data: {{"error": {{"message": "no {key} here"}}}}\n\n'),
    "/babbles/chat/completions": (200, "application/json", "{key} is not JSON"),
    "/page/chat/completions": (200, "text/html", "<html>{key}</html>"),
}


@contextmanager
def _gossip() -> Iterator[tuple[str, list[str]]]:
    """A server that repeats the key it was sent in every way it can, and the keys that it saw."""
    seen: list[str] = []

    class Handler(Quiet):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            key = self.headers["authorization"].removeprefix("Bearer ")
            seen.append(key)
            status, kind, body = ANSWERS[self.path]
            data = body.format(key=key).encode()
            self.send_response(status, key)
            for name, value in (("content-type", kind), ("content-length", str(len(data))), ("x-request-id", key)):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    with served(Handler) as url:
        yield url, seen


def _config(base: str) -> str:
    lines = ["defaults: {interval: 1s, timeout: 900ms}", "probes:"]
    for path in ANSWERS:
        name = path.split("/")[1]
        options = f"provider: acme, kind: chat, model: small, base_url: '{base}/{name}'"
        lines.append(f"  - {{name: {name}, {options}, api_key: {{file: KEYFILE}}}}")
    return "\n".join(lines) + "\n"


def test_a_key_shows_in_no_log_no_metric_no_page_no_error_and_no_output(tmp_path: Path) -> None:
    key_file, config = tmp_path / "key", tmp_path / "config.yaml"
    key_file.write_text(KEY + "\n")
    with _gossip() as (base, seen):
        config.write_text(_config(base).replace("KEYFILE", str(key_file)))
        said = [run("check-config", config)]
        said += [run("probe", path.split("/")[1], "--config.file", config, "--json") for path in ANSWERS]
        said += [run("probe", "refuses", "--config.file", config)]
        with running(tmp_path, "serve", "--config.file", config, "--log.level", "debug") as exporter:
            until(lambda: all(exporter.metric("ai_probe_attempts_total", probe=p.split("/")[1]) for p in ANSWERS))
            paths = ["/", "/metrics", "/config", "/probes/refuses", "/providers/acme", "/api/v1/probes"]
            shown = [exporter.get(path).text for path in paths]
        shown += [result.stdout + result.stderr for result in said]

        assert KEY in seen
        assert [text for text in (*shown, exporter.log) if KEY in text] == []
        assert "key_rejected" in exporter.log


@pytest.mark.parametrize("mistake", [f"api_key: {KEY}", f"api_key: {{env: {KEY}, file: /a}}", f"api_ky: {KEY}"])
def test_a_key_written_into_the_configuration_by_mistake_is_not_repeated(tmp_path: Path, mistake: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"probes:\n  - name: a\n    provider: openai\n    kind: chat\n    {mistake}\n")

    result = run("check-config", config)

    assert result.returncode == 1
    assert KEY not in result.stdout + result.stderr

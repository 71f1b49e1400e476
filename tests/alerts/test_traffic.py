"""Your own requests, by the series of a real LiteLLM proxy, scraped by a real Prometheus."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.tools.monitoring import TOOLS, Prometheus, hasten, prometheus, until

ROOT = Path(__file__).parents[2]
RULES = ROOT / "alerts" / "rules" / "traffic" / "litellm.yaml"
LITELLM = TOOLS / "litellm" / "bin" / "litellm"
KEY = "sk-loopback-only"
HASTE = 30  # five minutes are ten seconds

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not LITELLM.exists(), reason="the LiteLLM proxy is not installed here: run make litellm"),
]

MODELS = {
    "works": {"model": "azure/works", "mock_response": "OK"},
    "breaks": {"model": "azure/breaks", "mock_response": "litellm.InternalServerError"},
    "throttles": {"model": "mistral/throttles", "mock_response": "litellm.RateLimitError"},
}


@contextmanager
def _proxy(directory: Path) -> Iterator[str]:
    """HOST:PORT of the proxy, which counts what it is asked."""
    port = _free_port()
    config = directory / "litellm.yaml"
    listed = [
        {"model_name": name, "litellm_params": {"api_key": "none", "api_base": "http://127.0.0.1:9"} | how}
        for name, how in MODELS.items()
    ]
    settings = {
        "model_list": listed,
        "general_settings": {"master_key": KEY},
        "litellm_settings": {
            "callbacks": ["prometheus"],
            "num_retries": 0,
            "require_auth_for_metrics_endpoint": False,
        },
        "router_settings": {"disable_cooldowns": True},  # what is not tried is not counted
    }
    config.write_text(json.dumps(settings))
    quiet = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command: list[str | Path] = [
        LITELLM,
        "--config",
        config,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--telemetry",
        "False",
    ]
    with (
        (directory / "litellm.log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=directory, env=quiet) as process,
    ):
        try:
            until(lambda: _lives(process, port, directory / "litellm.log"), seconds=180)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _lives(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    assert process.poll() is None, f"the proxy has ended:\n{log.read_text()}"
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/liveliness", trust_env=False).is_success
    except httpx2.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _ask(host: str, model: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "Say OK."}]}
    headers = {"Authorization": f"Bearer {KEY}"}
    httpx2.post(f"http://{host}/v1/chat/completions", json=body, headers=headers, trust_env=False, timeout=20)


def _ratios(server: Prometheus, host: str) -> dict[str, float]:
    """The error ratio by provider, after one more request of each kind."""
    for model in MODELS:
        _ask(host, model)
    ratios = server.instant("provider:ai_traffic_errors:ratio5m")
    return {sample.labels["provider"]: round(sample.last, 1) for sample in ratios}


def test_what_the_proxy_counts_becomes_the_error_ratio_of_our_providers(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(hasten(RULES.read_text(), HASTE))
    with _proxy(tmp_path) as host, prometheus(tmp_path, {"litellm": [host]}, rules=[rules]) as server:
        expected = {"azure.ai.openai": 0.5, "mistral_ai": 1.0}

        assert until(lambda: _ratios(server, host) == expected, seconds=60)

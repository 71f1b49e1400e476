"""A peer that nobody here wrote: the LiteLLM proxy, whose answers our probes have to read.

It answers `canary` by itself. For the others it asks itself over HTTP and translates: what it cannot make up
as a stream (Responses, Messages) it thus has to stream.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.programs import run
from tests.tools.monitoring import TOOLS, until

LITELLM = TOOLS / "litellm" / "bin" / "litellm"
KEY = "sk-loopback-only"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not LITELLM.exists(), reason="the LiteLLM proxy is not installed here: run tests/tools/install-litellm"
    ),
]

CANARY = {"model": "canary", "kind": "chat"}
PROBES: dict[str, dict[str, Any]] = {
    "chat": CANARY,
    "chat-relayed": CANARY | {"model": "relayed"},
    "responses": CANARY | {"model": "relayed", "dialect": "openai_responses"},
    "messages": CANARY | {"model": "translated", "dialect": "anthropic"},
    "messages-whole": CANARY | {"dialect": "anthropic"},  # a document, though a stream was asked for
    "embeddings": {"kind": "embeddings", "model": "vector", "dimensions": 3},
    "models": {"kind": "models", "expect": {"models": ["canary", "vector"]}},
    "unknown-model": CANARY | {"model": "unknown"},
    "unknown-key": CANARY | {"api_key": {"env": "STRANGE"}},
}
TOLD = {"chat", "chat-relayed", "responses", "messages", "messages-whole"}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    """What each probe says of the proxy."""
    directory = tmp_path_factory.mktemp("litellm")
    port = _free_port()
    base = f"http://127.0.0.1:{port}/v1"
    itself = {"api_base": base, "api_key": KEY}
    models = {
        "canary": {"model": "openai/canary", "api_key": "none", "mock_response": "OK"},
        "vector": {"model": "openai/text-embedding-3-small", "api_key": "none", "mock_response": [0.1, 0.2, 0.3]},
        "relayed": {"model": "deepseek/canary", **itself},  # speaks no Responses: they are made of chat
        "translated": {"model": "hosted_vllm/canary", **itself},  # speaks no Messages
    }
    peer, ours = directory / "litellm.yaml", directory / "config.yaml"
    listed = [{"model_name": name, "litellm_params": how} for name, how in models.items()]
    peer.write_text(json.dumps({"model_list": listed, "general_settings": {"master_key": KEY}}))
    common = {"provider": "litellm", "base_url": base, "api_key": {"env": "KEY"}, "timeout": "20s"}
    ours.write_text(json.dumps({"probes": [{"name": name} | common | more for name, more in PROBES.items()]}))
    with (directory / "log").open("w") as log, _proxy(peer, port, log.fileno()) as process:
        try:
            until(lambda: _lives(process, port, directory / "log"), seconds=180)
            yield {name: _probe(ours, name) for name in PROBES}
        finally:
            process.terminate()


def _proxy(config: Path, port: int, log: int) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [LITELLM, "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    # Its list of prices comes with it; it would try the network for a newer one.
    quiet = {"PATH": "/usr/bin:/bin", "HOME": str(config.parent), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return subprocess.Popen([*command, "--telemetry", "False"], stdout=log, stderr=log, cwd=config.parent, env=quiet)


def _lives(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    assert process.poll() is None, f"the proxy has ended:\n{log.read_text()}"
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/liveliness", trust_env=False).is_success
    except httpx2.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _probe(config: Path, name: str) -> dict[str, Any]:
    done = run("probe", name, "--config.file", config, "--json", env={"KEY": KEY, "STRANGE": "sk-strange"})
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("name", [name for name in PROBES if not name.startswith("unknown")])
def test_what_it_serves_is_read(said: dict[str, dict[str, Any]], name: str) -> None:
    assert said[name]["success"] is True, said[name]["detail"]
    assert said[name]["http_status"] == 200


@pytest.mark.parametrize("name", sorted(TOLD))
def test_its_canary_is_heard_and_its_tokens_are_counted(said: dict[str, dict[str, Any]], name: str) -> None:
    assert said[name]["answer_correct"] is True
    assert said[name]["tokens"]["input"] > 0
    assert said[name]["tokens"]["output"] > 0
    assert said[name]["time_to_first_token_seconds"] <= said[name]["duration_seconds"]


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("unknown-model", {"model_not_found"}),
        ("unknown-key", {"key_rejected", "bad_request"}),  # without a database it only says that it has none
    ],
)
def test_its_refusals_are_ours(said: dict[str, dict[str, Any]], name: str, reasons: set[str]) -> None:
    assert said[name]["reason"] in reasons
    assert said[name]["fault"] == "ours"

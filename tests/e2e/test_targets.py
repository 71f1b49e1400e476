"""Servers of one's own, discovered by Prometheus and probed when it asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.e2e.programs import Running, running

pytestmark = pytest.mark.e2e

CONFIG = """
modules:
  mine:
    provider: mine
    kind: chat
    model: gpt-6-luna
    api_key: {env: KEY}
    hosts: [127.0.0.0/8]
    paths: [/openai/v1]
"""


def _ask(exporter: Running, **question: str) -> httpx2.Response:
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": "10"}
    return httpx2.get(f"{exporter.url}/probe", params=question, headers=headers, trust_env=False, timeout=15)


def test_two_prometheus_servers_that_ask_for_one_target_are_given_one_run(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    with (
        running(tmp_path, "simulate") as simulator,
        running(tmp_path, "serve", "--config.file", config, env={"KEY": "sim-openai-paid"}) as exporter,
        ThreadPoolExecutor(8) as pool,
    ):
        target = f"{simulator.url}/openai/v1"
        together = list(pool.map(lambda _: _ask(exporter, module="mine", target=target), range(8)))
        later = _ask(exporter, module="mine", target=f"{target}/")
        elsewhere = _ask(exporter, module="mine", target="http://192.0.2.1/v1")
        asked = httpx2.get(f"{simulator.url}/-/truth", trust_env=False).text.splitlines()

        assert [answer.status_code for answer in together] == [200] * 8
        assert {answer.text for answer in together} == {later.text}
        assert 'ai_probe_success{probe="mine",provider="mine",kind="chat",model="gpt-6-luna"} 1.0' in later.text
        assert 'endpoint_host="127.0.0.1"' in later.text
        assert len(asked) == 1
        assert elsewhere.status_code == 403
        assert "Module mine is not to be sent to 192.0.2.1" in elsewhere.text
        assert 'probe="mine"' not in exporter.get("/metrics").text
        assert "sim-openai-paid" not in exporter.log + exporter.get("/config").text

"""An exporter that may open few files: its probes fail by a fault of its host, and it answers whoever scrapes it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest

from tests.e2e.programs import running
from tests.e2e.test_shutdown import Silent
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

PROBE = (
    "  - {{name: web-{n}, provider: acme, kind: http, interval: 2s, timeout: 2s, url: 'http://127.0.0.1:{port}/'}}\n"
)
FAILURES = re.compile(r'ai_probe_failure_reasons_total\{[^}]*reason="(\w+)",fault="(\w+)"\} [1-9]')


def test_who_scrapes_is_answered_while_the_probes_have_no_descriptor_left(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    with Silent().listening() as silent:
        egress = f"egress: {{hosts: ['127.0.0.1:{silent.port}', 'localhost:{silent.port}'], interval: 60s}}\nprobes:\n"
        config.write_text(egress + "".join(PROBE.format(n=n, port=silent.port) for n in range(100)))
        few = ["prlimit", "--nofile=64:64"]
        with running(tmp_path, "serve", "--config.file", config, under=few) as exporter:

            def failures() -> set[tuple[str, str]]:
                text = httpx2.get(f"{exporter.url}/metrics", trust_env=False, timeout=5).text
                return set(FAILURES.findall(text))

            found = until(lambda: failures() if any(fault == "prober" for _, fault in failures()) else set())
            statuses = [httpx2.get(exporter.url + path, trust_env=False).status_code for path in ("/", "/-/healthy")]

    assert not {fault for _, fault in found} & {"network", "ours"}
    assert statuses == [200, 200]

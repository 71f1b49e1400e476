"""`/api/v1/sd` through a real Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer

from tests.exporter import worlds
from tests.tools import monitoring
from tests.tools.monitoring import Prometheus, until

pytestmark = pytest.mark.e2e


@contextmanager
def _discovering(directory: Path, url: str, job: dict[str, Any]) -> Iterator[Prometheus]:
    """Prometheus with one job, whose targets it finds at `url`."""
    found = {"job_name": "probes", "http_sd_configs": [{"url": f"{url}/api/v1/sd", "refresh_interval": "1s"}], **job}
    config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": [found]}
    path = monitoring._written(directory, "prometheus.yaml", config)
    arguments = [
        f"--config.file={path}",
        f"--storage.tsdb.path={directory / 'data'}",
        "--web.listen-address=127.0.0.1:0",
    ]
    with monitoring._running("prometheus", arguments, directory) as where:
        yield Prometheus(where)


@pytest.fixture(name="exporter")
def _exporter() -> Iterator[WebServer]:
    server = WebServer(application(worlds.unadmitted().window()), "127.0.0.1:0", None)
    server.start()
    yield server
    server.stop()


def test_without_relabelling_prometheus_discovers_one_exporter(exporter: WebServer, tmp_path: Path) -> None:
    with _discovering(tmp_path, exporter.url, {}) as prometheus:
        until(lambda: prometheus.value("up"))

        assert prometheus.value("count(ai_probe_attempts_total)") == 7


def test_each_probe_that_nobody_runs_is_named_when_the_exporter_is_away(exporter: WebServer, tmp_path: Path) -> None:
    job = {
        "relabel_configs": [{"source_labels": ["__meta_ai_probe_name"], "target_label": "probe"}],
        "metric_relabel_configs": [{"source_labels": ["__name__"], "regex": ".*", "action": "drop"}],
    }
    with _discovering(tmp_path, exporter.url, job) as prometheus:
        until(lambda: len(prometheus.instant("up == 1")) == 7)
        assert prometheus.instant("ai_probe_attempts_total") == []

        exporter.stop()

        until(lambda: len(prometheus.instant("up == 0")) == 7)
        away = {sample.labels["probe"] for sample in prometheus.instant("up == 0")}
        assert {"openai-chat", "chatgpt-web", "anthropic-chat"} <= away

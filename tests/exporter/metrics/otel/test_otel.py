from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType

import pytest
from ai_provider_exporter.metrics.otel.options import OtelOptions
from ai_provider_exporter.metrics.otel.outlet import Outlet
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.reasons import Failure, Fault
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.http import HttpOptions
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.schema.types import Secret
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint

from tests.exporter.samples import RUN

CHAT = ChatOptions(
    name="acme-chat", provider="acme", model="small", base_url="https://api.acme.example:8443/v1", location="fra1"
)
OK = replace(RUN, tokens=MappingProxyType({"input": 12, "output": 3, "reasoning": 1}))
FAILED = replace(RUN, reason="overloaded", fault=Fault.PROVIDER, time_to_first_token_seconds=None, tokens={})

Points = dict[str, list[HistogramDataPoint]]


@dataclass
class Collector:
    """A receiver of OTLP over HTTP: what it was sent, and with which headers."""

    url: str = ""
    requests: list[ExportMetricsServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def points(self) -> Points:
        """Of the last request: metric -> its histograms."""
        (resource,) = self.requests[-1].resource_metrics
        (scope,) = resource.scope_metrics
        return {metric.name: list(metric.histogram.data_points) for metric in scope.metrics}

    @property
    def units(self) -> dict[str, str]:
        return {
            metric.name: metric.unit
            for resource in self.requests[-1].resource_metrics
            for metric in resource.scope_metrics[0].metrics
        }


@contextmanager
def _collector(status: int = 200) -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            plain = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
            collector.requests.append(ExportMetricsServiceRequest.FromString(plain))
            collector.headers.append({name.lower(): value for name, value in self.headers.items()})
            collector.paths.append(self.path)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            collector.url = f"http://127.0.0.1:{server.server_port}"
            yield collector
        finally:
            server.shutdown()
            thread.join()


def _pushed(otel: OtelOptions, *runs: tuple[ProbeOptions, ProbeObservation], key: str = "k-1") -> None:
    """Tell all runs, and close: what was gathered is sent then."""

    def secret(_: Secret) -> str:
        if not key:
            raise Failure("key_rejected", "the environment variable KEY is not set")
        return key

    async def push() -> None:
        outlet = Outlet(secret)
        await outlet.change(otel)
        for options, run in runs:
            outlet.record(options, run)
        await outlet.close()

    asyncio.run(push())


def _said(attributes: object) -> dict[str, str | int]:
    pairs: list[KeyValue] = list(attributes)  # type: ignore[call-overload]  # a repeated field
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "") for pair in pairs}


def test_a_run_is_told_in_the_words_of_the_conventions() -> None:
    with _collector() as collector:
        _pushed(OtelOptions(endpoint=collector.url), (CHAT, OK))
        points, units = collector.points, collector.units

    assert collector.paths == ["/v1/metrics"]
    assert units == {
        "gen_ai.client.operation.duration": "s",
        "gen_ai.client.operation.time_to_first_chunk": "s",
        "gen_ai.client.token.usage": "{token}",
    }
    (duration,) = points["gen_ai.client.operation.duration"]
    (first,) = points["gen_ai.client.operation.time_to_first_chunk"]
    assert [duration.count, duration.sum] == pytest.approx([1, 0.3])
    assert [first.count, first.sum] == pytest.approx([1, 0.23])
    assert list(duration.explicit_bounds)[:3] == [0.01, 0.02, 0.04]
    assert _said(duration.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "acme",
        "gen_ai.request.model": "small",
        "gen_ai.response.model": "small-2026-10",
        "server.address": "api.acme.example",
        "server.port": 8443,
        "probe": "acme-chat",
        "location": "fra1",
    }


def test_tokens_are_told_as_they_are_billed_by_the_two_types_that_the_conventions_know() -> None:
    with _collector() as collector:
        _pushed(OtelOptions(endpoint=collector.url), (CHAT, OK), (CHAT, OK))
        points = collector.points["gen_ai.client.token.usage"]

    told = {_said(point.attributes)["gen_ai.token.type"]: (point.count, point.sum) for point in points}
    assert told == {"input": (2, 24), "output": (2, 6)}


def test_a_failure_has_its_reason_as_error_type_and_no_time_that_was_not_measured() -> None:
    with _collector() as collector:
        _pushed(OtelOptions(endpoint=collector.url), (CHAT, FAILED))
        points = collector.points

    assert set(points) == {"gen_ai.client.operation.duration"}
    assert _said(points["gen_ai.client.operation.duration"][0].attributes)["error.type"] == "overloaded"


def test_what_is_no_operation_of_a_model_is_not_told() -> None:
    web = HttpOptions(name="web", provider="acme", url="https://acme.example/")
    with _collector() as collector:
        _pushed(OtelOptions(endpoint=collector.url), (web, OK))

    assert collector.requests == []


def test_headers_are_sent_and_a_secret_is_read_when_it_is_needed() -> None:
    with _collector() as collector:
        headers: dict[str, str | Secret] = {"authorization": Secret(env="KEY"), "x-scope-orgid": "me"}
        _pushed(OtelOptions(endpoint=collector.url + "/v1/metrics", headers=headers), (CHAT, OK), key="Bearer k-2")

    assert collector.paths == ["/v1/metrics"]
    assert collector.headers[0]["authorization"] == "Bearer k-2"
    assert collector.headers[0]["x-scope-orgid"] == "me"


def test_a_secret_that_is_not_there_is_told_and_the_rest_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    with _collector() as collector:
        _pushed(OtelOptions(endpoint=collector.url, headers={"x-key": Secret(env="KEY")}), (CHAT, OK), key="")

    assert "x-key" not in collector.headers[0]
    assert "otel.headers.x-key is not sent: the environment variable KEY is not set" in caplog.text


def test_what_is_counted_anew_forgets_what_is_gone() -> None:
    other = CHAT.model_copy(update={"name": "gone"})

    async def push(otel: OtelOptions) -> None:
        outlet = Outlet(lambda _: "")
        await outlet.change(otel)
        outlet.record(other, OK)
        await outlet.change(otel, anew=True)
        outlet.record(CHAT, OK)
        await outlet.close()

    with _collector() as collector:
        asyncio.run(push(OtelOptions(endpoint=collector.url)))
        points = collector.points["gen_ai.client.operation.duration"]

    assert len(collector.requests) == 2
    assert [_said(point.attributes)["probe"] for point in points] == ["acme-chat"]


def test_nothing_is_pushed_unless_it_is_configured() -> None:
    _pushed(OtelOptions(), (CHAT, OK))

    assert OtelOptions().url == ""


def test_who_lacks_the_packages_is_told_what_to_install(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("otel: {endpoint: http://collector:4318}\n")
    hide = (
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.startswith('opentelemetry'): raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        f"from ai_provider_exporter.cli import main; main(['check-config', {str(config)!r}])"
    )

    done = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.endswith("otel.endpoint: needs the extra otel: pip install 'ai-provider-exporter[otel]'\n")


@pytest.mark.parametrize("status", [401, 503])
def test_a_collector_that_refuses_delays_the_end_by_a_second_at_most(status: int) -> None:
    with _collector(status) as collector:
        began = asyncio.run(_timed(OtelOptions(endpoint=collector.url)))

    assert began < 30, "left to itself the client would ask again for a minute"


async def _timed(otel: OtelOptions) -> float:
    outlet = Outlet(lambda _: "")
    await outlet.change(otel)
    outlet.record(CHAT, OK)
    began = asyncio.get_running_loop().time()
    await outlet.close()
    return asyncio.get_running_loop().time() - began

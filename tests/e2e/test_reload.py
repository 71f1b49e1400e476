"""Another configuration in a running exporter: every way to ask for it, and what survives it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.e2e.programs import Running, running
from tests.soak.reload import soak
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

PROBE = "  - {{name: {name}, provider: {name}, kind: tcp, address: '127.0.0.1:9', interval: 1s, timeout: 900ms}}\n"
BROKEN = "probes:\n  - {name: one, kind: tpc}\n"
SENTENCE = "config.yaml:2:17: probes[0].kind: is not a kind of probe; did you mean tcp?"


def _config(*names: str) -> str:
    return "probes:\n" + "".join(PROBE.format(name=name) for name in names)


class Mounted:
    """A configuration file as Kubernetes mounts a ConfigMap: a link through a link, of which one is swapped."""

    def __init__(self, directory: Path, text: str) -> None:
        self.path = directory / "config.yaml"
        self._directory, self._version = directory, 0
        directory.mkdir()
        self.write(text)
        self.path.symlink_to("..data/config.yaml")

    def write(self, text: str) -> None:
        self._version += 1
        new, link = self._directory / f"..{self._version}", self._directory / "..data_tmp"
        new.mkdir()
        (new / "config.yaml").write_text(text)
        link.symlink_to(new.name)
        link.rename(self._directory / "..data")
        shutil.rmtree(self._directory / f"..{self._version - 1}", ignore_errors=True)


class Plain:
    """A configuration file that is written in place."""

    def __init__(self, directory: Path, text: str) -> None:
        directory.mkdir()
        self.path = directory / "config.yaml"
        self.write(text)

    def write(self, text: str) -> None:
        self.path.write_text(text)


def _attempts(exporter: Running, more_than: float = 0.0) -> float:
    """How often the probe that stays has run, once that is more."""
    found = until(
        lambda: [n for n in [exporter.metric("ai_probe_attempts_total", probe="stays")] if n and n > more_than]
    )
    return found[0]


def _hang_up(exporter: Running) -> str:
    os.kill(exporter.process.pid, signal.SIGHUP)
    return ""


def _post(exporter: Running) -> str:
    return httpx2.post(f"{exporter.url}/-/reload", trust_env=False).text


def _wait(_: Running) -> str:
    return ""


ROADS = [
    pytest.param(Plain, _hang_up, [], id="SIGHUP"),
    pytest.param(Plain, _post, ["--web.enable-lifecycle"], id="POST"),
    pytest.param(Plain, _wait, ["--config.enable-auto-reload"], id="the file is written"),
    pytest.param(Mounted, _wait, ["--config.enable-auto-reload"], id="Kubernetes swaps the link"),
]
File = Callable[[Path, str], Plain | Mounted]


@contextmanager
def _serving(tmp_path: Path, file: Plain | Mounted, *flags: str) -> Iterator[Running]:
    with running(tmp_path, "serve", "--config.file", file.path, *flags) as exporter:
        yield exporter


@pytest.mark.parametrize(("mounted", "ask", "flags"), ROADS)
def test_another_configuration_comes_into_force_and_what_is_unchanged_keeps_its_counts(
    tmp_path: Path, mounted: File, ask: Callable[[Running], str], flags: list[str]
) -> None:
    file = mounted(tmp_path / "etc", _config("stays", "goes"))
    with _serving(tmp_path, file, *flags) as exporter:
        before = _attempts(exporter)
        began = exporter.metric("ai_exporter_config_last_reload_success_timestamp_seconds")
        file.write(_config("stays", "comes"))
        ask(exporter)
        until(lambda: exporter.metric("ai_probe_info", probe="comes"))
        series = exporter.metrics()
        after = _attempts(exporter)
        history = exporter.get("/api/v1/probes").json()["probes"]

        assert after >= before
        assert exporter.metric("ai_probe_duration_seconds_count", probe="stays") is not None
        assert not [one for one in series if '"goes"' in one]
        assert {probe["probe"] for probe in history} == {"stays", "comes"}
        assert exporter.metric("ai_exporter_config_last_reload_successful") == 1
        assert series["ai_exporter_config_last_reload_success_timestamp_seconds"] > (began or 0)


@pytest.mark.parametrize(("mounted", "ask", "flags"), ROADS)
def test_a_broken_file_changes_nothing_but_the_metric_that_says_so(
    tmp_path: Path, mounted: File, ask: Callable[[Running], str], flags: list[str]
) -> None:
    file = mounted(tmp_path / "etc", _config("stays"))
    with _serving(tmp_path, file, *flags) as exporter:
        before = _attempts(exporter)
        file.write(BROKEN)
        answer = ask(exporter)
        until(lambda: exporter.metric("ai_exporter_config_last_reload_successful") == 0)
        _attempts(exporter, more_than=before)
        said = exporter.log.count(SENTENCE)
        file.write(_config("stays", "comes"))
        ask(exporter)
        until(lambda: exporter.metric("ai_exporter_config_last_reload_successful") == 1)

        assert said == 1
        assert SENTENCE in (answer or SENTENCE)
        assert exporter.metric("ai_probe_info", probe="comes") == 1


def test_a_request_to_reload_is_answered_like_prometheus_answers_it(tmp_path: Path) -> None:
    file = Plain(tmp_path / "etc", _config("stays"))
    with _serving(tmp_path, file, "--web.enable-lifecycle", "--web.external-url", "http://ops.example/ai") as exporter:
        url = f"{exporter.url}/ai/-/reload"
        good, gotten = httpx2.post(url, trust_env=False), httpx2.get(url, trust_env=False)
        file.write(BROKEN)
        bad = httpx2.post(url, trust_env=False)

        assert (good.status_code, good.text) == (200, "Reloaded.\n")
        assert (gotten.status_code, gotten.headers["allow"]) == (405, "POST")
        assert bad.status_code == 500
        assert bad.text.startswith("Not reloaded, the old configuration stays in force:\n")
        assert SENTENCE in bad.text


def test_without_the_flag_a_request_to_reload_is_refused_and_says_how_to_allow_it(tmp_path: Path) -> None:
    file = Plain(tmp_path / "etc", _config("stays"))
    with _serving(tmp_path, file) as exporter:
        file.write(_config("stays", "comes"))
        answer = httpx2.post(f"{exporter.url}/-/reload", trust_env=False)

        assert answer.status_code == 403
        assert "--web.enable-lifecycle" in answer.text
        assert exporter.metric("ai_probe_info", probe="comes") is None


def test_fifty_reloads_under_load_leak_nothing_and_count_on(tmp_path: Path) -> None:
    figures = asyncio.run(soak(tmp_path, rounds=50))

    assert figures.faults == []
    assert figures.scrapes > 10
    assert figures.runs > 50

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.shard import WHOLE
from ai_provider_exporter.model.state import State
from ai_provider_exporter.runtime.cost.state_file import BudgetError
from ai_provider_exporter.runtime.engine import Engine

pytestmark = pytest.mark.anyio

EGRESS = "egress: {hosts: ['127.0.0.1:9', 'localhost:9'], interval: 1h, timeout: 100ms}\n"
PAGE = "status_pages: [{provider: acme, url: 'http://127.0.0.1:9/', interval: 1h}]\n"
REPORTS = (
    "reports: [{provider: acme, source: hackernews, words: [acme], base_url: 'http://127.0.0.1:9', interval: 1h}]\n"
)


def _settings(directory: Path, text: str) -> Settings:
    path = directory / "config.yaml"
    path.write_text(text)
    return load_settings(path, {}, {})


def _probes(*names: str, interval: str = "1h") -> str:
    each = "{{name: {}, provider: acme, kind: tcp, address: '127.0.0.1:9', interval: {}}}"
    return f"probes: [{', '.join(each.format(name, interval) for name in names)}]\n"


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[Engine]:
    async with Engine.opened(settings, Secrets({}), WHOLE) as engine:
        await engine.begin()
        yield engine


def _state(engine: Engine) -> State:
    return engine.view().state


def _observe(engine: Engine, name: str) -> None:
    """A run of a probe, without waiting for its hour."""
    probe = next(probe for probe in _state(engine).probes if probe.probe == name)
    engine._store.fold(ProbeObservation(id=probe, started_at=1.0))


async def test_what_the_settings_ask_for_is_there_from_the_start(tmp_path: Path) -> None:
    async with _running(_settings(tmp_path, EGRESS + _probes("a", "b") + PAGE + REPORTS)) as engine:
        state = _state(engine)

        assert engine.is_ready
        assert [probe.probe for probe in state.probes] == ["a", "b"]
        assert list(state.pages) == ["acme"]
        assert list(state.reports) == [("acme", "hackernews")]


async def test_a_reload_keeps_what_is_unchanged_and_begins_what_is_changed_anew(tmp_path: Path) -> None:
    async with _running(_settings(tmp_path, EGRESS + _probes("a", "b") + PAGE)) as engine:
        _observe(engine, "a")
        _observe(engine, "b")

        await engine.reload(_settings(tmp_path, EGRESS + _probes("a")[:-2] + ", " + _probes("b", interval="2h")[9:]))

        attempts = {probe.probe: state.attempts for probe, state in _state(engine).probes.items()}
        assert attempts == {"a": 1, "b": 0}
        assert list(_state(engine).pages) == []


async def test_an_unchanged_reload_disturbs_no_task(tmp_path: Path) -> None:
    settings = _settings(tmp_path, EGRESS + _probes("a") + PAGE + REPORTS)
    async with _running(settings) as engine:
        before = {task for task in asyncio.all_tasks() if "/" in task.get_name()}

        await engine.reload(settings)

        assert {task for task in asyncio.all_tasks() if "/" in task.get_name()} == before
        assert len(before) == 3


async def test_another_egress_check_forgets_what_the_old_one_found(tmp_path: Path) -> None:
    async with _running(_settings(tmp_path, EGRESS + _probes("a"))) as engine:
        engine._store.record_egress("", up=True)

        await engine.reload(_settings(tmp_path, EGRESS.replace("1h", "2h") + _probes("a")))

        assert dict(_state(engine).egress) == {}


async def test_a_state_file_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    async with _running(_settings(tmp_path, EGRESS + _probes("a"))) as engine:
        with pytest.raises(BudgetError):
            await engine.reload(
                _settings(tmp_path, EGRESS + _probes("b") + f"budget: {{state_file: {tmp_path}/missing/b.json}}\n")
            )

        assert [probe.probe for probe in _state(engine).probes] == ["a"]


async def test_settings_that_come_before_the_start_are_those_that_begin(tmp_path: Path) -> None:
    async with Engine.opened(_settings(tmp_path, EGRESS + _probes("a")), Secrets({}), WHOLE) as engine:
        await engine.reload(_settings(tmp_path, EGRESS + _probes("b")))
        await engine.begin()

        assert [probe.probe for probe in _state(engine).probes] == ["b"]

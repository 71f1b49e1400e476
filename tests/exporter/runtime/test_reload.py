from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.model.shard import WHOLE
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.runtime.reload import Reloader, digest

from tests.exporter.wire.loopback import HANG

pytestmark = pytest.mark.anyio
FILE = (
    "egress: {{hosts: ['127.0.0.1:9', 'localhost:9'], interval: 1h}}\n"
    "probes: [{{name: {}, provider: acme, kind: tcp, address: '127.0.0.1:9'}}]\n"
)


def _loader(path: Path) -> Callable[[], Settings]:
    return lambda: load_settings(path, {}, {})


def _names(engine: Engine) -> list[str]:
    return [probe.name for probe in engine.settings.probes]


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(HANG):
        while not condition():  # noqa: ASYNC110  # the file is read by a thread, which sets no event here
            await asyncio.sleep(0.01)


async def test_a_file_that_is_wrong_changes_nothing_and_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FILE.format("a"))
    async with Engine.opened(_loader(path)(), Secrets({}), WHOLE) as engine:
        reloader = Reloader(engine, _loader(path))
        path.write_text("probes: [{kind: tcp}]")

        problem = await reloader.reload()

        assert problem is not None
        assert "config.yaml:1:" in problem
        assert _names(engine) == ["a"]
        assert not engine.view().facts.config_loaded

        path.write_text(FILE.format("b"))
        assert await reloader.reload() is None
        assert _names(engine) == ["b"]
        assert engine.view().facts.config_loaded


async def test_a_watched_file_is_reloaded_when_its_content_changes_and_not_while_it_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FILE.format("a"))
    async with Engine.opened(_loader(path)(), Secrets({}), WHOLE) as engine:
        reloader = Reloader(engine, _loader(path), poll_seconds=0.01)
        reloader.watch(path)
        contents = count()

        def changed() -> bool:
            """Gone for a moment, then another file: whichever it saw first, a later one differs."""
            path.unlink()
            path.write_text(FILE.format(f"b{next(contents)}"))
            return _names(engine) != ["a"]

        await _until(changed)

        assert engine.view().facts.config_loaded
        await reloader.close()


async def test_a_signal_reloads_soon(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FILE.format("a"))
    async with Engine.opened(_loader(path)(), Secrets({}), WHOLE) as engine:
        reloader = Reloader(engine, _loader(path))
        path.write_text(FILE.format("b"))

        reloader.reload_soon()

        await _until(lambda: _names(engine) == ["b"])
        await reloader.close()


def test_a_file_that_cannot_be_read_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")

    assert digest(tmp_path / "missing") is None
    assert digest(tmp_path / "a") == digest(tmp_path / "a")

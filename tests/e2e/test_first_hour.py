"""The first hour of somebody who has the README and nothing else: every command, every slip, and what comes after."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.programs import PROGRAM, Running, environment, run, running
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
SLIPS = sorted((Path(__file__).parent / "first_hour").glob("*.yaml"))
README = (ROOT / "README.md").read_text()
RECIPE = (ROOT / "docs/how-to/many-providers.md").read_text()

CONFIG = """\
defaults: {{interval: 1s, timeout: 900ms, location: here}}
egress: {{hosts: ["{host}", "{other}"]}}
{more}
probes:
  - name: openai-chat
    provider: openai
    kind: chat
    base_url: http://{host}/openai/v1
    api_key: {{file: key}}
    confirm_interval: 1s
  - {{name: web, provider: acme, kind: http, url: "http://{host}/-/healthy"}}
"""


@pytest.fixture(name="simulator")
def _simulator(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "simulate") as simulator:
        yield simulator


def _config(directory: Path, simulator: Running, more: str = "") -> Path:
    path = directory / "config.yaml"
    other = simulator.host.replace("127.0.0.1", "localhost")
    path.write_text(CONFIG.format(host=simulator.host, other=other, more=more))
    (directory / "key").write_text("sim-openai-paid\n")
    return path


def _block(text: str, language: str) -> str:
    match = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert match is not None
    return match[1]


def test_the_configuration_of_the_readme_is_checked_with_the_command_of_the_readme(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(_block(README, "yaml"))
    line = next(line for line in README.splitlines() if line.startswith("ai-provider-exporter check-config"))
    command = [str(PROGRAM), *shlex.split(line, comments=True)[1:]]

    done = subprocess.run(
        command, cwd=tmp_path, env=environment(None), capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0
    assert done.stderr == "warning: config.yaml:2:5: probes[0].api_key: OPENAI_API_KEY is not set here\n"
    assert done.stdout.startswith("2 probes, ")


def test_the_recipe_is_a_configuration_with_the_variables_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(_block(RECIPE, "yaml"))
    names = [
        "OPENAI_API_KEY",
        "AZURE_OPENAI_API_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "LITELLM_MASTER_KEY",
    ]

    done = run("check-config", path, env=dict.fromkeys(names, "k"))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("5 probes, ")


@pytest.mark.parametrize("path", SLIPS, ids=lambda path: path.stem)
def test_each_slip_is_answered_at_once_and_in_full(path: Path) -> None:
    done = subprocess.run(
        [PROGRAM, "check-config", path.name],
        cwd=path.parent,
        env=environment(None),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == path.with_suffix(".txt").read_text()
    assert "do-not-print-me" not in done.stderr


def test_there_are_twelve_slips() -> None:
    assert len(SLIPS) == 12


def test_check_config_and_serve_refuse_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("probes: [{name: a, provider: opnai, kind: chat}]\n")

    checked, served = run("check-config", path), run("serve", "--config.file", path)

    assert (served.returncode, served.stderr) == (checked.returncode, checked.stderr) != (0, "")


def test_a_key_that_is_rotated_is_used_at_once(tmp_path: Path, simulator: Running) -> None:
    path = _config(tmp_path, simulator)
    (tmp_path / "key").write_text("sk-revoked\n")

    refused = run("probe", "openai-chat", "--config.file", path)
    (tmp_path / "key").write_text("sim-openai-paid\n")
    accepted = run("probe", "openai-chat", "--config.file", path)

    assert (refused.returncode, accepted.returncode) == (1, 0)
    assert "key_rejected" in refused.stdout


def test_a_reload_pauses_a_probe_and_another_one_lets_it_go_on(tmp_path: Path, simulator: Running) -> None:
    path = _config(tmp_path, simulator)
    with running(tmp_path, "serve", "--config.file", path, "--config.enable-auto-reload") as exporter:
        until(lambda: exporter.metric("ai_probe_success", probe="web") == 1)

        _config(tmp_path, simulator, "pauses: [{probes: [web]}]")
        until(lambda: exporter.metric("ai_probe_skipped_total", probe="web", cause="paused"))
        _config(tmp_path, simulator)
        paused = exporter.metric("ai_probe_attempts_total", probe="web") or 0
        until(lambda: (exporter.metric("ai_probe_attempts_total", probe="web") or 0) > paused)

    assert "reloaded: 2 probes" in exporter.log


def test_two_of_a_pair_say_the_same(tmp_path: Path, simulator: Running) -> None:
    path = _config(tmp_path, simulator)
    for name in "ab":
        (tmp_path / name).mkdir()

    with ExitStack() as stack:
        pair = [stack.enter_context(running(tmp_path / name, "serve", "--config.file", path)) for name in "ab"]
        until(lambda: all(exporter.metric("ai_probe_success", probe="openai-chat") == 1 for exporter in pair))
        series = [{name for name in exporter.metrics() if name.startswith("ai_probe_success")} for exporter in pair]

    assert series[0] == series[1]


def _is_ready(exporter: Running) -> bool:
    return exporter.get("/-/ready").is_success


def test_every_probe_belongs_to_one_shard(tmp_path: Path, simulator: Running) -> None:
    path = _config(tmp_path, simulator)
    probes: list[str] = []
    for shard in ("0/2", "1/2"):
        directory = tmp_path / shard.replace("/", "-")
        directory.mkdir()
        with running(directory, "serve", "--config.file", path, "--shard", shard) as exporter:
            until(partial(_is_ready, exporter))
            rows = [name for name in exporter.metrics() if name.startswith("ai_probe_info{")]
        probes += [match[1] for row in rows if (match := re.search(r'probe="([^"]+)"', row))]

    assert sorted(probes) == ["openai-chat", "web"]

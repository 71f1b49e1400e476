"""What a user gets for what they type: output, exit status, and one clear sentence where it goes wrong."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.programs import PROGRAM, Running, run, running
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
PROBE = "probes: [{name: a, provider: acme, kind: http, url: 'http://127.0.0.1:9/'}]\n"


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        pytest.param(["check-config", "/nonexistent.yaml"], 1, "/nonexistent.yaml:1:1: cannot be read", id="no file"),
        pytest.param(["probe", "nobody"], 2, "no probe is called 'nobody'; there are: ", id="no such probe"),
        pytest.param(["page", "/nonexistent.json"], 2, "/nonexistent.json: No such file", id="no such page"),
        pytest.param(["page", "ftp://x"], 2, "ftp://x: is not an http or https URL; write", id="no page's URL"),
        pytest.param(["page", "https://me:pw@x"], 2, "https://x: holds a user or password", id="a password"),
        pytest.param(["page", "x", "--format", "y"], 2, "'y' is not a format; write one of: ", id="no such format"),
        pytest.param(["serve", "--shard", "3/3"], 2, "write I/N with I from 0 to N-1", id="no such shard"),
        pytest.param(["serve", "--web.listen-address", "nowhere"], 1, "nowhere", id="no such address"),
        pytest.param(["simulate", "nothing"], 1, "nothing: is neither a file nor a scen", id="no such scenario"),
        pytest.param(["sing"], 2, "invalid choice: 'sing'", id="no such verb"),
        pytest.param([], 2, "the following arguments are required: VERB", id="nothing at all"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_status(arguments: list[str], status: int, sentence: str) -> None:
    result = run(*arguments)

    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode == status


def test_the_catalog_is_listed_for_people_and_for_programs() -> None:
    providers = json.loads(run("providers", "--json").stdout)

    assert {"openai", "anthropic", "ollama"} <= {provider["name"] for provider in providers}
    assert "OPENAI_API_KEY" in run("providers").stdout


def test_one_run_of_a_probe_is_printed_with_every_phase(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(PROBE)

    result = run("probe", "a", "--config.file", config, "--json")

    run_ = json.loads(result.stdout)
    assert result.returncode == 1
    assert (run_["success"], run_["reason"], run_["fault"]) == (False, "connect_refused", "provider")
    assert set(run_["phases"]) == {"dns", "connect", "tls", "send", "headers", "first_token", "stream"}
    assert run_["phases"]["tls"] is None


def test_a_reader_that_has_seen_enough_ends_the_output_quietly() -> None:
    with subprocess.Popen([PROGRAM, "providers"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.stderr.read() == ""


def test_what_the_first_page_of_the_readme_says_to_run_shows_two_healthy_providers(tmp_path: Path) -> None:
    config = tmp_path / "simulated.yaml"
    keys = dict(re.findall(r"(SIMULATED_\w+)=([\w-]+)", (ROOT / "Makefile").read_text()))
    with running(tmp_path, "simulate") as simulator:
        config.write_text((ROOT / "exporter/simulated.yaml").read_text().replace("127.0.0.1:10191", simulator.host))
        with running(tmp_path, "serve", "--config.file", config, env=keys) as exporter:
            healthy = {"ai_provider_observed_status", "ai_status_page_status"}
            until(lambda: _of(exporter, healthy) == {(n, p): 0 for n in healthy for p in ("openai", "anthropic")})


def _of(exporter: Running, names: set[str]) -> dict[tuple[str, str], float]:
    """(name, provider) -> value."""
    found = ((s.partition("{"), value) for s, value in exporter.metrics().items())
    return {(n, r.partition('provider="')[2].partition('"')[0]): v for (n, _, r), v in found if n in names}


def test_a_terminated_exporter_ends_well_and_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(PROBE)
    with running(tmp_path, "serve", "--config.file", config) as exporter:
        until(lambda: exporter.get("/-/ready").is_success)
        exporter.process.send_signal(signal.SIGTERM)

        assert exporter.process.wait(3) == 0


def test_a_second_instance_on_the_same_port_says_so_and_ends(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(PROBE)
    with running(tmp_path, "serve", "--config.file", config) as exporter:
        result = run("serve", "--config.file", config, "--web.listen-address", exporter.host)

    assert result.returncode == 1
    assert exporter.host.rpartition(":")[2] in result.stderr
    assert "Traceback" not in result.stderr

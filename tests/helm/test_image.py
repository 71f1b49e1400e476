"""The Dockerfile against the chart that runs its image, and against what it copies."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.helm.charts import exporter, minimal, pod

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
IGNORE = (ROOT / ".dockerignore").read_text().splitlines()


def instruction(name: str) -> list[str]:
    """What follows each instruction of that name."""
    return [line.removeprefix(f"{name} ") for line in LINES if line.startswith(f"{name} ")]


def test_the_image_runs_as_the_user_that_the_chart_asks_for() -> None:
    security = pod(minimal())["securityContext"]

    assert instruction("USER") == [f"{security['runAsUser']}:{security['runAsGroup']}"]


def test_the_image_listens_where_the_chart_looks() -> None:
    assert instruction("EXPOSE") == [str(port["containerPort"]) for port in exporter(minimal())["ports"]]


def test_the_image_serves_unless_another_verb_is_given() -> None:
    assert [json.loads(text) for text in instruction("ENTRYPOINT")] == [["ai-provider-exporter"]]
    assert [json.loads(text) for text in instruction("CMD")] == [["serve"]]
    assert instruction("HEALTHCHECK") == ["NONE"]


def test_the_base_of_every_stage_is_one_image_by_its_digest() -> None:
    (base,) = [text.removeprefix("PYTHON=") for text in instruction("ARG") if text.startswith("PYTHON=")]

    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+@sha256:[0-9a-f]{64}", base)
    assert {text.split()[0] for text in instruction("FROM")} == {"${PYTHON}"}


def test_what_builds_the_image_stays_behind() -> None:
    build, run = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1:]

    assert "pip" in build
    assert "pip" not in run
    assert [line for line in run.splitlines() if line.startswith("COPY")] == [
        "COPY --from=build /opt/exporter /opt/exporter"
    ]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    copied = {name for text in instruction("COPY") if not text.startswith("--from") for name in text.split()[:-1]}

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {f"!{name}" for name in copied} == {line for line in IGNORE if line.startswith("!")}
    assert "*" in IGNORE


def test_every_package_in_the_image_is_the_one_that_was_locked() -> None:
    installs = [text for text in instruction("RUN") if " install " in text and "pip " in text]

    assert len(installs) == 2
    assert all("--require-hashes" in text or "--no-deps" in text for text in installs)


def test_the_image_has_what_every_installation_has_and_can_push_and_speak_http2() -> None:
    image, everywhere = locked("requirements-image.lock"), locked("requirements.lock")

    assert everywhere.items() <= image.items()
    assert {"opentelemetry-sdk", "h2"} <= image.keys() - everywhere.keys()


def locked(name: str) -> dict[str, str]:
    """Package -> version, of a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))

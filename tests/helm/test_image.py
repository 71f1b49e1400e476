"""The Dockerfile against the chart that runs its image, and against what it copies."""

from __future__ import annotations

import json
import re
from pathlib import Path

import helm_python
import pytest
import yaml

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
IGNORE = (ROOT / ".dockerignore").read_text().splitlines()


def said(instruction: str) -> list[str]:
    """What follows each line of that instruction."""
    return [line.removeprefix(f"{instruction} ") for line in LINES if line.startswith(f"{instruction} ")]


@pytest.fixture(name="pod", scope="module")
def _pod() -> dict[str, dict[str, int]]:
    with helm_python.Chart.load(ROOT / "helm" / "ai-provider-exporter") as chart:
        (deployment,) = (text for path, text in chart.render().items() if path.endswith("deployment.yaml"))
    spec: dict[str, dict[str, int]] = yaml.safe_load(deployment)["spec"]["template"]["spec"]
    return spec


def test_the_image_runs_as_the_user_that_the_chart_asks_for(pod: dict[str, dict[str, int]]) -> None:
    security = pod["securityContext"]

    assert said("USER") == [f"{security['runAsUser']}:{security['runAsGroup']}"]


def test_the_image_listens_where_the_chart_looks() -> None:
    deployment = (ROOT / "helm" / "ai-provider-exporter" / "templates" / "deployment.yaml").read_text()

    assert said("EXPOSE") == re.findall(r"containerPort: (\d+)", deployment) == ["10190"]


def test_the_image_serves_unless_another_verb_is_given() -> None:
    assert [json.loads(text) for text in said("ENTRYPOINT")] == [["ai-provider-exporter"]]
    assert [json.loads(text) for text in said("CMD")] == [["serve"]]
    assert said("HEALTHCHECK") == ["NONE"]


def test_the_image_names_its_base_without_a_registry() -> None:
    assert {text.split()[0] for text in said("FROM")} == {"python:3.12-slim"}


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    copied = {name for text in said("COPY") if not text.startswith("--from") for name in text.split()[:-1]}

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {f"!{name}" for name in copied} == {line for line in IGNORE if line.startswith("!")}
    assert "*" in IGNORE


def test_every_package_in_the_image_is_the_one_that_was_locked() -> None:
    installs = [text for text in said("RUN") if "pip install" in text]

    assert ["--require-hashes -r requirements.lock" in text or "--no-deps" in text for text in installs] == [True, True]

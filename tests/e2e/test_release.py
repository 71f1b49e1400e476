"""What `make dist` builds: the same bytes twice, and a wheel that has all it needs."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EPOCH = {"SOURCE_DATE_EPOCH": "1790000000"}

pytestmark = pytest.mark.e2e


def _build(target: Path) -> Path:
    subprocess.run([sys.executable, "exporter/release.py", str(target)], cwd=ROOT, env=os.environ | EPOCH, check=True)
    return target


@pytest.fixture(scope="module", name="dist")
def _dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(tmp_path_factory.mktemp("release") / "dist")


def test_the_same_commit_gives_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    again = _build(tmp_path / "dist")

    assert (again / "SHA256SUMS").read_text() == (dist / "SHA256SUMS").read_text()


def test_the_checksums_are_those_of_the_files(dist: Path) -> None:
    lines = (dist / "SHA256SUMS").read_text().splitlines()

    assert {line.split()[1] for line in lines} == {path.name for path in dist.iterdir()} - {"SHA256SUMS"}
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest


def test_the_wheel_holds_all_that_the_program_reads(dist: Path, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)  # noqa: S202  # our own archive
    path = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    program = [sys.executable, "-m", "ai_provider_exporter"]

    listed = subprocess.run([*program, "providers", "--json"], env=path, cwd=tmp_path, capture_output=True, check=True)
    checked = subprocess.run([*program, "check-config"], env=path, cwd=tmp_path, capture_output=True, check=True)

    assert len(json.loads(listed.stdout)) > 100
    assert b"status pages" in checked.stdout


def test_the_chart_is_an_archive_of_the_chart(dist: Path) -> None:
    (chart,) = dist.glob("*-chart-*.tgz")
    with tarfile.open(chart) as archive:
        names = archive.getnames()

    assert "ai-provider-exporter/Chart.yaml" in names
    assert not any(name.startswith("ai-provider-exporter/ci/") for name in names)


def test_the_bill_of_materials_lists_what_the_image_installs(dist: Path) -> None:
    (bill,) = dist.glob("*.cdx.json")
    document = json.loads(bill.read_text())

    assert document["bomFormat"] == "CycloneDX"
    assert {"httptools", "pydantic", "starlette", "uvloop"} <= {part["name"] for part in document["components"]}

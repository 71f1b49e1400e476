"""Builds what a release consists of in `dist/`: wheel, sdist, chart, bill of materials and checksums.

The same commit gives the same bytes: every date is that of the commit, or SOURCE_DATE_EPOCH
(https://reproducible-builds.org/specs/source-date-epoch/, 2026-11).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml
from ai_provider_exporter import __version__

ROOT = Path(__file__).parents[1]
CHART = ROOT / "helm" / "ai-provider-exporter"


def main() -> int:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    epoch = _epoch()
    packages(target, epoch)
    chart(target, epoch)
    bill_of_materials(target)
    checksums(target)
    for path in sorted(target.iterdir()):
        sys.stdout.write(f"{path}\n")
    return 0


def _epoch() -> int:
    """Seconds: of the environment, else of the commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or subprocess.check_output(["git", "log", "-1", "--format=%ct"], cwd=ROOT, text=True))  # noqa: S607


def packages(target: Path, epoch: int) -> None:
    command = [str(Path(sys.executable).with_name("hatchling")), "build", "--directory", str(target)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}, check=True)  # noqa: S603


def chart(target: Path, epoch: int) -> None:
    """As `helm package` does, but with fixed dates, owners and order."""
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
    ignored = {line.strip("/") for line in (CHART / ".helmignore").read_text().split()}
    files = [path for path in sorted(CHART.rglob("*")) if path.is_file()]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in files:
            name = path.relative_to(CHART)
            if name.parts[0] not in ignored:
                info = tarfile.TarInfo(f"{CHART.name}/{name}")
                info.size, info.mtime, info.mode = path.stat().st_size, epoch, 0o644
                archive.addfile(info, io.BytesIO(path.read_bytes()))
    archive_path = target / f"{CHART.name}-chart-{version}.tgz"
    archive_path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))


def bill_of_materials(target: Path) -> None:
    """CycloneDX, of the packages that the image installs."""
    command = [str(Path(sys.executable).with_name("cyclonedx-py")), "requirements", "requirements-image.lock"]
    options = ["--output-reproducible", "--of", "JSON", "--pyproject", "pyproject.toml", "--mc-type", "application"]
    path = target / f"ai-provider-exporter-{__version__}.cdx.json"
    # It warns that requirements name no dependencies of dependencies: the bill lists packages, not their graph.
    quiet = os.environ | {"PYTHONWARNINGS": "ignore"}
    subprocess.run([*command, *options, "--output-file", str(path)], cwd=ROOT, env=quiet, check=True)  # noqa: S603


def checksums(target: Path) -> None:
    """For `sha256sum --check SHA256SUMS`."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(target.iterdir())]
    (target / "SHA256SUMS").write_text("".join(lines))


if __name__ == "__main__":
    sys.exit(main())

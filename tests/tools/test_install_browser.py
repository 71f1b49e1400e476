"""tests/tools/install-browser: done is done, and what it cannot do it says in a sentence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL = Path(__file__).with_name("install-browser")


def install(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", INSTALL], env={"PATH": path}, capture_output=True, text=True, check=False, timeout=30
    )


def _program(directory: Path, name: str, text: str) -> None:
    program = directory / name
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Path:
    """A machine that has next to nothing; its user is root."""
    for name in ("mktemp", "rm", "tail"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    _program(tmp_path, "id", "echo 0")
    return tmp_path


def test_a_browser_that_is_already_there_is_left_alone(machine: Path) -> None:
    _program(machine, "chromium", "exit 0")
    _program(machine, "apt-get", "exit 9")

    done = install(str(machine))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_root_it_says_what_root_must_do(machine: Path) -> None:
    _program(machine, "id", "echo 1000")
    _program(machine, "apt-get", "exit 9")

    done = install(str(machine))

    assert done.returncode == 1
    assert done.stderr == "tests/tools/install-browser: chromium is missing; as root: apt-get install chromium\n"


def test_what_apt_says_is_passed_on_when_it_fails(machine: Path) -> None:
    _program(machine, "apt-get", "echo no such mirror; exit 100")

    done = install(str(machine))

    assert done.returncode == 1
    assert done.stderr.startswith("no such mirror\n")
    assert "apt-get could not install chromium" in done.stderr


def test_root_gets_it_from_apt(machine: Path) -> None:
    _program(machine, "apt-get", f'echo "#!/bin/sh" >{machine}/chromium; /bin/chmod +x {machine}/chromium')

    assert install(str(machine)).returncode == 0

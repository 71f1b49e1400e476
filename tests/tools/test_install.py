"""tests/tools/install: every way in which it can fail is one sentence, and done is done."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools.monitoring import TOOLS, tool

INSTALL = Path(__file__).with_name("install")
PATH = "/usr/bin:/bin"


def install(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", INSTALL, directory],
        env={"PATH": PATH} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.fixture(name="sources")
def _sources(tmp_path: Path) -> Path:
    """A machine whose apt knows this list of sources only."""
    (tmp_path / "apt.conf").write_text(
        f'Dir::Etc::SourceParts "/dev/null";\nDir::Etc::SourceList "{tmp_path}/sources.list";\n'
    )
    return tmp_path / "sources.list"


def test_what_is_already_there_is_left_alone() -> None:
    before = tool("promtool").stat()

    done = install(TOOLS)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert tool("promtool").stat() == before


def test_a_machine_without_apt_is_told_what_to_do(tmp_path: Path) -> None:
    done = install(tmp_path, PATH=str(tmp_path))

    assert done.returncode == 1
    assert "needs 'apt-get', which is not on PATH" in done.stderr


def test_a_place_that_cannot_be_written_is_named() -> None:
    done = install(Path("/dev/null/tools"))

    assert done.returncode == 1
    assert "cannot create /dev/null/tools/bin: give a directory that you may write to" in done.stderr


def test_a_machine_without_mirrors_is_told_where_they_are_set(tmp_path: Path, sources: Path) -> None:
    sources.write_text("")

    done = install(tmp_path / "tools", APT_CONFIG=str(tmp_path / "apt.conf"))

    assert done.returncode == 1
    assert "apt knows no package mirror here" in done.stderr


def test_a_mirror_that_does_not_answer_leaves_its_log(tmp_path: Path, sources: Path) -> None:
    sources.write_text("deb http://127.0.0.1:9/debian stable main\n")

    done = install(tmp_path / "tools", APT_CONFIG=str(tmp_path / "apt.conf"))

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Connection refused" in (tmp_path / "tools" / "install.log").read_text()
    assert sorted(path.name for path in (tmp_path / "tools").iterdir()) == ["bin", "install.log"]

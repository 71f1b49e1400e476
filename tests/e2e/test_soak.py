"""The short form of `make soak`: a minute of faults and hostile pages of every kind, after which nothing has grown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]


def test_a_minute_of_faults_and_hostile_pages_leaves_nothing_behind() -> None:
    command = [sys.executable, "-m", "tests.soak.hostile", "1"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.endswith("flat after a sixth of the time\n")

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_import_runs_against_the_flow_of_data() -> None:
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    result = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout

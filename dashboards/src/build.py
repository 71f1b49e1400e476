"""Builds the bundle: the boards from their sources, and the chart's copies of boards and rules.

    python -m dashboards.src.build

The chart has copies because Helm packages no file from outside it and follows no link.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Final

from dashboards.src.grafana import Json
from dashboards.src.names import UIDS

ROOT: Final = Path(__file__).parents[2]
CHART_FILES: Final = ROOT / "helm" / "ai-provider-exporter" / "files"


def dashboards() -> dict[str, Json]:
    """The boards by the names of their files."""
    return {name: import_module(f"dashboards.src.boards.{name}").dashboard() for name in UIDS}


def text(board: Json) -> str:
    """The file of a board, byte for byte."""
    return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


BUILT: Final = {ROOT / "dashboards" / f"{name}.json": text(board) for name, board in dashboards().items()}
RULES: Final = ROOT / "alerts" / "rules"
COPIED: Final = {path: CHART_FILES / "dashboards" / path.name for path in BUILT} | {
    path: CHART_FILES / "rules" / path.relative_to(RULES) for path in sorted(RULES.rglob("*.*"))
}


def build() -> None:
    for path, content in BUILT.items():
        path.write_text(content)
    for original, copy in COPIED.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(original.read_bytes())


if __name__ == "__main__":
    build()

"""Builds the bundle: the dashboard from its source, and the chart's copies of dashboard and rules.

    python -m dashboards.src.build

The chart has copies because Helm packages no file from outside it and follows no link.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dashboards.src import overview

ROOT: Final = Path(__file__).parents[2]
CHART_FILES: Final = ROOT / "helm" / "ai-provider-exporter" / "files"

BUILT: Final = {ROOT / "dashboards" / "overview.json": overview.text}
COPIED: Final = {
    ROOT / "dashboards" / "overview.json": CHART_FILES / "dashboards" / "overview.json",
    ROOT / "alerts" / "rules" / "ai-provider.yaml": CHART_FILES / "rules" / "ai-provider.yaml",
}


def build() -> None:
    for path, text in BUILT.items():
        path.write_text(text())
    for original, copy in COPIED.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(original.read_bytes())


if __name__ == "__main__":
    build()

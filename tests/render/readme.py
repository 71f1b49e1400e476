"""Draws the pictures of dashboards/README.md: the top of each board, in a situation that has something to show.

python -m tests.render.readme
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.dashboards.boards import BOARDS, ROOT
from tests.dashboards.situations.fourteen import BY_NAME
from tests.dashboards.situations.server import situations
from tests.render.renderer import renderer, take

DIRECTORY = ROOT / "docs" / "dashboards"
SITUATION = "february"
SIZES = {"overview": 150}  # others have 3 providers
HEIGHT = 900


def main() -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        situations(Path(data), (SITUATION,)) as server,
        renderer(Path(data), server.url) as drawing,
    ):
        for name in BOARDS:
            size = SIZES.get(name, 3)
            picture = take(drawing, name, BY_NAME[SITUATION], size, "light", height=HEIGHT)
            (DIRECTORY / f"{name}.png").write_bytes(picture.png)


if __name__ == "__main__":
    main()

"""Draws boards in situations, in both modes:

python -m tests.render DIRECTORY [--boards A,B] [--situations A,B] [--sizes 3,150] [--modes dark,light]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path

from tests.dashboards.boards import BOARDS
from tests.dashboards.situations.fourteen import BY_NAME
from tests.dashboards.situations.server import SIZES, situations
from tests.render.renderer import renderer, take


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.render", description="Draws boards in situations.")
    parser.add_argument("directory", type=Path)
    for name, every in (("boards", BOARDS), ("situations", BY_NAME), ("sizes", SIZES), ("modes", ("dark", "light"))):
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=[str(one) for one in every])
    return parser.parse_args()


def main() -> None:
    wanted = arguments()
    wanted.directory.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        situations(Path(data), tuple(wanted.situations)) as server,
        renderer(Path(data), server.url) as drawing,
    ):
        for board, name, size, mode in product(wanted.boards, wanted.situations, wanted.sizes, wanted.modes):
            began = time.monotonic()
            picture = take(drawing, board, BY_NAME[name], int(size), mode)
            path = wanted.directory / f"{board}-{name}-{size}-{mode}.png"
            path.write_bytes(picture.png)
            print(path, f"{time.monotonic() - began:.1f} s", *picture.errors, *picture.blank, *picture.complaints)  # noqa: T201


if __name__ == "__main__":
    main()

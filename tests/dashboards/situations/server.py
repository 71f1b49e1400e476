"""A real Prometheus that holds all situations at once, told apart by the label `job`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.dashboards.boards import everything
from tests.dashboards.grafana import Window, chosen
from tests.dashboards.situations.fourteen import SITUATIONS
from tests.dashboards.situations.recording import Recording, create_blocks
from tests.dashboards.situations.story import Situation
from tests.dashboards.situations.world import CROWDS, END, a_week_earlier, crowd, recorded
from tests.tools.monitoring import Prometheus, prometheus

SIZES: Final = (3, 150)
SIX_HOURS: Final = 6 * 3600.0
WINDOW: Final = Window(END, SIX_HOURS)
# Blocks of different situations overlap, and merging them would take the time of the tests.
KEEP_BLOCKS: Final = ("--no-storage.tsdb.allow-overlapping-compaction",)


def jobs(situation: Situation, size: int) -> str:
    """The value of the variable `job` that chooses a situation with that many providers."""
    return chosen(situation.name) if size == SIZES[0] else chosen(situation.name, situation.crowd)


def values(board: str, situation: Situation, size: int) -> dict[str, str]:
    """The values of a board's variables in a situation; on the Provider board one provider is chosen."""
    one = {"provider": situation.focus} if board == "provider" else {}
    return everything(board) | {"job": jobs(situation, size)} | one


@contextmanager
def situations(directory: Path, names: tuple[str, ...] = ()) -> Iterator[Prometheus]:
    """Back-fills the situations of these names, or all, and serves them."""
    wanted = [situation for situation in SITUATIONS if not names or situation.name in names]
    crowds = {situation.crowd for situation in wanted}
    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(_backfill, directory, name, recording)
            for name, recording in _recordings(wanted, [name for name in CROWDS if name in crowds])
        ]
        for one in done:
            one.result()
    with prometheus(directory, {}, more=KEEP_BLOCKS) as server:
        yield server


def _recordings(wanted: list[Situation], crowds: list[str]) -> Iterator[tuple[str, Recording]]:
    for name in crowds:
        yield name, crowd(name)
    for situation in wanted:
        yield situation.name, recorded(situation)
        if situation.a_week_earlier:
            yield situation.name, a_week_earlier()


def _backfill(directory: Path, name: str, recording: Recording) -> None:
    """Into the place where Prometheus will look for its data."""
    text = directory / f"{name}-{recording.moments[-1]}.om"
    recording.write(text)
    create_blocks(text, directory / "prometheus", name)
    text.unlink()


if __name__ == "__main__":
    import sys

    place = Path(sys.argv[1])
    began = time.monotonic()
    with situations(place, tuple(sys.argv[2:])) as server:
        print(server.url, f"ready after {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
        sys.stdin.read()

"""What the boards answer in a situation, and what they must.

    python -m tests.dashboards.answers      writes `expected.yaml` anew

`expected.yaml` says for each situation and number of providers which figures the stat panels show, and which queries
of all other panels stay silent. Whoever changes a board writes it anew and reads the difference.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import yaml

from tests.dashboards.boards import BOARDS, TARGETS, Target
from tests.dashboards.grafana import filled, times
from tests.dashboards.situations.fourteen import SITUATIONS
from tests.dashboards.situations.server import SIX_HOURS, SIZES, WINDOW, situations, values
from tests.dashboards.situations.story import Situation
from tests.dashboards.situations.world import END
from tests.tools.monitoring import Prometheus, Sample

FILE: Final = Path(__file__).with_name("expected.yaml")
MOST_FIGURES: Final = 6
"""A stat panel with more series than this is a map: its figures are counted, not listed."""


def answer(server: Prometheus, target: Target, situation: Situation, size: int) -> list[Sample]:
    """What a query answers over the six hours of a situation, as Grafana would ask it."""
    chosen = values(target.board, situation, size) | times(target.panel, target.query, WINDOW)
    expression = filled(target.expression, chosen)
    if target.query["instant"]:
        return server.instant(expression, END)
    return server.range(expression, END - SIX_HOURS, END, WINDOW.step(target.panel, target.query))


def outcome(answers: dict[str, list[Sample]]) -> dict[str, dict[str, str]]:
    """The part of all answers that `expected.yaml` holds: by board, figures of stat panels and silent queries."""
    figures, silent = {}, {}
    for board in BOARDS:
        here = [target for target in TARGETS if target.board == board]
        stats = [target for target in here if target.panel["type"] == "stat"]
        figures[board] = "; ".join(f"{_place(target)} {_figures(answers[target.name])}" for target in stats)
        silent[board] = " ".join(_place(target) for target in here if target not in stats and not answers[target.name])
    return {"figures": figures, "silent": silent}


def _place(target: Target) -> str:
    return target.name.removeprefix(f"{target.board} ")


def _figures(samples: list[Sample]) -> str:
    if len(samples) > MOST_FIGURES:
        return f"{len(samples)} series, {_figure(samples[0])} first"
    return " ".join(map(_figure, samples)) or "-"


def _figure(sample: Sample) -> str:
    labels = [value for _, value in sorted(sample.labels.items())]
    return "/".join([*labels, f"{sample.last:.4g}"])


def name(situation: Situation, size: int) -> str:
    return f"{situation.name} {size}"


def everything(server: Prometheus, situation: Situation, size: int) -> dict[str, list[Sample]]:
    return {target.name: answer(server, target, situation, size) for target in TARGETS}


def write() -> None:
    with tempfile.TemporaryDirectory() as directory, situations(Path(directory)) as server:
        outcomes = {
            name(situation, size): outcome(everything(server, situation, size))
            for situation in SITUATIONS
            for size in SIZES
        }
    FILE.write_text(yaml.safe_dump(outcomes, sort_keys=False, width=120))


if __name__ == "__main__":
    write()

"""The Overview in every situation and each other board in two, drawn by Grafana's front end, and read.

Node is needed, so `make test` does not run this: `make look` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.dashboards.boards import BOARDS, panels
from tests.dashboards.situations.fourteen import ALL, BY_NAME, SITUATIONS
from tests.dashboards.situations.server import SIZES, situations
from tests.dashboards.situations.story import Situation
from tests.render.renderer import Picture, Renderer, renderer, take

NONSENSE = re.compile(r"NaN|Infinity|undefined|years ago|No data|\$\{|\{\{")
OTHERS = [name for name in BOARDS if name != "overview"]


@pytest.fixture(name="drawing", scope="module")
def _drawing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renderer]:
    directory = tmp_path_factory.mktemp("pictures")
    with situations(directory) as server, renderer(directory, server.url) as drawing:
        yield drawing


def faults(board: str, picture: Picture) -> list[str]:
    """Whatever nobody should meet on any board."""
    titles = {panel["id"]: panel["title"] for panel in panels(BOARDS[board])}
    nonsense = [titles[panel] for panel, text in picture.panels.items() if NONSENSE.search(text)]
    missing = [title for number, title in titles.items() if number not in picture.panels]
    return [*picture.errors, *picture.blank, *picture.complaints, *nonsense, *missing]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_the_overview_says_what_the_situation_is(drawing: Renderer, situation: Situation, size: int) -> None:
    picture = take(drawing, "overview", situation, size, "dark")
    by_title = {panel["title"]: picture.panels[panel["id"]] for panel in panels(BOARDS["overview"])}
    whole = "\n".join(by_title.values())

    assert faults("overview", picture) == []
    for sentence in (*situation.says, *(situation.says_alone if size == SIZES[0] else ())):
        title, bar, text = sentence.rpartition("|")
        assert text.replace(ALL, str(size)) in (by_title[title] if bar else whole), sentence


@pytest.mark.parametrize(("name", "size", "mode"), [("february", 150, "dark"), ("no-data", 3, "light")])
@pytest.mark.parametrize("board", OTHERS)
def test_a_board_is_drawn_whole(drawing: Renderer, board: str, name: str, size: int, mode: str) -> None:
    picture = take(drawing, board, BY_NAME[name], size, mode)

    assert faults(board, picture) == []

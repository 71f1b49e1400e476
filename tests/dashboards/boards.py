"""The shipped boards as a test reads them: from the committed files, panel by panel and query by query."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dashboards.src.names import TRAFFIC_ERRORS, TRAFFIC_REQUESTS, UIDS

Json = dict[str, Any]

ROOT: Final = Path(__file__).parents[2]
FILES: Final = {name: ROOT / "dashboards" / f"{name}.json" for name in UIDS}
BOARDS: Final[dict[str, Json]] = {name: json.loads(path.read_text()) for name, path in FILES.items()}
RECORDED: Final = frozenset({TRAFFIC_REQUESTS, TRAFFIC_ERRORS})


@dataclass(frozen=True)
class Target:
    """One query of a panel, and where it stands."""

    board: str
    panel: Json
    query: Json

    @property
    def name(self) -> str:
        return f"{self.board} {self.panel['id']}{self.query['refId']}"

    @property
    def expression(self) -> str:
        text: str = self.query["expr"]
        return text


def panels(board: Json) -> list[Json]:
    """The panels that draw something: rows are only titles."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


PANELS: Final = [(name, panel) for name, board in BOARDS.items() for panel in panels(board)]
TARGETS: Final = [Target(name, panel, query) for name, panel in PANELS for query in panel["targets"]]
VARIABLES: Final = {name: {row["name"]: row for row in board["templating"]["list"]} for name, board in BOARDS.items()}
ANNOTATIONS: Final = [(name, band) for name, board in BOARDS.items() for band in board["annotations"]["list"]]


def selector(variable: Json) -> str:
    """What a query variable asks the label values of.

    Raises:
        ValueError: it asks for something else than label values.
    """
    match = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
    if match is None:
        raise ValueError(variable["definition"])
    return match[1]


def everything(board: str) -> dict[str, str]:
    """The values of a board's variables as they are at first: all of everything."""
    return {name: row.get("allValue") or row["current"]["value"] for name, row in VARIABLES[board].items()}

"""Colours and the words that stand for numbers, one palette for all boards.

The colours are told apart with every common kind of colour blindness (a test computes it); the words stand beside them
wherever there is room, because a colour alone says nothing to some.
"""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

GREY: Final = "#5f646b"
GREEN: Final = "#009e73"
BLUE: Final = "#0072b2"
YELLOW: Final = "#f0e442"
ORANGE: Final = "#e69f00"
RED: Final = "#b2182b"
PURPLE: Final = "#cc79a7"
SKY: Final = "#56b4e9"

STATUSES: Final = {
    -1: ("unknown", GREY),
    0: ("operational", GREEN),
    1: ("under maintenance", BLUE),
    2: ("degraded performance", YELLOW),
    3: ("partial outage", ORANGE),
    4: ("major outage", RED),
}
"""The status scale that probes and pages share: number to word and colour."""

IMPACTS: Final = {4: ("critical", RED), 3: ("major", ORANGE), 2: ("minor", YELLOW), 1: ("none", GREY)}
"""Impacts of incidents as ranks, so that tables can put the worst first."""

FAULTS: Final = {"provider": RED, "ours": BLUE, "network": PURPLE, "prober": GREY, "unknown": YELLOW}
"""Who can mend a failure."""

FAULT_NAMES: Final = {
    "provider": "theirs: provider",
    "ours": "ours: key, bill, request",
    "network": "the network between",
    "prober": "our prober",
    "unknown": "cannot be told",
    "nobody": "no probe fails",
}


def mapping(numbers: dict[int, tuple[str, str]]) -> list[Json]:
    """A value mapping of Grafana: number to text and colour."""
    return [
        {
            "type": "value",
            "options": {
                str(number): {"text": text, "color": color, "index": index}
                for index, (number, (text, color)) in enumerate(numbers.items())
            },
        }
    ]


def thresholds(*steps: tuple[float | None, str]) -> Json:
    """Colours from a value up; the first step has the value None, which is minus infinity."""
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]}


STATUS_MAPPING: Final = mapping(STATUSES)
IMPACT_MAPPING: Final = mapping(IMPACTS)
NONE_IS_WELL: Final = thresholds((None, GREEN), (1, RED))
"""For counts of bad things: none of them is well, one is not."""
NONE_IS_USUAL: Final = thresholds((None, GREEN), (1, ORANGE))
"""For counts of things that want a look and are nobody's outage."""
PLAIN: Final = thresholds((None, "text"))
"""For figures that are neither good nor bad."""

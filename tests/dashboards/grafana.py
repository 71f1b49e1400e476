"""How Grafana turns a panel into queries: step, rate interval, and variables filled in.

Facts from Grafana's source, read in November 2026: `rangeUtil.roundInterval` and `calculateInterval` of @grafana/data
13.2, and `calculatePrometheusInterval`, `calculateRateInterval` and `interpolateVariables` of its Prometheus backend.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Final

# Milliseconds below which an interval is rounded to the value beside it.
ROUNDING: Final = (
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1_500, 1_000),
    (3_500, 2_000),
    (7_500, 5_000),
    (12_500, 10_000),
    (17_500, 15_000),
    (25_000, 20_000),
    (45_000, 30_000),
    (90_000, 60_000),
    (210_000, 120_000),
    (450_000, 300_000),
    (750_000, 600_000),
    (1_050_000, 900_000),
    (1_500_000, 1_200_000),
    (2_700_000, 1_800_000),
    (5_400_000, 3_600_000),
    (9_000_000, 7_200_000),
    (16_200_000, 10_800_000),
    (32_400_000, 21_600_000),
    (86_400_000, 43_200_000),
    (604_800_000, 86_400_000),
    (1_814_400_000, 604_800_000),
    (3_628_800_000, 2_592_000_000),
)
MOST_POINTS: Final = 11_000
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def rounded(milliseconds: float) -> int:
    place = bisect_right([limit for limit, _ in ROUNDING], milliseconds)
    return ROUNDING[place][1] if place < len(ROUNDING) else 31_536_000_000


def seconds(duration: str) -> float:
    return float(duration[:-1]) * UNITS[duration[-1]]


@dataclass(frozen=True)
class Window:
    """What a panel shows: `end`, `span` and the data source's scrape interval in seconds, `width` in pixels."""

    end: float
    span: float
    width: int = 780
    scrape: float = 15.0

    def step(self, panel: dict[str, Any], query: dict[str, Any]) -> float:
        """Seconds between points: the query's own minimum, else the panel's, else the scrape interval, or what fits."""
        least = query.get("interval") or panel.get("interval")
        smallest = seconds(least) if least else self.scrape
        points = panel.get("maxDataPoints") or self.width
        fits = rounded(self.span * 1000 / points) / 1000
        return max(smallest, fits, rounded(self.span * 1000 / MOST_POINTS) / 1000)

    def rate_interval(self, panel: dict[str, Any], query: dict[str, Any]) -> float:
        """A query's own minimum is taken for the scrape interval; a panel's is not."""
        scrape = seconds(query["interval"]) if query.get("interval") else self.scrape
        return max(self.step(panel, query) + scrape, 4 * scrape)


def filled(expression: str, values: dict[str, str]) -> str:
    """The expression with `$name` and `${name}` replaced; a name without a value is an error."""

    def value(match: re.Match[str]) -> str:
        return values[match[1] or match[2]]

    return re.sub(r"\$(?:\{(\w+)\}|([a-z_]\w*))", value, expression)


def times(panel: dict[str, Any], query: dict[str, Any], window: Window) -> dict[str, str]:
    """The values of Grafana's own variables for a query."""
    return {
        "__interval": f"{window.step(panel, query):.10g}s",
        "__rate_interval": f"{window.rate_interval(panel, query):.10g}s",
        "__range": f"{window.span:.10g}s",
    }


def chosen(*values: str) -> str:
    """Several values of a variable, as they stand in a regular expression."""
    return values[0] if len(values) == 1 else f"({'|'.join(values)})"

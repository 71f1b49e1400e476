"""The Overview stays quick over thirty days of 200 probes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboards.month import costs, month

pytestmark = pytest.mark.e2e

EVERY_MINUTES = 30
"""Between samples here, so that the past is written in seconds; `python -m tests.dashboards.month 10` has more."""
MOST_SECONDS = 0.3


def test_no_query_of_the_overview_costs_much_over_thirty_days_of_two_hundred_probes(tmp_path: Path) -> None:
    with month(tmp_path, EVERY_MINUTES) as server:
        cost = costs(server)

    assert {name: seconds for name, seconds in cost.items() if seconds > MOST_SECONDS} == {}

"""Two hundred scrapers at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.bench.storm import PROBES, storm

pytestmark = pytest.mark.e2e

SECONDS = 5.0
MOST_GROWTH_MB = 40


def test_a_storm_of_scrapers_fails_no_scrape_stops_no_probe_and_eats_no_memory(tmp_path: Path) -> None:
    peace, steady, flat_out = asyncio.run(storm(tmp_path, SECONDS))

    assert (steady.failed, flat_out.failed) == (0, 0)
    assert flat_out.scrapes > steady.scrapes > 500
    assert len(flat_out.errors) > PROBES
    assert max(steady.resident_mb, flat_out.resident_mb) < peace.resident_mb + MOST_GROWTH_MB

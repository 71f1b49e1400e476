"""Every query of every panel, variable and annotation, asked of a real Prometheus in fourteen situations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from dashboards.src.queries.common import RATE, failure_share
from dashboards.src.queries.overview import SHARES
from tests.dashboards import answers
from tests.dashboards.boards import BOARDS, TARGETS, VARIABLES, selector
from tests.dashboards.grafana import filled
from tests.dashboards.situations.fourteen import BY_NAME, SITUATIONS
from tests.dashboards.situations.server import SIX_HOURS, SIZES, situations, values
from tests.dashboards.situations.story import PROVIDERS, Situation
from tests.dashboards.situations.world import CROWD, END
from tests.tools.monitoring import Prometheus, Sample

pytestmark = pytest.mark.e2e

EXPECTED = yaml.safe_load(answers.FILE.read_text())
each_situation = pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
each_size = pytest.mark.parametrize("size", SIZES)
ARE_SHARES = {"percentunit"}
# In which situations an annotation has something to shade; the Maintenance of none of them has begun.
SHADED = {
    "Critical incidents": {"down"},
    "Major incidents": {"page-red", "february"},
    "Minor incidents": {"february"},
    "Maintenance": set(),
    "Our alerts that page": {"down", "page-green", "february"},
}


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with situations(tmp_path_factory.mktemp("situations")) as server:
        yield server


@each_size
@each_situation
def test_every_panel_says_what_the_situation_says(server: Prometheus, situation: Situation, size: int) -> None:
    samples = answers.everything(server, situation, size)

    assert answers.outcome(samples) == EXPECTED[answers.name(situation, size)]
    assert [target.name for target in TARGETS if not _bearable(target.panel, samples[target.name])] == []


def _bearable(panel: dict[str, Any], samples: list[Sample]) -> bool:
    """No value is NaN or infinite, and a share is one."""
    numbers = [value for sample in samples for _, value in sample.values]
    share = panel["type"] == "timeseries" and panel["fieldConfig"]["defaults"]["unit"] in ARE_SHARES
    return all(math.isfinite(number) for number in numbers) and not (
        share and any(not 0 <= number <= 1.0001 for number in numbers)
    )


@each_size
@each_situation
def test_every_variable_offers_what_there_is(server: Prometheus, situation: Situation, size: int) -> None:
    chosen = values("overview", situation, size)

    def offered(name: str) -> list[str]:
        matched = filled(selector(VARIABLES["overview"][name]), chosen)
        return server.label_values(name, matched, END - SIX_HOURS, END)

    assert set(PROVIDERS) <= set(offered("provider"))
    assert len(offered("provider")) == size
    assert situation.name in offered("job")
    assert offered("cluster") == ["test"]
    assert all(offered(name) for name in ("instance", "location", "model", "tier", "probe"))


@each_situation
@pytest.mark.parametrize("band", BOARDS["overview"]["annotations"]["list"], ids=lambda band: band["name"])
def test_an_annotation_shades_what_it_is_about_and_nothing_else(
    server: Prometheus, situation: Situation, band: dict[str, Any]
) -> None:
    chosen = values("overview", situation, SIZES[0])
    samples = server.range(filled(band["expr"], chosen), END - SIX_HOURS, END, 60)

    assert bool(samples) == (situation.name in SHADED[band["name"]])


def test_rows_of_one_provider_stand_together_in_the_timeline(server: Prometheus) -> None:
    (target,) = (target for target in TARGETS if target.name == "overview 12A")
    samples = answers.answer(server, target, BY_NAME["budget-spent"], SIZES[0])
    providers = [sample.labels["provider"] for sample in samples]

    assert len(providers) > len(set(providers))
    assert providers == sorted(providers)


@each_situation
def test_the_quick_error_rate_of_the_overview_is_that_of_the_other_boards(
    server: Prometheus, situation: Situation
) -> None:
    window = {"__rate_interval": "315s", "__range": "6h"}
    chosen = values("overview", situation, SIZES[0]) | window
    plain = filled(failure_share("rate", RATE, "provider, location, tier"), chosen)
    quick = filled(SHARES, chosen)
    differences = server.range(f"abs(({quick}) - ({plain})) > 0.02", END - SIX_HOURS, END, 300)

    assert differences == []


def test_the_world_of_many_has_a_hundred_and_fifty_providers() -> None:
    assert len({*CROWD, *PROVIDERS}) == 150


def test_every_situation_has_its_expectation() -> None:
    assert EXPECTED.keys() == {answers.name(situation, size) for situation in BY_NAME.values() for size in SIZES}

"""Time windows as Grafana computes them: how far back rates look, and whether bars add up to what happened."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate

import pytest

from tests.dashboards.boards import TARGETS, Target, everything
from tests.dashboards.grafana import Window, filled, rounded, times
from tests.dashboards.situations.recording import Recording, create_blocks
from tests.dashboards.situations.world import END
from tests.tools.monitoring import Prometheus, prometheus

DAY = 86400
SPANS = {"1 h": 3600, "6 h": 6 * 3600, "24 h": DAY, "7 d": 7 * DAY, "30 d": 30 * DAY}
WIDTHS = (400, 780, 1600)
SCRAPES = (15.0, 60.0)
MINUTES = 31 * 24 * 60
PROBE = {"probe": "p", "provider": "openai", "kind": "chat", "model": "m", "location": "fra1", "tier": "paid"}
each_span = pytest.mark.parametrize("span", SPANS.values(), ids=SPANS.keys())
each_width = pytest.mark.parametrize("width", WIDTHS)
COUNTS = [target for target in TARGETS if "[$__interval]" in target.expression]
RATES = [target for target in TARGETS if "$__rate_interval" in target.expression]
# Panels that count what a probe of the recording has: their bars must add up to it.
ADD_UP = [
    target
    for target in COUNTS
    if "ai_probe_failures_total" in target.expression or "ai_provider_disagreement_seconds_total" in target.expression
]


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [(9, 1), (10, 10), (7_499, 5_000), (7_500, 10_000), (449_999, 300_000), (450_000, 600_000), (1_620_000, 1_800_000)],
)
def test_an_interval_is_rounded_as_grafana_rounds_it(milliseconds: float, expected: int) -> None:
    assert rounded(milliseconds) == expected


@pytest.mark.parametrize(
    ("span", "width", "scrape", "step", "rate_interval"),
    [
        (3600, 780, 15.0, 300, 315),
        (6 * 3600, 780, 15.0, 300, 315),
        (6 * 3600, 780, 60.0, 300, 360),
        (7 * DAY, 780, 15.0, 900, 915),
        (30 * DAY, 400, 15.0, 7200, 7215),
    ],
)
def test_steps_and_rate_intervals_are_those_of_grafana(
    span: int, width: int, scrape: float, step: float, rate_interval: float
) -> None:
    window = Window(END, span, width, scrape)

    assert window.step({"interval": "5m"}, {}) == step
    assert window.rate_interval({"interval": "5m"}, {}) == rate_interval


def test_a_smallest_step_on_the_query_would_have_rates_look_back_twenty_minutes() -> None:
    assert Window(END, 6 * 3600).rate_interval({}, {"interval": "5m"}) == 1200


@each_width
@each_span
@pytest.mark.parametrize("scrape", SCRAPES)
@pytest.mark.parametrize("target", RATES, ids=lambda target: target.name)
def test_a_rate_looks_back_little_more_than_what_its_point_stands_for(
    target: Target, scrape: float, span: int, width: int
) -> None:
    window = Window(END, span, width, scrape)
    step = window.step(target.panel, target.query)

    assert step >= 300
    assert window.rate_interval(target.panel, target.query) <= 1.2 * step


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A month, a sample a minute, of one probe that fails now and then for hours, and a page that is silent."""
    directory = tmp_path_factory.mktemp("windows")
    recording = Recording([END - 60 * (MINUTES - 1 - minute) for minute in range(MINUTES)])
    chance = random.Random("windows")  # noqa: S311  # no secret hangs on it
    bad = [minute // 45 % 3 == 1 for minute in range(MINUTES)]
    failed = [float(hour and chance.random() < 0.9) for hour in bad]
    recording.put("ai_probe_failures_total", PROBE | {"fault": "provider"}, list(accumulate(failed)))
    silent = list(accumulate(60 * one for one in failed))
    place = {"provider": "openai", "location": "fra1", "kind": "unacknowledged"}
    recording.put("ai_provider_disagreement_seconds_total", place, silent)
    text = directory / "windows.om"
    recording.write(text)
    create_blocks(text, directory / "prometheus", "windows")
    with prometheus(directory, {}) as server:
        yield server


@pytest.mark.e2e
@each_width
@each_span
@pytest.mark.parametrize("scrape", SCRAPES)
@pytest.mark.parametrize("target", ADD_UP, ids=lambda target: target.name)
def test_bars_add_up_to_what_happened(server: Prometheus, target: Target, scrape: float, span: int, width: int) -> None:
    window = Window(END, span, width, scrape)
    step = window.step(target.panel, target.query)
    # Grafana begins and ends at whole steps.
    start, end = (END - span) // step * step, END // step * step
    expression = filled(target.expression, everything(target.board) | times(target.panel, target.query, window))
    drawn = sum(value for sample in server.range(expression, start, end, step) for _, value in sample.values)
    metric = "ai_probe_failures_total" if "failures" in target.expression else "ai_provider_disagreement_seconds_total"
    truth = server.value(f"sum({metric} @ {end} - {metric} @ {start - step:.0f})")

    assert truth
    assert drawn == pytest.approx(truth, rel=0.05)

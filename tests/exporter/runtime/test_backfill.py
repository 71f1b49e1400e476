from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from ai_provider_exporter import cli
from ai_provider_exporter.model.observation import Component, Status
from ai_provider_exporter.runtime import backfill
from ai_provider_exporter.runtime.backfill import EVERY, METRICS, NothingToWrite, Past, Stretch
from ai_provider_exporter.status_pages.history import statuspage
from ai_provider_exporter.status_pages.history.history import History, StatusPeriod
from ai_provider_exporter.status_pages.options import Source
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.contract import METRICS as CONTRACT
from tests.exporter.status_pages.history.rows import HOUR, T, incident, update
from tests.exporter.status_pages.history.rows import statuspage as documents
from tests.tools.loopback import Quiet, served

SLOW = incident(
    "slow", update(0, "investigating", chat="partial_outage"), update(1, "identified"), update(2, "resolved")
)
HISTORY = statuspage.parse(*documents(SLOW))
SOURCE = Source(url="https://status.acme.example")
NOW = T + 4 * HOUR


def past(history: History = HISTORY, since: float = T - HOUR, source: Source = SOURCE) -> Past:
    return backfill.past_of("acme", history, source, since, NOW)


def samples(of: Past) -> list[tuple[str, float, float]]:
    """(series, value, time) of each line."""
    found = [line.rsplit(" ", 2) for line in of.lines() if not line.startswith("#")]
    return [(series, float(value), float(time)) for series, value, time in found]


def values(series: str, of: Past) -> list[tuple[float, float]]:
    """(hours since T, value) of a series, where the value is another one."""
    found = [((time - T) / HOUR, value) for name, value, time in samples(of) if name == series]
    return [next(same) for _, same in groupby(found, key=lambda sample: sample[1])]


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ('ai_incidents_active{provider="acme",impact="major"}', [(-1, 0), (0, 1), (2, 0)]),
        ('ai_incidents_active{provider="acme",impact="minor"}', [(-1, 0)]),
        ('ai_status_page_status{provider="acme"}', [(-1, 0), (0, 3), (2, 0)]),
        (
            'ai_component_status{provider="acme",component_id="chat",component="Chat",group="API"}',
            [(-1, 0), (0, 3), (2, 0)],
        ),
        ('ai_incident_updates{provider="acme",incident_id="slow"}', [(0, 1), (1, 2)]),
        ('ai_incident_started_timestamp_seconds{provider="acme",incident_id="slow"}', [(0, T)]),
        ('ai_maintenances_active{provider="acme"}', [(-1, 0)]),
    ],
)
def test_a_series_tells_what_the_page_said(series: str, expected: list[tuple[float, float]]) -> None:
    assert values(series, past()) == expected


def test_an_incident_is_told_only_while_it_was_open() -> None:
    info = [time for series, _, time in samples(past()) if series.startswith("ai_incident_info")]

    assert (min(info), max(info)) == (T, T + 2 * HOUR - T % EVERY - (EVERY if T % EVERY == 0 else 0))


def test_an_incident_changes_its_labels_as_it_went_on() -> None:
    told = {series for series, _, time in samples(past()) if series.startswith("ai_incident_info")}

    assert [
        series.count('status="investigating"') + 2 * series.count('status="identified"') for series in sorted(told)
    ] == [
        2,
        1,
    ]


def test_names_types_and_labels_are_those_of_the_live_metrics() -> None:
    text = "".join(past().lines())
    families = {family.name: family for family in text_string_to_metric_families(text)}  # type: ignore[no-untyped-call]

    assert set(families) == set(METRICS)
    for name, family in families.items():
        kind, labels = CONTRACT[name]
        assert family.type == kind
        assert all(set(sample.labels) <= set(labels.split()) for sample in family.samples)


def test_a_series_is_in_order_of_time_without_gaps_that_prometheus_would_notice() -> None:
    found = samples(past())
    by_series = {name: [time for series, _, time in found if series == name] for name, _, _ in found}

    gaps = [later - earlier for times in by_series.values() for earlier, later in pairwise(times)]

    assert min(gaps) > 0
    assert max(gaps) <= EVERY


def test_each_metric_stands_in_one_piece_and_the_end_is_marked() -> None:
    lines = list(past().lines())

    names = [line.partition("{")[0] for line in lines if not line.startswith("#")]
    assert len([name for name, _ in groupby(names)]) == len(set(names))
    assert lines[-1] == "# EOF\n"


def test_nothing_is_told_of_the_time_before_the_history_begins() -> None:
    history = History(past_incidents=HISTORY.past_incidents, since=T)

    assert min(time for _, _, time in samples(past(history))) == T


def test_only_the_components_that_are_configured_are_told() -> None:
    filtered = past(source=Source(url="https://status.acme.example", components=("Files",)))

    assert not filtered.series["ai_component_status"]


def test_a_page_without_a_past_has_nothing_to_write() -> None:
    with pytest.raises(NothingToWrite, match="lists no incident of the past"):
        past(History(since=float("inf")))


def test_more_than_a_run_writes_is_refused_with_what_to_do() -> None:
    many = tuple(Component(id=f"c{n}", name=f"C{n}", status=Status.UNKNOWN) for n in range(500))
    period = StatusPeriod(component_id="c0", status=Status.MAJOR_OUTAGE, begins=T, ends=T + HOUR)
    history = History(components=many, periods=(period,))

    with pytest.raises(NothingToWrite, match="more than the 5000000 that one run writes; write a shorter --since"):
        past(history, since=T - 365 * 24 * HOUR)


@pytest.mark.parametrize(
    ("begins", "ends", "moments"),
    [
        (0.0, 300.0, [0.0]),
        (0.0, 301.0, [0.0, 300.0]),
        (10.0, 900.0, [10.0, 300.0, 600.0]),
        (10.0, 20.0, [10.0]),
    ],
)
def test_a_stretch_is_sampled_at_its_beginning_and_on_the_grid(
    begins: float, ends: float, moments: list[float]
) -> None:
    stretch = Stretch(begins, ends, 1.0)

    assert list(stretch.moments()) == moments
    assert stretch.samples == len(moments)


def test_the_summary_says_what_was_written() -> None:
    written = past()

    told = "1 incident, from 2026-09-21T13:13:20Z to 2026-09-21T18:13:20Z"
    assert written.summary == f"{len(samples(written))} samples of {told}"


# --- the verb ----------------------------------------------------------------------------------------------


class _Page(Quiet):
    def do_GET(self) -> None:
        parts = dict(zip(("incidents", "summary", "scheduled-maintenances"), documents(SLOW), strict=True))
        part = parts.get(self.path.removeprefix("/api/v2/").removesuffix(".json"))
        if part:
            self._answer(part.body.decode())
        else:
            self.send_error(404)


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "config.yaml"
    with served(_Page) as url:
        path.write_text(f"status_pages: [{{provider: acme, url: '{url}', format: statuspage}}]")
        yield path


def verb(config: Path, *arguments: str) -> object:
    """The exit status of the verb; of an option that is given twice, the last counts."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["backfill", "--provider", "acme", "--since", "1d", "--config.file", str(config), *arguments])
    return ended.value.code


def test_the_verb_writes_to_standard_output_unless_it_is_told_where(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = verb(config)

    printed = capsys.readouterr()
    times = [float(line.rpartition(" ")[2]) for line in printed.out.splitlines() if line[0] != "#"]
    assert status == 0
    assert printed.out.endswith("# EOF\n")
    assert "samples of 0 incidents, from " in printed.err
    assert time.time() - min(times) == pytest.approx(86400, abs=60)


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        pytest.param(
            ["--provider", "acne"], 2, "no status page of 'acne' is configured; did you mean acme?", id="name"
        ),
        pytest.param(["--since", "ninety"], 2, "'ninety' is not a duration", id="duration"),
        pytest.param(["--since", "0s"], 2, "must be greater than zero", id="no time"),
        pytest.param(["--output", "/no/such/place"], 1, "/no/such/place: No such file or directory", id="output"),
        pytest.param(["--config.file", "/no/such.yaml"], 2, "/no/such.yaml:1:1: cannot be read", id="configuration"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, sentence: str
) -> None:
    assert verb(config, *arguments) == status

    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err


def test_a_page_that_keeps_no_history_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, output = tmp_path / "config.yaml", tmp_path / "past.om"
    path.write_text("status_pages: [{provider: acme, url: 'http://127.0.0.1:9/feed.rss', format: rss}]")

    assert verb(path, "--output", str(output)) == 1

    assert "pages of the format rss publish no history that is read" in capsys.readouterr().err
    assert not output.exists()

from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter import metrics
from ai_provider_exporter.metrics import ProbeLines, View, exposition
from ai_provider_exporter.metrics.exposition import OPENMETRICS, TEXT
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.state import State

from tests.exporter.samples import NOW, RUN

IDS = [replace(RUN.id, probe=f"probe-{n}") for n in range(3)]


def _view(state: State) -> View:
    return View(state=state, now=NOW)


def _states() -> list[State]:
    """Nothing, three probes, a run of one, a run of another, and one that is gone."""
    three = State.of([ProbeState(id=probe, interval=60.0) for probe in IDS])
    one = three.after(replace(RUN, id=IDS[0]))
    two = one.after(replace(RUN, id=IDS[1]))
    return [State(), three, one, two, two, two.without_probe(IDS[1])]


@pytest.mark.parametrize("content_type", [TEXT, OPENMETRICS])
def test_lines_that_are_written_already_are_those_that_would_be_written_now(content_type: str) -> None:
    lines = ProbeLines(metrics.TABLE)
    for state in _states():
        ready = exposition.write(metrics.families(_view(state), lines), content_type)
        fresh = exposition.write(metrics.families(_view(state)), content_type)

        assert sorted(ready.splitlines()) == sorted(fresh.splitlines())


def test_only_a_probe_that_has_run_is_written_anew() -> None:
    lines = ProbeLines(metrics.TABLE)
    before, after = _states()[1:3]
    families = list(lines.families(_view(before)))
    written = dict(lines._written)
    list(lines.families(_view(after)))

    assert families
    assert [lines._written[probe][1] is written[probe][1] for probe in IDS] == [False, True, True]


def test_a_probe_that_is_gone_is_forgotten() -> None:
    lines = ProbeLines(metrics.TABLE)
    for state in _states():
        list(lines.families(_view(state)))

    assert list(lines._written) == [IDS[0], IDS[2]]

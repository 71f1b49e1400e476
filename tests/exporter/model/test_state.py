from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.model.histogram import Histogram
from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    PageStatus,
    ProbeObservation,
    Skip,
    Status,
)
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.state import State

from tests.exporter.samples import INCIDENT, NOW, PAGE, PROBE, READ, RUN

FAILED = replace(RUN, reason="overloaded", fault=Fault.PROVIDER, http_status=529)


def _probe() -> ProbeState:
    return ProbeState(id=PROBE, interval=60.0)


def _page() -> PageState:
    return PageState(provider="acme", interval=60.0)


def test_every_fault_is_counted_from_zero_before_anything_fails() -> None:
    assert dict(_probe().failures) == dict.fromkeys(Fault, 0)


def test_a_success_is_timed_and_a_failure_is_not() -> None:
    probe = _probe().after(RUN).after(FAILED)

    assert (probe.attempts, probe.duration.count, probe.time_to_first_token.count) == (2, 1, 1)
    assert probe.failures[Fault.PROVIDER] == 1
    assert dict(probe.reasons) == {("overloaded", Fault.PROVIDER): 1}


def test_a_failure_keeps_the_time_of_the_last_success() -> None:
    probe = _probe().after(RUN).after(replace(FAILED, started_at=NOW + 60))

    assert probe.last_success_at == NOW + 0.3


def test_a_cost_that_nobody_knows_stays_unknown() -> None:
    assert _probe().after(RUN).cost_usd is None
    assert _probe().after(replace(RUN, cost_usd=0.25)).after(replace(RUN, cost_usd=0.5)).cost_usd == 0.75


def test_failures_outlive_successes_in_the_history() -> None:
    probe = _probe().after(FAILED)
    for tick in range(200):
        probe = probe.after(replace(RUN, started_at=NOW + 60 * (tick + 1)))

    assert probe.history[-1].reason == "overloaded"
    assert len(probe.history) == 31


def test_the_history_is_bounded_when_everything_fails() -> None:
    probe = _probe()
    for tick in range(500):
        probe = probe.after(replace(FAILED, started_at=NOW + tick))

    assert len(probe.history) == 70


def test_folding_leaves_the_earlier_state_as_it_was() -> None:
    before = State.of([_probe()])

    after = before.after(RUN).after(Skip(id=PROBE, at=NOW, cause="budget"))

    assert before.probes[PROBE].attempts == 0
    assert after.probes[PROBE].attempts == 1
    assert dict(after.probes[PROBE].skipped) == {"budget": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0.5, (1, 0, 0), id="a bound belongs to its own bucket"),
        pytest.param(0.7, (0, 1, 0), id="between"),
        pytest.param(9.0, (0, 0, 1), id="above the last"),
        pytest.param(None, (0, 0, 0), id="not measured"),
    ],
)
def test_a_histogram_puts_a_value_into_one_bucket(value: float | None, expected: tuple[int, ...]) -> None:
    assert Histogram.empty((0.5, 1.0)).observe(value).counts == expected


def test_a_page_that_cannot_be_read_keeps_what_it_said_and_counts_the_reason() -> None:
    unread = replace(READ, page=None, reason="server_error", at=NOW + 60)

    page = _page().after(READ).after(unread)

    assert page.page == PAGE
    assert dict(page.failures) == {"server_error": 1}
    assert page.page_at == NOW


def test_three_missed_intervals_make_everything_a_page_said_unknown() -> None:
    page = _page().after(READ)

    fresh, stale = page.as_of(NOW + 180), page.as_of(NOW + 181)

    assert fresh.status is Status.OPERATIONAL
    assert stale.status is Status.UNKNOWN
    assert stale.page is not None
    assert {component.status for component in stale.page.components} == {Status.UNKNOWN}


def test_a_stale_page_ends_no_incident() -> None:
    page = _page().after(replace(READ, page=replace(PAGE, incidents=(INCIDENT,))))

    stale = page.as_of(NOW + 10_000)

    assert stale.page is not None
    assert stale.page.open_incidents == (INCIDENT,)
    assert stale.status is Status.UNKNOWN


def _incidents_over(*pages: PageStatus) -> PageState:
    page = _page()
    for tick, status in enumerate(pages):
        page = page.after(replace(READ, page=status, at=NOW + 60 * tick))
    return page


RESOLVED = replace(INCIDENT, status=IncidentStatus.RESOLVED)


@pytest.mark.parametrize(
    ("pages", "opened", "resolved"),
    [
        pytest.param([(INCIDENT,)], 0, 0, id="open when we came: not counted as opened"),
        pytest.param([(), (INCIDENT,)], 1, 0, id="opened while we watched"),
        pytest.param([(INCIDENT,), ()], 0, 1, id="gone from the page"),
        pytest.param([(INCIDENT,), (RESOLVED,)], 0, 1, id="said to be resolved"),
        pytest.param([(), (INCIDENT,), (RESOLVED,), (INCIDENT,)], 2, 1, id="reopened"),
        pytest.param([(INCIDENT,), (replace(INCIDENT, name="New title"),)], 0, 0, id="retitled"),
    ],
)
def test_incidents_are_counted_when_they_open_and_when_they_end(
    pages: list[tuple[Incident, ...]], opened: int, resolved: int
) -> None:
    page = _incidents_over(*(replace(PAGE, incidents=incidents) for incidents in pages))

    assert (page.opened[Impact.MAJOR], page.resolved[Impact.MAJOR]) == (opened, resolved)


def test_a_page_changes_only_when_it_says_something_new() -> None:
    page = _incidents_over(PAGE, PAGE, replace(PAGE, incidents=(INCIDENT,)))

    assert page.changed_at == NOW + 120


@pytest.mark.parametrize(
    ("components", "indicator", "incidents", "expected"),
    [
        pytest.param([], None, [], Status.UNKNOWN, id="a page that says nothing"),
        pytest.param([Status.OPERATIONAL], None, [], Status.OPERATIONAL, id="components alone"),
        pytest.param([Status.OPERATIONAL, Status.UNKNOWN], None, [], Status.UNKNOWN, id="an unknown word is not up"),
        pytest.param([Status.PARTIAL_OUTAGE, Status.UNKNOWN], None, [], Status.PARTIAL_OUTAGE, id="the worst known"),
        pytest.param([], Status.OPERATIONAL, [Impact.MAJOR], Status.PARTIAL_OUTAGE, id="green with an open incident"),
        pytest.param([], Status.OPERATIONAL, [Impact.NONE], Status.OPERATIONAL, id="an incident without impact"),
        pytest.param([], Status.UNDER_MAINTENANCE, [], Status.UNDER_MAINTENANCE, id="maintenance"),
        pytest.param([Status.OPERATIONAL], Status.UNKNOWN, [], Status.UNKNOWN, id="an unknown indicator"),
    ],
)
def test_a_page_is_as_bad_as_the_worst_that_it_says(
    components: list[Status], indicator: Status | None, incidents: list[Impact], expected: Status
) -> None:
    page = PageStatus(
        indicator=indicator,
        components=tuple(Component(id=str(n), name="c", status=status) for n, status in enumerate(components)),
        incidents=tuple(replace(INCIDENT, id=str(n), impact=impact) for n, impact in enumerate(incidents)),
    )

    assert page.status is expected


def test_a_run_is_remembered_whole() -> None:
    run: ProbeObservation | None = _probe().after(RUN).last

    assert run is RUN


def test_what_was_removed_leaves_no_ghost_behind() -> None:
    state = State.of([_probe()], [_page()])

    after = state.without_probe(PROBE).without_page("acme").after(RUN).after(READ)

    assert (dict(after.probes), dict(after.pages)) == ({}, {})

from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.model.agreement import Admission, Agreement, Disagreement
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.state import State

from tests.exporter.samples import NOW, PAGE, PROBE, READ, RUN

UP, TROUBLE, UNKNOWN = Status.OPERATIONAL, Status.MAJOR_OUTAGE, Status.UNKNOWN

Moment = tuple[float, Status, Status]


def _after(*moments: Moment) -> Agreement:
    """Each moment: when, what probes see, what the page says; both say it since the moment that it began."""
    agreement, failing, said = Agreement(), None, None
    for at, observed, page in moments:
        now = NOW + at
        failing = (now if failing is None else failing) if observed is TROUBLE else None
        said = (now if said is None else said) if page is TROUBLE else None
        admission = Admission(status=page, said_since=() if said is None else (said,))
        agreement = agreement.after(now, failing, observed, admission)
    return agreement


@pytest.mark.parametrize(
    ("moments", "unacknowledged", "unobserved"),
    [
        pytest.param([(0, UP, UP), (60, UP, UP)], 0, 0, id="both operational"),
        pytest.param([(0, TROUBLE, UP), (60, TROUBLE, UP)], 60, 0, id="we fail, the page is green"),
        pytest.param([(0, UP, TROUBLE), (60, UP, TROUBLE)], 0, 60, id="the page is red, we are fine"),
        pytest.param([(0, TROUBLE, TROUBLE), (60, TROUBLE, TROUBLE)], 0, 0, id="both say so"),
        pytest.param([(0, TROUBLE, UNKNOWN), (60, TROUBLE, UNKNOWN)], 0, 0, id="a page unknown admits nothing"),
        pytest.param([(0, UNKNOWN, TROUBLE), (60, UNKNOWN, TROUBLE)], 0, 0, id="nothing observed"),
        pytest.param(
            [(0, UP, Status.UNDER_MAINTENANCE), (60, UP, UP)],
            0,
            0,
            id="maintenance is no trouble",
        ),
        pytest.param(
            [(0, TROUBLE, UP), (90_000, UP, UP)],
            900,
            0,
            id="asleep for a day: a gap counts no more",
        ),
        pytest.param([(60, TROUBLE, UP), (0, TROUBLE, UP)], 0, 0, id="a clock set back counts nothing"),
    ],
)
def test_disagreement_is_counted_in_seconds(moments: list[Moment], unacknowledged: float, unobserved: float) -> None:
    seconds = _after(*moments).seconds

    assert seconds[Disagreement.UNACKNOWLEDGED] == unacknowledged
    assert seconds[Disagreement.UNOBSERVED] == unobserved


@pytest.mark.parametrize(
    ("moments", "lag"),
    [
        pytest.param([(0, UP, UP)], None, id="no trouble yet"),
        pytest.param([(0, TROUBLE, UP)], None, id="not admitted yet"),
        pytest.param([(0, TROUBLE, UP), (300, TROUBLE, TROUBLE)], 300, id="admitted after five minutes"),
        pytest.param([(0, UP, TROUBLE), (120, TROUBLE, TROUBLE)], -120, id="the page was first"),
        pytest.param(
            [(0, TROUBLE, UP), (300, TROUBLE, TROUBLE), (900, UP, UP)],
            300,
            id="kept when it is over",
        ),
        pytest.param([(0, TROUBLE, UP), (300, TROUBLE, TROUBLE), (360, TROUBLE, UP)], 300, id="taken back"),
        pytest.param(
            [
                (0, TROUBLE, UP),
                (300, TROUBLE, TROUBLE),
                (900, UP, UP),
                (1000, TROUBLE, UP),
            ],
            None,
            id="a new trouble begins anew",
        ),
        pytest.param([(0, UP, TROUBLE), (7200, TROUBLE, TROUBLE)], None, id="said long before: about something else"),
        pytest.param([(0, TROUBLE, UNKNOWN), (90, TROUBLE, TROUBLE)], 90, id="first unknown, then admitted"),
    ],
)
def test_the_lag_runs_from_the_first_failure_to_the_page_admitting_it(moments: list[Moment], lag: float | None) -> None:
    assert _after(*moments).lag_seconds == lag


def test_the_state_compares_each_location_with_the_page_of_its_provider() -> None:
    far = replace(PROBE, probe="acme-us", location="us-east")
    state = State.of(
        [ProbeState(id=PROBE, interval=60.0), ProbeState(id=far, interval=60.0)],
        [PageState(provider="acme", interval=60.0)],
    )
    failed = replace(RUN, id=far, reason="overloaded", fault=Fault.PROVIDER)

    state = state.after(READ).after(RUN).after(failed).after(replace(failed, started_at=NOW + 15))
    state = state.after(replace(READ, at=NOW + 60))
    state = state.after(replace(READ, at=NOW + 90, page=replace(PAGE, indicator=Status.PARTIAL_OUTAGE)))

    assert state.agreements["acme", "us-east"].seconds[Disagreement.UNACKNOWLEDGED] == pytest.approx(75, abs=1)
    assert state.agreements["acme", "us-east"].failing_since == NOW
    assert state.agreements["acme", "us-east"].lag_seconds == 90
    assert state.agreements["acme", "fra1"].seconds[Disagreement.UNACKNOWLEDGED] == 0
    assert state.agreements["acme", "fra1"].lag_seconds is None

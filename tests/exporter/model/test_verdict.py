"""What the verdict must never do, whatever the story; and whom it lays single stories on."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from ai_provider_exporter.model.cause import Reason
from ai_provider_exporter.model.observation import PageObservation, ProbeId, ProbeObservation, Status
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reasons import OK, fault_of
from ai_provider_exporter.model.state import State
from ai_provider_exporter.model.verdict import Judgement, Verdict, judge
from hypothesis import given
from hypothesis import strategies as st

from tests.exporter.samples import NOW, PAGE

MINUTE = 60.0
PLACE = ("acme", "fra1")
PAGES_ON_CALL = {Verdict.DOWN, Verdict.UNREACHABLE, Verdict.PARTLY_DOWN}
REASONS = [OK, OK, OK, "server_error", "overloaded", "connect_timeout", "key_rejected", "throttled", "egress_down"]


def _probe(name: str, *, provider: str = "acme", model: str = "", tier: str = "", key: str = "k") -> ProbeState:
    found = ProbeId(probe=name, provider=provider, kind="chat", model=model or name, location="fra1", tier=tier)
    return ProbeState(id=found, interval=MINUTE, info=MappingProxyType({}), credential=key)


def _fold(state: State, runs: dict[str, list[str]], *, page: list[bool] | None = None) -> State:
    """Each probe runs once a minute for its reasons in turn; the page is read beside: red where it says so."""
    ids = {probe.probe: probe for probe in state.probes}
    length = max(len(reasons) for reasons in runs.values())
    for at in range(length):
        moment = NOW + at * MINUTE
        if page is not None:
            red = page[min(at, len(page) - 1)]
            status = Status.MAJOR_OUTAGE if red else Status.OPERATIONAL
            shown = replace(PAGE, indicator=status)
            state = state.after(PageObservation(provider="acme", format="x", at=moment, fetch_seconds=0.1, page=shown))
        for name, reasons in runs.items():
            if at < len(reasons):
                run = ProbeObservation(
                    id=ids[name],
                    started_at=moment,
                    duration_seconds=1.0,
                    reason=reasons[at],
                    fault=fault_of(reasons[at]),
                )
                state = state.after(run)
    return state


def _judged(state: State, length: int) -> Judgement:
    return judge(state, PLACE, NOW + length * MINUTE)


@pytest.mark.parametrize(
    ("runs", "verdict", "reason"),
    [
        pytest.param({"a": [OK] * 5}, Verdict.OPERATIONAL, Reason.PROBES_SUCCEED, id="fine"),
        pytest.param({"a": []}, Verdict.UNKNOWN, Reason.NO_DATA, id="nothing has run"),
        pytest.param({"a": ["server_error"] * 4}, Verdict.DOWN, Reason.PROBES_FAIL, id="down"),
        pytest.param({"a": ["dns_error"] * 4}, Verdict.UNREACHABLE, Reason.CANNOT_RESOLVE, id="no name"),
        pytest.param({"a": ["challenged"] * 4}, Verdict.UNREACHABLE, Reason.CHALLENGED, id="challenged"),
        pytest.param({"a": ["key_rejected"] * 4}, Verdict.REFUSED, Reason.KEY_REJECTED, id="our only key"),
        pytest.param({"a": [OK, "key_rejected"] * 4}, Verdict.DEGRADED, Reason.REFUSED_AT_ONCE, id="in turn"),
        pytest.param({"a": ["server_error", *["key_rejected"] * 5]}, Verdict.DOWN, Reason.REFUSED_AT_ONCE, id="mixed"),
        pytest.param({"a": ["quota_exhausted"] * 4}, Verdict.REFUSED, Reason.QUOTA_EXHAUSTED, id="no credit"),
        pytest.param({"a": ["throttled"] * 4}, Verdict.UNKNOWN, Reason.THROTTLED, id="throttled, whose limit?"),
        pytest.param(
            {"a": ["server_error"] * 4 + ["throttled"] * 12}, Verdict.DOWN, Reason.THROTTLED_FOR_ALL, id="shed"
        ),
        pytest.param({"a": ["egress_down"] * 4}, Verdict.UNKNOWN, Reason.EGRESS_DOWN, id="our egress"),
        pytest.param(
            {"a": ["server_error"] * 5, "b": [OK] * 5}, Verdict.PARTLY_DOWN, Reason.PROBES_FAIL, id="one of two"
        ),
    ],
)
def test_a_story_is_laid_on_whom_the_evidence_points_at(
    runs: dict[str, list[str]], verdict: Verdict, reason: Reason
) -> None:
    state = _fold(State.of([_probe(name) for name in runs]), runs)

    found = _judged(state, max(len(reasons) for reasons in runs.values()))

    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.sentences


def test_every_key_refused_at_once_is_theirs() -> None:
    state = State.of([_probe("a", key="one"), _probe("b", key="two")])
    runs = {"a": [OK, OK, *["key_rejected"] * 4], "b": [OK, OK, *["key_rejected"] * 4]}

    found = _judged(_fold(state, runs), 6)

    assert (found.verdict, found.reason) == (Verdict.DOWN, Reason.REFUSED_AT_ONCE)


def test_a_dead_model_among_healthy_ones_is_named() -> None:
    state = State.of([_probe(name) for name in ("small", "large", "opus")])
    runs = {"small": [OK] * 5, "large": [OK] * 5, "opus": ["overloaded"] * 5}

    assert _judged(_fold(state, runs), 5).parts == ("opus",)


Runs = st.lists(st.sampled_from(REASONS), min_size=1, max_size=40)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), Runs, min_size=1), st.lists(st.booleans(), min_size=1))
def test_removing_the_page_never_turns_an_outage_into_well(runs: dict[str, list[str]], page: list[bool]) -> None:
    probes = [_probe(name) for name in runs]
    with_page = State.of(probes, [PageState(provider="acme", interval=MINUTE)])
    length = max(len(reasons) for reasons in runs.values())

    seen = _judged(_fold(with_page, runs, page=page), length)
    blind = _judged(_fold(State.of(probes), runs), length)

    assert not (seen.verdict.is_failure and blind.verdict is Verdict.OPERATIONAL)


@given(Runs, st.integers(min_value=1, max_value=4))
def test_adding_healthy_probes_never_hides_a_dead_one(reasons: list[str], healthy: int) -> None:
    alone = _fold(State.of([_probe("a")]), {"a": reasons})
    names = [f"healthy-{n}" for n in range(healthy)]
    among = _fold(
        State.of([_probe("a"), *map(_probe, names)]), {"a": reasons, **{name: [OK] * len(reasons) for name in names}}
    )

    if _judged(alone, len(reasons)).verdict in PAGES_ON_CALL:
        assert _judged(among, len(reasons)).verdict in PAGES_ON_CALL


@given(st.lists(st.just(OK), max_size=10), st.integers(min_value=1, max_value=40))
def test_our_own_revoked_key_alone_never_pages_on_call(before: list[str], refused: int) -> None:
    reasons = [*before, *["key_rejected"] * refused]
    state = State.of([_probe("a"), _probe("b", provider="other")])

    found = _judged(_fold(state, {"a": reasons, "b": [OK] * len(reasons)}), len(reasons))

    assert found.verdict not in PAGES_ON_CALL | {Verdict.DEGRADED}


@given(Runs, st.lists(st.booleans(), min_size=1, max_size=40))
def test_the_lag_of_an_episode_is_said_once(reasons: list[str], page: list[bool]) -> None:
    state = State.of([_probe("a")], [PageState(provider="acme", interval=MINUTE)])
    lags: dict[float, float] = {}
    for at in range(1, len(reasons) + 1):
        agreement = _fold(state, {"a": reasons[:at]}, page=page[:at]).agreements.get(PLACE)
        if agreement and agreement.failing_since is not None and agreement.lag_seconds is not None:
            assert lags.setdefault(agreement.failing_since, agreement.lag_seconds) == agreement.lag_seconds

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ai_provider_exporter import metrics
from ai_provider_exporter.metrics import TABLE, Facts, View, exposition
from ai_provider_exporter.model.labels import PROBE_LABELS, RESERVED_LABELS, reserved
from ai_provider_exporter.model.measurement import Model, RateLimit
from ai_provider_exporter.model.observation import (
    Maintenance,
    MaintenanceStatus,
    PageObservation,
    ProbeObservation,
    Reports,
    ReportsObservation,
    Status,
)
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.reports_state import ReportsState
from ai_provider_exporter.model.state import State
from prometheus_client.parser import text_string_to_metric_families

from tests.contract import METRICS
from tests.exporter.samples import INCIDENT, NOW, PAGE, PROBE, READ, RUN

FULL_RUN = replace(
    RUN,
    time_to_first_answer_seconds=0.25,
    time_per_output_token_seconds=0.02,
    output_tokens_per_second=50.0,
    server_reported_seconds={"openai-processing-ms": 0.2},
    cost_usd=0.00001,
    rate_limits={"requests": RateLimit(limit=500, remaining=499, reset_at=NOW + 60)},
    retry_after_seconds=1.0,
    certificate_expires_at=NOW + 86400,
    leaf_certificate_expires_at=NOW + 86400,
    fingerprint="fp_1",
    models=(Model(id="small", retires_at=NOW + 1000),),
)
FAILED = replace(RUN, reason="overloaded", fault=Fault.PROVIDER, http_status=529)
FULL_PAGE = replace(
    PAGE,
    components=(replace(PAGE.components[0], region="us", uptime={"90d": 0.999}),),
    incidents=(INCIDENT,),
    maintenances=(
        Maintenance(id="m-1", name="Upgrade", status=MaintenanceStatus.SCHEDULED, starts_at=NOW, ends_at=NOW + 60),
    ),
)

SAID = Reports(count=13050.0, baseline=12.0, status=Status.MAJOR_OUTAGE, uptimes={"acme/small": 0.97})
ASKED = ReportsObservation(provider="acme", source="downdetector", at=NOW, reports=SAID)
HEARD = ReportsState(provider="acme", source="downdetector", interval=300.0).after(ASKED)


def _state(*runs: ProbeObservation, read: PageObservation | None = READ) -> State:
    state = State.of(
        [ProbeState(id=PROBE, interval=60.0, info={"dialect": "openai_chat", "team": "search"})],
        [PageState(provider="acme", interval=60.0)],
    )
    for run in runs:
        state = state.after(run)
    return state.after(read) if read else state


def _samples(state: State, now: float = NOW + 1, facts: Facts | None = None) -> dict[str, float]:
    view = View(state=state, now=now, facts=facts or Facts())
    lines = exposition.write(metrics.families(view)).decode().splitlines()
    return {key: float(value) for key, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


P = 'probe="acme-chat",provider="acme",kind="chat",model="small",location="fra1",tier="paid"'


def test_every_row_of_the_table_is_a_metric_of_the_contract_with_its_labels() -> None:
    emitted = {row.name: (row.type, " ".join(row.labels)) for row in TABLE}

    assert emitted == METRICS


def test_every_row_has_samples_when_everything_is_known() -> None:
    read = replace(READ, page=FULL_PAGE, missing_components=("Gone",))
    page_failure = replace(READ, page=None, reason="server_error", missing_components=("Gone",))
    wrong = replace(FULL_RUN, answer_correct=False)
    state = _state(wrong, wrong, FAILED, FAILED, read=read).after(FULL_RUN).after(page_failure).after(read)
    state = state.with_egress("fra1", up=True).with_lag(0.001).with_delay(0.001)
    state = state.with_probe(
        replace(
            state.probes[PROBE],
            id=replace(PROBE, probe="b"),
            last=FAILED,
            skipped={"budget": 1},
            objectives={"duration": 2.0},
        )
    )
    state = state.with_reports(HEARD)
    facts = Facts(budget_limits={"day": 1.0}, budget_spent={"day": 0.5}, budget_exhausted=False)

    silent = [row.name for row in TABLE if not list(row.samples(View(state=state, now=NOW, facts=facts)))]

    assert silent == []


def test_help_ends_in_a_full_stop_and_names_are_base_units() -> None:
    wrong = [row.name for row in TABLE if not row.help.endswith(".") or re.search(r"_(ms|minutes|percent)", row.name)]

    assert wrong == []


def test_an_exporter_that_has_not_probed_yet_says_nothing_about_success() -> None:
    samples = _samples(_state(read=None))

    assert f"ai_probe_success{{{P}}}" not in samples
    assert samples[f"ai_probe_attempts_total{{{P}}}"] == 0
    assert samples[f'ai_probe_failures_total{{{P},fault="provider"}}'] == 0
    assert samples['ai_provider_observed_status{provider="acme",location="fra1"}'] == -1
    assert samples['ai_status_page_status{provider="acme"}'] == -1
    assert 'ai_incidents_active{provider="acme",impact="major"}' not in samples


def test_a_run_is_told_in_full() -> None:
    samples = _samples(_state(RUN))

    assert samples[f"ai_probe_success{{{P}}}"] == 1
    assert samples[f'ai_probe_phase_seconds{{{P},phase="first_token"}}'] == 0.1
    assert samples[f'ai_probe_duration_seconds_bucket{{{P},le="0.25"}}'] == 0
    assert samples[f'ai_probe_duration_seconds_bucket{{{P},le="0.5"}}'] == 1
    assert samples[f'ai_probe_duration_seconds_bucket{{{P},le="+Inf"}}'] == 1
    assert samples[f"ai_probe_time_to_first_token_seconds_count{{{P}}}"] == 1
    assert samples[f'ai_probe_tokens_total{{{P},type="output"}}'] == 3
    assert samples[f'ai_probe_info{{{P},dialect="openai_chat",team="search"}}'] == 1
    assert samples[f"ai_probe_last_run_timestamp_seconds{{{P}}}"] == NOW + 0.3


def test_what_was_not_measured_is_absent_and_not_zero() -> None:
    names = {key.partition("{")[0] for key in _samples(_state(RUN))}

    assert names.isdisjoint(
        {
            "ai_probe_cost_usd_total",
            "ai_probe_output_tokens_per_second",
            "ai_probe_time_per_output_token_seconds_count",
            "ai_probe_retry_after_seconds",
            "ai_budget_exhausted",
        }
    )


def test_the_last_failure_is_told_only_while_it_lasts() -> None:
    key = f'ai_probe_last_failure_info{{{P},reason="overloaded",fault="provider",http_status="529"}}'

    assert _samples(_state(FAILED))[key] == 1
    assert key not in _samples(_state(FAILED, RUN))


def test_an_open_incident_is_named_and_a_resolved_one_leaves_no_series() -> None:
    during = _samples(_state(read=replace(READ, page=FULL_PAGE)))
    after = _samples(_state(read=replace(READ, page=FULL_PAGE)).after(READ))

    info = (
        'ai_incident_info{provider="acme",incident_id="inc-1",name="Elevated errors",impact="major",'
        'status="investigating",url="https://status.acme.example/incidents/inc-1"}'
    )
    assert during[info] == 1
    assert during['ai_incidents_active{provider="acme",impact="major"}'] == 1
    assert during['ai_incidents_active{provider="acme",impact="critical"}'] == 0
    assert not [key for key in after if "inc-1" in key]
    assert after['ai_incidents_resolved_total{provider="acme",impact="major"}'] == 1


def test_what_a_page_has_beyond_what_is_kept_of_it_is_counted() -> None:
    page = replace(PAGE, left_out={"components": 200})

    samples = _samples(_state(read=replace(READ, page=page)))

    assert samples['ai_status_page_left_out{provider="acme",what="components"}'] == 200
    assert samples['ai_status_page_left_out{provider="acme",what="incidents"}'] == 0
    assert samples['ai_status_page_components{provider="acme"}'] == 200 + len(PAGE.components)


def test_a_page_gone_stale_is_unknown_in_every_component() -> None:
    key = 'ai_component_status{provider="acme",component_id="c-1",component="Chat",group="API"}'

    assert _samples(_state(), now=NOW + 180)[key] == Status.OPERATIONAL
    assert _samples(_state(), now=NOW + 181)[key] == Status.UNKNOWN


@pytest.mark.parametrize(
    ("runs", "age", "expected"),
    [
        pytest.param([RUN], 1, Status.OPERATIONAL, id="all well"),
        pytest.param([FAILED] * 3, 1, Status.MAJOR_OUTAGE, id="all fail"),
        pytest.param([FAILED], 1, Status.UNKNOWN, id="one failure alone is no evidence"),
        pytest.param([RUN], 500, Status.UNKNOWN, id="too long ago"),
        pytest.param([replace(RUN, reason="key_rejected", fault=Fault.OURS)], 1, Status.UNKNOWN, id="our own key"),
        pytest.param([replace(RUN, reason="egress_down", fault=Fault.PROBER)], 1, Status.UNKNOWN, id="our own uplink"),
        pytest.param([replace(RUN, reason="throttled", fault=Fault.UNKNOWN)], 1, Status.UNKNOWN, id="cannot be told"),
    ],
)
def test_the_observed_status_blames_the_provider_for_its_own_failures_alone(
    runs: list[ProbeObservation], age: float, expected: Status
) -> None:
    samples = _samples(_state(*runs), now=NOW + age)

    assert samples['ai_provider_observed_status{provider="acme",location="fra1"}'] == expected


def test_some_probes_failing_is_degraded() -> None:
    other = replace(PROBE, probe="b", model="large")
    state = _state(RUN).with_probe(ProbeState(id=other, interval=60.0))
    failed = replace(FAILED, id=other)

    samples = _samples(state.after(failed).after(failed))

    assert samples['ai_provider_observed_status{provider="acme",location="fra1"}'] == Status.DEGRADED_PERFORMANCE


def test_prometheus_own_parser_reads_the_whole_exposition() -> None:
    body = exposition.write(metrics.families(View(state=_state(FULL_RUN), now=NOW))).decode()

    families = {family.name: family for family in text_string_to_metric_families(body)}

    assert families["ai_probe_duration_seconds"].type == "histogram"
    assert families["ai_probe_attempts"].type == "counter"


def test_users_reports_are_told_by_source_beside_what_is_usual() -> None:
    samples = _samples(_state().with_reports(HEARD))

    source = 'provider="acme",source="downdetector"'
    assert samples[f"ai_user_reports{{{source}}}"] == 13050
    assert samples[f"ai_user_reports_baseline{{{source}}}"] == 12
    assert samples[f"ai_second_opinion_status{{{source}}}"] == Status.MAJOR_OUTAGE
    assert samples[f'ai_second_opinion_uptime_ratio{{{source},model="acme/small"}}'] == 0.97


@pytest.mark.parametrize(
    ("heard", "now"),
    [
        pytest.param(ReportsState(provider="acme", source="downdetector", interval=300.0), NOW, id="never answered"),
        pytest.param(HEARD, NOW + 901, id="not for long"),
        pytest.param(HEARD.after(replace(ASKED, reports=Reports())), NOW, id="answered without a figure"),
    ],
)
def test_a_source_that_says_nothing_has_no_sample(heard: ReportsState, now: float) -> None:
    names = {key.partition("{")[0] for key in _samples(_state().with_reports(heard), now=now)}

    assert not [name for name in names if name.startswith(("ai_user_reports", "ai_second_opinion"))]


def test_a_source_that_failed_once_is_believed_for_a_while() -> None:
    failed = HEARD.after(replace(ASKED, at=NOW + 300, reports=None, reason="server_error"))

    samples = _samples(_state().with_reports(failed), now=NOW + 900)

    assert samples['ai_user_reports{provider="acme",source="downdetector"}'] == 13050


def test_every_label_of_a_probes_metrics_is_refused_to_users() -> None:
    ours = {label for row in TABLE if row.labels[: len(PROBE_LABELS)] == PROBE_LABELS for label in row.labels}

    assert sorted(ours - RESERVED_LABELS) == []
    assert reserved(["team", "__name__", "job", "le", "endpoint_host"]) == ["__name__", "endpoint_host", "job", "le"]

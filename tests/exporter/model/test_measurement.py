from __future__ import annotations

from dataclasses import fields

import pytest
from ai_provider_exporter.model.measurement import MEASURED, PHASES, TOKEN_TYPES, Measurement
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes import report
from ai_provider_exporter.web.api.schemas import Run

from tests.exporter.samples import PROBE, RUN


def test_an_observation_keeps_what_was_measured_as_seconds_since_the_start() -> None:
    measurement = Measurement(started=100.0, first_token=100.2, first_answer=100.3, ended=101.5, http_status=200)
    measurement.tokens["output"] = 3

    run = ProbeObservation.of(measurement, id=PROBE, started_at=5.0, reason="ok", detail="")
    measurement.tokens["output"] = 4

    assert run.duration_seconds == 1.5
    assert run.time_to_first_token_seconds == pytest.approx(0.2)
    assert run.time_to_first_answer_seconds == pytest.approx(0.3)
    assert (run.http_status, dict(run.tokens), run.fault) == (200, {"output": 3}, None)


def test_every_field_of_an_observation_that_is_no_outcome_is_measured() -> None:
    outcome = {"id", "started_at", "reason", "fault", "detail"}
    missing = [f.name for f in fields(ProbeObservation) if f.name not in outcome and not hasattr(Measurement(), f.name)]

    assert missing == []


def test_what_is_measured_is_shown_by_json_the_api_and_the_terminal() -> None:
    printed, text = report.as_json(RUN), report.as_text(RUN)

    assert set(MEASURED) <= set(printed)
    assert set(MEASURED) <= set(Run.model_fields)
    assert set(printed["phases"]) == set(PHASES)
    assert printed["tokens"] == dict.fromkeys(TOKEN_TYPES) | {"input": 12, "output": 3}
    assert "time to first token   230.0 ms" in text
    assert "tokens                12 input, 3 output" in text
    assert "answer correct        true" in text

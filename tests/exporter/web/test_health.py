from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.web.routes import application
from starlette.testclient import TestClient

from tests.exporter import worlds


@pytest.mark.parametrize(
    ("silence", "status", "text"),
    [
        pytest.param(0.0, 200, "Healthy.", id="running"),
        pytest.param(29.0, 200, "Healthy.", id="late"),
        pytest.param(31.0, 503, "Unhealthy: the probing loop has not run for 31 s.", id="frozen"),
    ],
)
def test_a_probing_loop_that_has_not_run_for_half_a_minute_is_unhealthy(silence: float, status: int, text: str) -> None:
    context = replace(worlds.admitted().window(), loop_silence=lambda: silence)
    response = TestClient(application(context)).get("/-/healthy")

    assert (response.status_code, response.text) == (status, f"{text}\n")

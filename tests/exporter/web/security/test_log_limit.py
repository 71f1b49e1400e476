from __future__ import annotations

import logging

import pytest
from ai_provider_exporter.web.security.log_limit import OncePerMinute

log = logging.getLogger(__name__)


def test_a_warning_is_logged_once_a_minute_with_how_many_were_left_out(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    limited = OncePerMinute(log, lambda: now[0])
    for now[0] in (0.0, 1.0, 59.0, 60.0):
        limited.warning("bad request")

    assert caplog.messages == ["bad request", "bad request (2 more in the last minutes)"]


def test_what_is_no_warning_is_always_logged(caplog: pytest.LogCaptureFixture) -> None:
    limited = OncePerMinute(log, lambda: 0.0)
    for _ in range(3):
        limited.error("defect")

    assert caplog.messages == ["defect"] * 3

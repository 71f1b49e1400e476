from __future__ import annotations

import pytest
from ai_provider_exporter.model.reasons import PAGE_REASONS, REASONS, Failure, Fault, fault_of


def test_every_reason_of_a_probe_has_a_fault_and_a_meaning() -> None:
    assert [name for name, reason in REASONS.items() if reason.fault is None or not reason.meaning] == []


def test_a_reason_that_only_a_page_has_has_no_fault() -> None:
    assert "page_inactive" in PAGE_REASONS
    assert "page_inactive" not in REASONS


def test_a_success_has_no_fault() -> None:
    assert (fault_of("ok"), fault_of("overloaded")) == (None, "provider")


def test_a_failure_takes_no_reason_outside_the_closed_list() -> None:
    with pytest.raises(ValueError, match="'flaky' is not one of the reasons"):
        Failure("flaky", "it was a bad day")


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        pytest.param("overloaded", Fault.OURS, id="overloaded"),
        pytest.param("connect_refused", Fault.OURS, id="down"),
        pytest.param("key_rejected", Fault.OURS, id="ours anyway"),
        pytest.param("connect_timeout", Fault.NETWORK, id="the way between"),
        pytest.param("egress_down", Fault.PROBER, id="this host"),
        pytest.param("ok", None, id="silence: a success"),
    ],
)
def test_what_a_server_of_ours_gets_wrong_is_our_fault(reason: str, fault: Fault | None) -> None:
    assert fault_of(reason, "ours") is fault

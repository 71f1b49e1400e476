from __future__ import annotations

import pytest
from ai_provider_exporter.model.reasons import PAGE_REASONS, REASONS, Failure, fault_of


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

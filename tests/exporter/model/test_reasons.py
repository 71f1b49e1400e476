from __future__ import annotations

import pytest
from ai_provider_exporter.model.reasons import MEANINGS, REASONS, Failure


def test_every_reason_has_one_fault_and_one_meaning() -> None:
    assert list(MEANINGS) == list(REASONS)


def test_a_failure_takes_no_reason_outside_the_closed_list() -> None:
    with pytest.raises(ValueError, match="'flaky' is not one of the reasons"):
        Failure("flaky", "it was a bad day")

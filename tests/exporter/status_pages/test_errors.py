from __future__ import annotations

import pytest
from ai_provider_exporter.model.reasons import PAGE_REASONS, REASONS
from ai_provider_exporter.status_pages.errors import PageFailure

OF_PAGES_ALONE = {
    "page_inactive",
    "too_large",
    "components_vanished",
    "identity_mismatch",
    "format_unknown",
    "stale",
}


def test_the_words_for_pages_are_those_for_probes_and_a_few_of_their_own() -> None:
    assert set(PAGE_REASONS) - set(REASONS) == OF_PAGES_ALONE


def test_every_reason_has_one_sentence() -> None:
    assert [reason for reason, text in PAGE_REASONS.items() if not text.endswith(".")] == []


def test_a_reason_outside_the_list_is_a_defect() -> None:
    with pytest.raises(ValueError, match="'gremlins' is not one of the reasons"):
        PageFailure("gremlins", "they did it")

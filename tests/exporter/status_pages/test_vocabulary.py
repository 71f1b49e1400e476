from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Impact, IncidentStatus, MaintenanceStatus, Status
from ai_provider_exporter.status_pages import vocabulary as words
from ai_provider_exporter.status_pages.vocabulary import UnknownValues, plain


@pytest.mark.parametrize("spelling", ["partial_outage", "PARTIALOUTAGE", "Partial Outage", "partial-outage"])
def test_case_blanks_and_dashes_make_no_other_word(spelling: str) -> None:
    assert UnknownValues().status(spelling) is Status.PARTIAL_OUTAGE


@pytest.mark.parametrize("table", [words.STATUS, words.IMPACT, words.INCIDENT, words.MAINTENANCE])
def test_the_keys_of_tables_are_plain(table: dict[str, object]) -> None:
    assert [key for key in table if plain(key) != key] == []


@pytest.mark.parametrize("word", ["exploded", "", None, 0, True, ["operational"], {}])
def test_a_word_that_no_table_knows_is_unknown_and_counted(word: object) -> None:
    unknown = UnknownValues()

    assert unknown.status(word) is Status.UNKNOWN
    assert unknown.incident(word) is IncidentStatus.UNKNOWN
    assert unknown.maintenance(word) is MaintenanceStatus.UNKNOWN
    assert unknown.impact(word) is Impact.NONE
    assert unknown.count == 4


def test_a_word_that_is_known_raises_no_doubt() -> None:
    unknown = UnknownValues()

    unknown.status("operational")

    assert unknown.count == 0


@pytest.mark.parametrize(
    ("status", "newest", "standing", "unknown"),
    [
        pytest.param("resolved", "resolved", "resolved", 0, id="over"),
        pytest.param("resolved", None, "resolved", 0, id="over, without updates"),
        pytest.param("postmortem", "resolved", "postmortem", 0, id="over, and written up"),
        pytest.param("resolved", "identified", "identified", 0, id="reopened"),
        pytest.param("monitoring", "resolved", "monitoring", 0, id="its own word counts while it is open"),
        pytest.param("resolved", "exploded", "resolved", 1, id="over, with a word that is not in the table"),
        pytest.param("resolved", "", "resolved", 1, id="over, but its newest update does not say so"),
        pytest.param("exploded", "resolved", "unknown", 1, id="an unknown word is no recovery"),
    ],
)
def test_an_incident_is_over_only_if_its_newest_update_does_not_say_otherwise(
    status: str, newest: str | None, standing: str, unknown: int
) -> None:
    counted = UnknownValues()

    assert counted.status_of(status, newest) == standing
    assert counted.count == unknown

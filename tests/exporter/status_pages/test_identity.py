from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.identity import with_distinct_ids

FIRST = Incident(
    id="a", name="Errors", status=IncidentStatus.RESOLVED, impact=Impact.MINOR, started_at=100.0, updated_at=200.0
)
OPEN = replace(FIRST, status=IncidentStatus.INVESTIGATING, impact=Impact.CRITICAL, started_at=300.0)


def ids(*incidents: Incident) -> list[str]:
    return [incident.id for incident in with_distinct_ids(PageStatus(incidents=incidents)).incidents]


def test_ids_that_are_given_once_stay() -> None:
    assert ids(FIRST, replace(OPEN, id="b")) == ["a", "b"]


@pytest.mark.parametrize("given", ["a", ""], ids=["one id for both", "no id"])
def test_two_incidents_under_one_id_are_two(given: str) -> None:
    page = with_distinct_ids(PageStatus(incidents=(replace(FIRST, id=given), replace(OPEN, id=given))))

    assert len({incident.id for incident in page.incidents}) == 2
    assert page.status is Status.MAJOR_OUTAGE


def test_a_made_up_id_stays_while_the_row_does() -> None:
    later = replace(OPEN, status=IncidentStatus.MONITORING, updated_at=900.0)

    assert ids(FIRST, OPEN)[1] == ids(later, FIRST)[0]


def test_rows_that_differ_in_nothing_that_stays_are_told_apart_by_their_place() -> None:
    assert len(set(ids(OPEN, replace(OPEN, impact=Impact.MINOR)))) == 2


def test_a_row_that_is_repeated_is_one() -> None:
    assert ids(OPEN, OPEN) == ["a"]


def test_components_of_one_name_in_two_groups_are_two() -> None:
    api = Component(id="API", name="API", status=Status.OPERATIONAL, group="US")
    other = replace(api, group="EU", status=Status.MAJOR_OUTAGE)

    page = with_distinct_ids(PageStatus(components=(api, other)))

    assert len({component.id for component in page.components}) == 2
    assert page.status is Status.MAJOR_OUTAGE


def test_a_component_is_one_in_each_region() -> None:
    here = Component(id="chat", name="Chat", status=Status.OPERATIONAL, region="eu")

    page = with_distinct_ids(PageStatus(components=(here, replace(here, region="us"))))

    assert [component.id for component in page.components] == ["chat", "chat"]

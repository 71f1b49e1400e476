from __future__ import annotations

from dataclasses import replace

import pytest
from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.schema.text import cut
from ai_provider_exporter.status_pages.bounds import (
    MAX_COMPONENTS,
    MAX_INCIDENT_COMPONENTS,
    MAX_INCIDENTS,
    MAX_MAINTENANCES,
    MAX_NAME,
    MAX_NAMES,
    bounded,
)

LONG = "é" * 4000


def component(number: int, status: Status = Status.OPERATIONAL) -> Component:
    return Component(id=f"c{number}", name=f"Part {number}", status=status)


def incident(number: int, **more: object) -> Incident:
    first = Incident(id=f"i{number}", name="Slow", status=IncidentStatus.INVESTIGATING, impact=Impact.MINOR)
    return replace(first, started_at=float(number), **more)  # type: ignore[arg-type]  # fields by name


def work(number: int) -> Maintenance:
    return Maintenance(id=f"m{number}", name="Move", status=MaintenanceStatus.SCHEDULED)


def test_a_page_within_the_bounds_stays_as_it_is() -> None:
    page = PageStatus(
        page_url="https://status.acme.example",
        components=(component(1), component(2, Status.MAJOR_OUTAGE)),
        incidents=(incident(1), incident(2, impact=Impact.CRITICAL)),
        maintenances=(work(1),),
    )

    assert bounded(page) == page


@pytest.mark.parametrize("trouble", [Status.MAJOR_OUTAGE, Status.UNDER_MAINTENANCE, Status.UNKNOWN])
def test_of_too_many_components_those_in_trouble_stay(trouble: Status) -> None:
    page = bounded(PageStatus(components=(*map(component, range(700)), component(999, trouble))))

    assert len(page.components) == MAX_COMPONENTS
    assert component(999, trouble) in page.components
    assert page.left_out == {"components": 201}


def test_of_too_many_incidents_the_worst_and_the_newest_stay() -> None:
    worst, newest = incident(1, impact=Impact.CRITICAL), incident(90)

    page = bounded(PageStatus(incidents=(worst, *map(incident, range(2, 90)), newest)))

    assert len(page.open_incidents) == MAX_INCIDENTS
    assert {worst, newest} <= set(page.incidents)
    assert page.left_out == {"incidents": 90 - MAX_INCIDENTS}


def test_incidents_that_are_over_take_no_room_from_open_ones() -> None:
    over = tuple(incident(n, status=IncidentStatus.RESOLVED) for n in range(1000))

    page = bounded(PageStatus(incidents=(*over, incident(1))))

    assert page.open_incidents == (incident(1),)
    assert len(page.incidents) == MAX_INCIDENTS + 1
    assert page.left_out == {}


def test_the_components_that_incidents_name_are_bounded_each_and_together() -> None:
    names = tuple(f"Part {n}" for n in range(60))

    page = bounded(PageStatus(incidents=tuple(incident(n, components=names) for n in range(20))))

    assert {len(one.components) for one in page.incidents} == {MAX_NAMES, 0}
    assert sum(len(one.components) for one in page.incidents) == MAX_INCIDENT_COMPONENTS
    assert page.left_out == {"incident_components": 20 * 60 - MAX_INCIDENT_COMPONENTS}


def test_maintenances_are_bounded() -> None:
    page = bounded(PageStatus(maintenances=tuple(map(work, range(80)))))

    assert len(page.maintenances) == MAX_MAINTENANCES
    assert page.left_out == {"maintenances": 80 - MAX_MAINTENANCES}


def test_text_that_is_cut_stays_distinct() -> None:
    one, another = (Component(id=LONG + end, name=LONG + end, status=Status.OPERATIONAL) for end in "ab")

    first, second = bounded(PageStatus(components=(one, another))).components

    assert (len(first.name), len(second.name)) == (MAX_NAME, MAX_NAME)
    assert first.id != second.id
    assert first.name != second.name


@pytest.mark.parametrize(
    ("url", "link"),
    [
        pytest.param("https://status.acme.example/1", "https://status.acme.example/1", id="https"),
        pytest.param("http://status.acme.example/1", "http://status.acme.example/1", id="http"),
        pytest.param("javascript:alert(1)", "", id="a script"),
        pytest.param("/incidents/1", "", id="no host"),
        pytest.param("https://[oops", "", id="none at all"),
        pytest.param("https://acme.example/" + "x" * 5000, "", id="too long"),
    ],
)
def test_only_what_a_browser_may_be_sent_to_is_a_link(url: str, link: str) -> None:
    page = bounded(PageStatus(page_url=url, incidents=(incident(1, url=url),)))

    assert (page.page_url, page.incidents[0].url) == (link, link)


def test_text_that_fits_is_not_cut() -> None:
    assert cut("x" * 120, 120) == "x" * 120

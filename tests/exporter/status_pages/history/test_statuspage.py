from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Impact, IncidentStatus, Status
from ai_provider_exporter.status_pages.history import statuspage
from ai_provider_exporter.status_pages.history.history import History

from tests.exporter.status_pages.history.rows import HOUR, T, at, incident, payload, update
from tests.exporter.status_pages.history.rows import statuspage as documents

SLOW = incident(
    "slow",
    update(0, "investigating", chat="partial_outage"),
    update(1, "identified", chat="major_outage", old="degraded_performance"),
    update(2, "monitoring", chat="operational"),
    update(3, "resolved"),
)


def history(*incidents: dict[str, object]) -> History:
    return statuspage.parse(*documents(*incidents))


@pytest.mark.parametrize(
    ("hours", "status", "updates"),
    [
        (-0.1, None, 0),
        (0, IncidentStatus.INVESTIGATING, 1),
        (1.5, IncidentStatus.IDENTIFIED, 2),
        (2, IncidentStatus.MONITORING, 3),
        (3, None, 0),
    ],
)
def test_an_incident_stands_as_its_last_update_said(hours: float, status: IncidentStatus | None, updates: int) -> None:
    page = history(SLOW).page_at(T + hours * HOUR)

    assert [(i.status, i.updates) for i in page.open_incidents] == ([] if status is None else [(status, updates)])


@pytest.mark.parametrize(
    ("hours", "chat", "old"),
    [
        (-1, Status.OPERATIONAL, Status.OPERATIONAL),
        (0.5, Status.PARTIAL_OUTAGE, Status.OPERATIONAL),
        (1.5, Status.MAJOR_OUTAGE, Status.DEGRADED_PERFORMANCE),
        (2.5, Status.OPERATIONAL, Status.DEGRADED_PERFORMANCE),
        (3, Status.OPERATIONAL, Status.OPERATIONAL),
    ],
)
def test_a_component_is_as_the_last_update_said_until_the_incident_ends(
    hours: float, chat: Status, old: Status
) -> None:
    page = history(SLOW).page_at(T + hours * HOUR)

    assert {component.id: component.status for component in page.components} == {"chat": chat, "old": old}


def test_a_component_is_called_as_today_or_as_it_was_when_it_is_gone() -> None:
    found = {component.id: (component.name, component.group) for component in history(SLOW).components}

    assert found == {"chat": ("Chat", "API"), "old": ("old by name", "")}


def test_a_component_of_which_no_incident_speaks_is_left_out() -> None:
    assert history(incident("x", update(0, "investigating"), update(1, "resolved"))).components == ()


def test_a_reopened_incident_was_closed_in_between() -> None:
    reopened = incident(
        "again", update(0, "investigating"), update(1, "resolved"), update(2, "identified"), update(3, "resolved")
    )
    found = history(reopened)

    open_at = [bool(found.page_at(T + hours * HOUR).open_incidents) for hours in (0.5, 1.5, 2.5, 3.5)]

    assert open_at == [True, False, True, False]


def test_an_incident_that_is_open_today_has_no_end() -> None:
    found = history(incident("open", update(0, "investigating", chat="major_outage")))

    page = found.page_at(T + 1000 * HOUR)

    assert page.status is Status.MAJOR_OUTAGE
    assert page.open_incidents[0].impact is Impact.MAJOR


def test_an_incident_that_is_over_nobody_says_since_when_ended_with_its_last_word() -> None:
    found = history(SLOW | {"resolved_at": None, "updated_at": at(2.5)})

    assert found.page_at(T + 2.4 * HOUR).open_incidents
    assert not found.page_at(T + 2.6 * HOUR).open_incidents


def test_a_list_that_is_full_is_complete_only_since_its_oldest_incident() -> None:
    many = [incident(f"i{n}", update(n, "investigating"), update(n + 0.5, "resolved")) for n in range(50)]

    assert history(*many).since == T
    assert history(*many[1:]).since == 0


def test_a_maintenance_is_on_while_its_times_say() -> None:
    found = history(SLOW)

    on = [sum(work.is_active for work in found.page_at(T + hours * HOUR).maintenances) for hours in (19, 20.5, 21)]

    assert on == [0, 1, 0]


def test_the_turns_are_every_moment_at_which_something_changed() -> None:
    assert sorted(history(SLOW).changes) == [T + hours * HOUR for hours in (0, 1, 2, 3, 20, 21)]


def test_a_word_for_a_component_that_is_not_known_makes_it_unknown_and_not_well() -> None:
    found = history(incident("odd", update(0, "investigating", chat="wobbling")))

    page = found.page_at(T + HOUR)

    assert [component.status for component in page.components] == [Status.UNKNOWN]


def test_incidents_alone_are_a_history_too() -> None:
    alone = statuspage.parse(payload({"page": {"id": "a", "name": "Acme"}, "incidents": [SLOW]}))

    assert [component.name for component in alone.components] == ["chat by name", "old by name"]

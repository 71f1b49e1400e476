from __future__ import annotations

from typing import Any

from ai_provider_exporter.model.observation import Impact, IncidentStatus, Status
from ai_provider_exporter.status_pages.history import incidentio
from ai_provider_exporter.status_pages.history.history import History

from tests.exporter.status_pages.history.rows import HOUR, T, at, incident, payload, update

PAGE = {
    "summary": {
        "id": "01PAGE",
        "name": "Acme",
        "public_url": "https://status.acme.example",
        "components": [{"id": "c1", "name": "Chat"}, {"id": "c2", "name": "Files"}],
        "structure": {
            "items": [
                {"group": {"name": "API", "components": [{"component_id": "c1", "name": "Chat"}]}},
                {"component": {"component_id": "c2", "name": "Files"}},
            ]
        },
        "ongoing_incidents": [],
        "affected_components": [],
    }
}
SLOW = {
    "id": "01SLOW",
    "name": "Slow",
    "type": "incident",
    "status": "resolved",
    "published_at": at(0),
    "component_impacts": [
        {"component_id": "c1", "status": "degraded_performance", "start_at": at(0), "end_at": at(1)},
        {"component_id": "c1", "status": "full_outage", "start_at": at(1), "end_at": at(2)},
    ],
    "updates": [
        {"to_status": "investigating", "published_at": at(0)},
        {"to_status": "monitoring", "published_at": at(2)},
        {"to_status": "resolved", "published_at": at(3)},
    ],
}


def history(*incidents: dict[str, Any]) -> History:
    return incidentio.parse(payload({"incidents": list(incidents)}), payload(PAGE))


def test_impacts_say_how_a_component_was() -> None:
    found = history(SLOW)

    words = [found.page_at(T + hours * HOUR).components[0].status for hours in (-1, 0.5, 1.5, 2.5)]

    assert words == [Status.OPERATIONAL, Status.DEGRADED_PERFORMANCE, Status.MAJOR_OUTAGE, Status.OPERATIONAL]


def test_names_groups_and_addresses_are_those_of_the_page() -> None:
    page = history(SLOW).page_at(T + HOUR)

    (component,), (told,) = page.components, page.open_incidents
    assert (component.id, component.name, component.group) == ("c1", "Chat", "API")
    assert (told.components, told.url) == (("Chat",), "https://status.acme.example/incidents/01SLOW")
    assert (told.impact, told.status) == (Impact.CRITICAL, IncidentStatus.INVESTIGATING)


def test_it_is_complete_since_the_oldest_incident_that_it_lists() -> None:
    assert history(SLOW).since == T


def test_a_maintenance_is_no_incident_and_has_impacts() -> None:
    work = {
        "id": "01WORK",
        "name": "Upgrade",
        "type": "maintenance",
        "status": "maintenance_complete",
        "component_impacts": [
            {"component_id": "c2", "status": "under_maintenance", "start_at": at(5), "end_at": at(6)}
        ],
        "updates": [],
    }
    page = history(SLOW, work).page_at(T + 5.5 * HOUR)

    assert page.incidents == ()
    assert {component.name: component.status for component in page.components}["Files"] is Status.UNDER_MAINTENANCE
    assert [work.is_active for work in page.maintenances] == [True]


def test_the_emulation_of_statuspage_has_incidents_and_is_no_longer_than_its_list() -> None:
    row = incident("slow", update(0, "investigating"), update(1, "resolved"))

    found = incidentio.parse(
        payload({"page": {"id": "01JMDK9XYNY6RXSED6SDWW50WY", "name": "Acme"}, "incidents": [row]})
    )

    assert found.page_at(T + 60).open_incidents
    assert (found.since, found.components) == (T, ())


def test_the_history_stands_beside_the_data_of_the_page() -> None:
    first, *_ = incidentio.documents("https://status.acme.example")

    host = "https://status.acme.example/proxy/status.acme.example"
    assert first == (f"{host}/incidents", host)

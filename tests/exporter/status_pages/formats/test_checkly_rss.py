from __future__ import annotations

import json

import pytest
from ai_provider_exporter.model.observation import IncidentStatus, MaintenanceStatus, PageStatus, Status
from ai_provider_exporter.status_pages.detect import recognize
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import checkly_rss
from ai_provider_exporter.status_pages.payload import Payload

SITE = "https://status.acme.example"


def item(title: str, path: str, hour: int, text: str) -> str:
    guid = f"<guid>{SITE}/{path}</guid>"
    date = f"<pubDate>Thu, 19 Nov 2026 {hour:02}:00:00 GMT</pubDate>"
    return f"<item><title>{title}</title>{guid}{date}<description><![CDATA[{text}]]></description></item>"


def read(*items: str) -> PageStatus:
    return checkly_rss.parse(
        Payload(body=f"<rss><channel><title>Feed</title>{''.join(items)}</channel></rss>".encode())
    )


def test_updates_of_one_guid_are_one_incident_and_the_newest_counts() -> None:
    page = read(
        item("Slow", "incident/i1", 10, "Status: Monitoring<br/>Better."),
        item("Slow", "incident/i1", 9, "Status: Investigating<br/>Bad."),
    )

    (incident,) = page.incidents
    assert (incident.id, incident.status, incident.updates) == ("i1", IncidentStatus.MONITORING, 2)
    assert (incident.started_at, incident.updated_at) == (1795078800.0, 1795082400.0)


def test_of_two_updates_of_one_second_the_first_is_the_newest() -> None:
    page = read(
        item("Slow", "incident/i1", 10, "Status: Resolved<br/>Better."),
        item("Slow", "incident/i1", 10, "Status: Monitoring<br/>Bad."),
    )

    assert page.status is Status.OPERATIONAL


def test_affected_components_are_a_list() -> None:
    text = "Status: Identified<br/>Affected components<ul><li>Chat &amp; tools</li><li> Search </li></ul>"

    page = read(item("Slow", "incident/i1", 10, text))

    assert page.incidents[0].components == ("Chat & tools", "Search")
    assert {component.name: component.status for component in page.components} == {
        "Chat & tools": Status.DEGRADED_PERFORMANCE,
        "Search": Status.DEGRADED_PERFORMANCE,
    }


@pytest.mark.parametrize(
    ("title", "text", "standing"),
    [
        ("Maintenance scheduled: Upgrade", "Soon.", MaintenanceStatus.SCHEDULED),
        ("Maintenance in progress: Upgrade", "Now.", MaintenanceStatus.IN_PROGRESS),
        ("Maintenance scheduled: Upgrade", "Status: Completed<br/>Done.", MaintenanceStatus.COMPLETED),
        ("Upgrade", "Who knows.", MaintenanceStatus.UNKNOWN),
    ],
)
def test_a_maintenance_is_titled_so_and_is_no_trouble(title: str, text: str, standing: MaintenanceStatus) -> None:
    page = read(item(title, "maintenance/m1", 9, text), item("Old", "incident/i0", 1, "Status: Resolved<br/>Done."))

    assert [(work.name, work.status) for work in page.maintenances] == [("Upgrade", standing)]
    assert page.status is Status.OPERATIONAL


def test_an_unknown_word_keeps_an_incident_open() -> None:
    page = read(item("Slow", "incident/i1", 10, "Status: Pondering<br/>Hm."))

    assert [incident.status for incident in page.open_incidents] == [IncidentStatus.UNKNOWN]
    assert page.unknown_words == 1


def test_a_feed_of_somebody_else_is_refused() -> None:
    with pytest.raises(PageFailure, match="not the feed of a Checkly page"):
        read(item("News", "blog/1", 10, "We have news."))


@pytest.mark.parametrize(
    ("severity", "status"),
    [
        ("MINOR", Status.DEGRADED_PERFORMANCE),
        ("MEDIUM", Status.DEGRADED_PERFORMANCE),
        ("MAJOR", Status.PARTIAL_OUTAGE),
        ("CRITICAL", Status.MAJOR_OUTAGE),
    ],
)
def test_an_incident_of_the_summary_weighs_what_it_says(severity: str, status: Status) -> None:
    incident = {"id": "7", "name": "Slow", "status": "INVESTIGATING", "severity": severity}
    document = {"page": {"name": "Acme", "status": "HAS_ISSUES"}, "activeIncidents": [incident]}
    payload = Payload(body=json.dumps(document).encode())

    assert recognize(payload) == "checkly_rss"
    assert checkly_rss.parse(payload).status is status


def test_a_summary_with_issues_that_it_does_not_list_is_not_operational() -> None:
    document = {"page": {"status": "HAS_ISSUES"}, "activeIncidents": []}

    assert checkly_rss.parse(Payload(body=json.dumps(document).encode())).status is Status.DEGRADED_PERFORMANCE

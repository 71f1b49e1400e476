from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import IncidentStatus, MaintenanceStatus, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.feeds.incident_only import WEEK
from ai_provider_exporter.status_pages.formats import ibm_rss
from ai_provider_exporter.status_pages.payload import Payload

AT = 1795075200.0  # Thu, 19 Nov 2026 08:00:00 GMT


def item(title: str = "Errors", text: str = "We look into it.", **labels: str) -> str:
    lines = "".join(f"&lt;br&gt;{label.replace('_', ' ')}: {value}" for label, value in labels.items())
    date = "<pubDate>Thu, 19 Nov 2026 08:00:00 GMT</pubDate>"
    return f"<item><title>{title}</title><guid>{title}</guid>{date}<description>{text}{lines}</description></item>"


def read(*items: str) -> PageStatus:
    return ibm_rss.parse(Payload(body=f"<rss><channel><title>Feed</title>{''.join(items)}</channel></rss>".encode()))


@pytest.mark.parametrize("kind", ["announcement", "release", "security", "Announcement"])
def test_news_is_no_trouble(kind: str) -> None:
    page = read(item(Type=kind))

    assert (page.status, page.incidents, page.maintenances) == (Status.OPERATIONAL, (), ())


def test_labelled_lines_say_where_what_and_when() -> None:
    (incident,) = read(
        item(
            Type="incident",
            Regions="us-south, eu-de",
            Resources="watsonx, pm-20",
            Outage_Start="2026-11-19T07:30:00Z",
            Update_Time="2026-11-19T09:00:00Z",
        )
    ).incidents

    assert (incident.regions, incident.components) == (("us-south", "eu-de"), ("watsonx", "pm-20"))
    assert (incident.started_at, incident.updated_at) == (AT - 1800, AT + 3600)


@pytest.mark.parametrize(
    ("title", "text", "end", "standing"),
    [
        ("Errors", "We look into it.", "", IncidentStatus.INVESTIGATING),
        ("Errors", "The cause was identified.", "", IncidentStatus.IDENTIFIED),
        ("Errors", "We are monitoring.&lt;br&gt;The cause was identified.", "", IncidentStatus.MONITORING),
        ("RESOLVED: Errors", "We look into it.", "", IncidentStatus.RESOLVED),
        ("Errors", "This is not resolved yet.", "", IncidentStatus.INVESTIGATING),
        ("Errors", "We look into it.", "2026-11-19T08:30:00Z", IncidentStatus.RESOLVED),
    ],
)
def test_an_incident_stands_as_its_end_its_title_or_its_first_line_says(
    title: str, text: str, end: str, standing: IncidentStatus
) -> None:
    ended = {"Outage_End": end} if end else {}

    assert read(item(title, text, Type="incident", **ended)).incidents[0].status is standing


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        ("before", MaintenanceStatus.SCHEDULED),
        ("during", MaintenanceStatus.IN_PROGRESS),
        ("after", MaintenanceStatus.COMPLETED),
    ],
)
def test_a_maintenance_is_where_the_clock_puts_it(now: str, standing: MaintenanceStatus) -> None:
    page = read(item(Type="maintenance", Outage_Start="2026-11-19T09:00:00Z", Outage_End="2026-11-19T10:00:00Z"))
    seconds = {"before": AT, "during": AT + 3600, "after": AT + 7200}

    assert [work.status for work in as_of(page, seconds[now]).maintenances] == [standing]


def test_an_incident_that_nobody_closes_is_forgotten_after_a_week() -> None:
    page = read(item(Type="incident", Resources="watsonx"))

    assert len(as_of(page, AT + WEEK).open_incidents) == 1
    assert as_of(page, AT + WEEK + 1).components == ()
    assert as_of(page, AT + WEEK + 1).status is Status.OPERATIONAL


def test_a_type_that_is_not_known_is_unknown_until_it_is_forgotten() -> None:
    page = read(item(Type="wonder"))

    assert page.status is Status.UNKNOWN
    assert as_of(page, AT + WEEK + 1).status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("items", "reason"),
    [pytest.param([], "empty_answer", id="none"), pytest.param([item()], "malformed_response", id="without a type")],
)
def test_a_feed_without_items_that_say_their_type_is_refused(items: list[str], reason: str) -> None:
    with pytest.raises(PageFailure) as failure:
        read(*items)

    assert failure.value.reason == reason

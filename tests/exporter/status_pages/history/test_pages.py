"""Formats whose page is its own history."""

from __future__ import annotations

from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.history import HISTORIES, betterstack, gcp
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.history.rows import HOUR, T, at, payload


def test_a_history_is_called_as_its_format() -> None:
    assert set(HISTORIES) <= set(FORMATS)


def test_google_cloud_lists_incidents_that_are_over() -> None:
    row = {
        "id": "abc",
        "external_desc": "Slow",
        "begin": at(0),
        "end": at(2),
        "modified": at(2),
        "status_impact": "SERVICE_OUTAGE",
        "severity": "high",
        "affected_products": [{"id": "p", "title": "Vertex"}],
        "updates": [],
    }
    found = gcp.parse(payload([row]))

    assert [bool(found.page_at(T + hours * HOUR).open_incidents) for hours in (-1, 1, 2)] == [False, True, False]
    assert (found.since, found.components) == (T, ())


def test_better_stack_keeps_reports_and_no_moment_of_its_resources() -> None:
    attributes = {
        "title": "Slow",
        "report_type": "manual",
        "starts_at": at(0),
        "ends_at": at(2),
        "aggregate_state": "resolved",
        "affected_resources": [{"status_page_resource_id": "1", "status": "downtime"}],
    }
    resource = {"public_name": "Chat", "status": "operational", "status_history": [], "availability": 1}
    document = {
        "data": {
            "id": "9",
            "type": "status_page",
            "attributes": {"company_name": "Acme", "aggregate_state": "operational"},
        },
        "included": [
            {"id": "7", "type": "status_report", "attributes": attributes},
            {"id": "1", "type": "status_page_resource", "attributes": resource},
        ],
    }
    found = betterstack.parse(payload(document))

    (incident,) = found.page_at(T + HOUR).open_incidents
    assert (incident.id, incident.components) == ("7", ("Chat",))
    assert found.components == ()


def test_a_list_without_incidents_tells_of_no_past() -> None:
    assert gcp.parse(Payload(body=b"[]")).since == float("inf")

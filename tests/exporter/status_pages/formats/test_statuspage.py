from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.model.observation import MaintenanceStatus, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.formats import statuspage
from ai_provider_exporter.status_pages.parsing import parse_page
from ai_provider_exporter.status_pages.payload import Payload

API = {"id": "api", "name": "API", "status": "operational"}


def read(**sections: Any) -> PageStatus:
    document = {"page": {"id": "k3v9x0q2m1tz", "name": "Acme"}, "status": {"indicator": "none"}, **sections}
    return parse_page("statuspage", (Payload(body=json.dumps(document).encode()),)).page


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"name": "Docs", "status": "operational"}, id="without an id"),
        pytest.param({"id": "", "name": "Docs", "status": "operational"}, id="with an empty id"),
        pytest.param({"id": None, "name": "Docs", "status": "operational"}, id="with null for an id"),
    ],
)
def test_a_component_without_an_id_is_nobodys_group(row: dict[str, Any]) -> None:
    page = read(components=[{**API, "group_id": None}, row])

    assert [(component.id, component.group) for component in page.components] == [("api", ""), ("Docs", "")]


@pytest.mark.parametrize("word", [{"group": True}, {}], ids=["called a group", "not called one"])
def test_a_group_is_the_label_of_its_members_and_no_component(word: dict[str, Any]) -> None:
    header = {"id": "g", "name": "Models", "status": "major_outage", **word}

    page = read(components=[header, {**API, "group_id": "g"}])

    assert [(component.name, component.group) for component in page.components] == [("API", "Models")]


def test_a_component_that_is_not_called_anything_is_none_but_leaves_the_page_unknown() -> None:
    page = read(components=[API, {"status": "operational"}])

    assert [component.id for component in page.components] == ["api"]
    assert page.status is Status.UNKNOWN


@pytest.mark.parametrize("section", ["incidents", "scheduled_maintenances"])
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("maintenance_scheduled", MaintenanceStatus.SCHEDULED),
        ("maintenance_in_progress", MaintenanceStatus.IN_PROGRESS),
        ("maintenance_complete", MaintenanceStatus.COMPLETED),
    ],
)
def test_a_maintenance_has_its_makers_words_in_every_section(
    section: str, word: str, status: MaintenanceStatus
) -> None:
    page = read(components=[API], **{section: [{"id": "m", "name": "Move", "status": word}]})

    assert ([work.status for work in page.maintenances], page.incidents) == ([status], ())


def test_incidents_without_ids_do_not_hide_each_other() -> None:
    over = {"name": "Errors", "status": "resolved", "impact": "minor", "created_at": "2026-11-01T10:00:00Z"}
    open_ = {"name": "Errors", "status": "identified", "impact": "critical", "created_at": "2026-11-02T10:00:00Z"}

    assert read(components=[API], incidents=[over, open_]).status is Status.MAJOR_OUTAGE


def test_a_feed_at_the_url_of_json_is_refused() -> None:
    feed = Payload(
        url="https://status.acme.example/api/v2/summary.json", body=b"<rss><channel><title>T</title></channel></rss>"
    )

    with pytest.raises(PageFailure, match="XML came where JSON was due"):
        statuspage.parse(feed)

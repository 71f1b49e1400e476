from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Impact, IncidentStatus, MaintenanceStatus, PageStatus, Status
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.feeds.incident_only import WEEK
from ai_provider_exporter.status_pages.formats import generic_feed

AT = 1795075200.0


def read(title: str = "Trouble", html: str = "", *categories: str) -> PageStatus:
    item = Item(id="1", title=title, html=html, published=AT, updated=AT, categories=categories)
    return generic_feed.parse(Feed(items=(item,)))


def standing(*said: str) -> str:
    (incident,) = read(*said).incidents
    return incident.status


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(("Resolved: Login fails", "<b>Investigating</b> why"), "resolved", id="heading over all else"),
        pytest.param(("[Resolved] Login fails", ""), "resolved", id="heading in brackets"),
        pytest.param(("Major outage", "<strong>Monitoring</strong> - a fix is out"), "monitoring", id="strong"),
        pytest.param(("Everything is down", "<p>Status: Monitoring</p>"), "monitoring", id="mark over a scary title"),
        pytest.param(("Trouble", "<b>Status:</b> Identified"), "identified", id="mark in bold"),
        pytest.param(("Trouble", "", "Investigating", "API"), "investigating", id="category"),
        pytest.param(
            ("Trouble", "<b>Identified</b> this <b>Investigating</b> why"), "identified", id="newest update first"
        ),
        pytest.param(
            ("Trouble", "<b>Investigating</b> why <b>Identified</b> this"), "identified", id="oldest update first"
        ),
        pytest.param(
            ("Trouble", "<b>Identified</b> again <b>Resolved</b> <b>Investigating</b>"), "identified", id="reopened"
        ),
        pytest.param(("Trouble", "<b>Update</b> more <b>Identified</b> this"), "identified", id="an update is no word"),
        pytest.param(("Trouble", "&lt;b&gt;Identified&lt;/b&gt; this"), "identified", id="escaped twice"),
        pytest.param(("Trouble", "This incident has been resolved. We identified it"), "resolved", id="bare word"),
        pytest.param(("Trouble", "We identified it. It is not yet resolved."), "identified", id="not yet"),
        pytest.param(("Trouble", "It will soon be fixed; we are investigating"), "investigating", id="to come"),
        pytest.param(("Login fixed", ""), "resolved", id="bare word in the title"),
        pytest.param(("Trouble", "one\ntwo\nthree\nresolved long ago"), "unknown", id="bare word far below"),
        pytest.param(("Stoerung", "Es gibt Probleme."), "unknown", id="nothing"),
    ],
)
def test_an_item_stands_as_its_words_say(said: tuple[str, ...], expected: str) -> None:
    assert standing(*said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("Upgrade", "<b>Scheduled</b>"), MaintenanceStatus.SCHEDULED),
        (("Upgrade", "<b>Scheduled</b> then <b>In progress</b>"), MaintenanceStatus.IN_PROGRESS),
        (("Planned maintenance", "<b>Resolved</b>"), MaintenanceStatus.COMPLETED),
        (("Planned maintenance", "Soon."), MaintenanceStatus.UNKNOWN),
    ],
)
def test_work_is_no_trouble(said: tuple[str, ...], expected: MaintenanceStatus) -> None:
    page = read(*said)

    assert [work.status for work in page.maintenances] == [expected]
    assert page.status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("title", "impact"), [("API outage", Impact.MAJOR), ("Slow answers", Impact.MINOR)], ids=["grave", "not said"]
)
def test_trouble_weighs_little_unless_its_words_say_more(title: str, impact: Impact) -> None:
    assert read(title, "<b>Identified</b>").incidents[0].impact is impact


def test_an_item_that_says_nothing_makes_the_page_unknown_and_not_down() -> None:
    page = read("Stoerung", "Es gibt Probleme.")

    assert page.status is Status.UNKNOWN
    assert [incident.status for incident in page.open_incidents] == [IncidentStatus.UNKNOWN]


@pytest.mark.parametrize("html", ["", "<b>Monitoring</b>"], ids=["says nothing", "never closed"])
def test_what_is_never_closed_is_forgotten_after_a_week(html: str) -> None:
    page = read("Trouble", html)

    assert as_of(page, AT + WEEK).open_incidents == page.open_incidents
    assert as_of(page, AT + WEEK + 1).open_incidents == ()
    assert as_of(page, AT + WEEK + 1).status is Status.OPERATIONAL


def test_what_was_closed_stays_in_the_history() -> None:
    assert len(as_of(read("Trouble", "<b>Resolved</b>"), AT + WEEK + 1).incidents) == 1


def test_a_feed_without_items_says_nothing_at_all() -> None:
    assert generic_feed.parse(Feed()).status is Status.UNKNOWN


def test_markup_without_end_does_not_take_for_ever() -> None:
    """A pattern that looks for the end from each beginning would need minutes for this."""
    assert standing("Trouble", "<b" * 200_000) == "unknown"

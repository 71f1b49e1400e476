from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Impact, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import xai_rss
from ai_provider_exporter.status_pages.payload import Payload


def item(title: str, *categories: str, guid: str = "INC1", at: str = "10:00:00", text: str = "") -> str:
    named = "".join(f"<category>{category}</category>" for category in categories)
    date = f"<pubDate>Thu, 19 Nov 2026 {at} GMT</pubDate>"
    return f"<item><title>{title}</title><guid>{guid}</guid>{date}{named}<description>{text}</description></item>"


def read(*items: str) -> PageStatus:
    text = f"<rss><channel><title>System Status</title>{''.join(items)}</channel></rss>"
    return xai_rss.parse(Payload(body=text.encode()))


@pytest.mark.parametrize(
    ("severity", "impact", "status"),
    [
        ("degraded", Impact.MINOR, Status.DEGRADED_PERFORMANCE),
        ("disruption", Impact.MAJOR, Status.PARTIAL_OUTAGE),
        ("outage", Impact.CRITICAL, Status.MAJOR_OUTAGE),
    ],
)
@pytest.mark.parametrize("order", [1, -1], ids=["severity first", "state first"])
def test_one_category_says_how_bad_it_is_and_one_how_it_stands(
    severity: str, impact: Impact, status: Status, order: int
) -> None:
    page = read(item("[Grok (Web)] Slow", *(severity, "active")[::order]))

    (incident,) = page.open_incidents
    assert (incident.name, incident.impact) == ("Slow", impact)
    assert page.components[0].status is status


def test_without_categories_the_description_says_it() -> None:
    text = "&lt;h3&gt;Status: INVESTIGATING&lt;/h3&gt;&lt;p&gt;Severity: outage&lt;/p&gt;"
    page = read(item("[Grok (Web)] Slow", text=text), item("[API] Old", "available", "resolved", guid="INC0"))

    assert [incident.impact for incident in page.open_incidents] == [Impact.CRITICAL]


def test_a_region_stands_in_the_surface_of_an_api_and_not_in_that_of_an_app() -> None:
    page = read(
        item("[API (us-east-1.api.x.ai)] Slow", "outage", "active"), item("[Grok (Web)] Slow", "outage", "active")
    )

    assert {(component.name, component.region) for component in page.components} == {
        ("API", "us-east-1"),
        ("Grok (Web)", ""),
    }


def test_an_outage_filed_once_for_each_region_is_one_incident() -> None:
    page = read(
        item("[API (us-west-2.api.x.ai)] Slow", "degraded", "active", guid="INC2", at="10:09:00"),
        item("[API (us-east-1.api.x.ai)] Slow", "outage", "active", guid="INC1"),
    )

    (incident,) = page.incidents
    assert (incident.id, incident.impact, incident.updates) == ("INC1", Impact.CRITICAL, 2)
    assert incident.regions == ("us-east-1", "us-west-2")


@pytest.mark.parametrize(
    ("other", "at"), [("[API] Slow", "10:30:00"), ("[API] Down", "10:00:00")], ids=["later", "another name"]
)
def test_what_began_later_or_is_called_otherwise_is_another_incident(other: str, at: str) -> None:
    page = read(item("[API] Slow", "outage", "active"), item(other, "outage", "active", guid="INC2", at=at))

    assert len(page.incidents) == 2


def test_an_incident_is_on_as_long_as_one_of_its_filings_is() -> None:
    over = item("[API (us-east-1.api.x.ai)] Slow", "available", "resolved")
    still_on = item("[API (us-west-2.api.x.ai)] Slow", "degraded", "investigating", guid="INC2")

    page = read(over, still_on)

    (incident,) = page.open_incidents
    assert (incident.status, incident.impact) == (IncidentStatus.INVESTIGATING, Impact.MINOR)
    assert [component.region for component in page.components] == ["us-west-2"]


def test_the_end_is_what_the_description_says() -> None:
    text = "&lt;p&gt;Resolved: Thu, 19 Nov 2026 11:00:00 GMT&lt;/p&gt;"

    (incident,) = read(item("[API] Slow", "available", "resolved", text=text)).incidents

    assert incident.resolved_at == 1795086000.0


def test_an_incident_of_another_region_is_left_out() -> None:
    page = read(item("[API (us-east-1.api.x.ai)] Slow", "outage", "active"))

    assert filter_page(page, regions=("eu-west-1",))[0].status is Status.OPERATIONAL


def test_a_feed_without_items_is_broken_and_not_healthy() -> None:
    with pytest.raises(PageFailure, match="has no items, though it keeps those of the past") as failure:
        read()

    assert failure.value.reason == "empty_answer"


def test_a_feed_of_somebody_else_is_refused() -> None:
    with pytest.raises(PageFailure, match="written as xAI writes them"):
        read(item("Acme has news"))


def test_a_word_that_is_not_known_is_a_doubt_and_keeps_the_incident_open() -> None:
    page = read(item("[API] Slow", "outage", "simmering", text="Status: simmering"))

    assert [incident.status for incident in page.open_incidents] == [IncidentStatus.UNKNOWN]
    assert page.unknown_words == 1

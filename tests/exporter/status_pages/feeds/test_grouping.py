"""Updates of one incident become one incident, and nothing else does."""

from __future__ import annotations

import pytest
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item
from ai_provider_exporter.status_pages.feeds.grouping import base_title, by_incident
from ai_provider_exporter.status_pages.formats import generic_feed

NOON = 1795075200.0
SITE = "https://status.acme.example/"
CHAT, MAIL = f"{SITE}incidents/chat7", f"{SITE}incidents/mail8"


def item(title: str, link: str = SITE, guid: str = "", minutes_ago: float = 0.0, html: str = "") -> Item:
    at = NOON - 60 * minutes_ago
    return Item(id=guid or link, guid=guid, title=title, link=link, html=html, published=at, updated=at)


def groups(*items: Item) -> list[list[str]]:
    return [[one.html or one.title for one in group] for group in by_incident(Feed(link=SITE, items=items))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(item("Chat slow", CHAT, "a"), item("Chat slow", CHAT, "b"), id="the URL of the incident"),
        pytest.param(item("Chat slow", f"{CHAT}#2"), item("Chat slow", f"{CHAT}#1"), id="a mark within the page"),
        pytest.param(item("Chat is well", CHAT), item("Chat slow", CHAT), id="a new title"),
        pytest.param(item("Chat slow", guid="x-1"), item("Chat slow", guid="x-1"), id="one guid, and the site as URL"),
        pytest.param(item("[Resolved] Chat slow", guid="b"), item("Chat slow", guid="a"), id="a title marked resolved"),
        pytest.param(item("UPDATE 2: Chat slow"), item("Chat slow"), id="a title marked as an update"),
        pytest.param(
            item("Chat slow", f"{SITE}history"), item("Chat slow", f"{SITE}history"), id="one page, one title"
        ),
    ],
)
def test_updates_of_one_incident_are_joined(first: Item, second: Item) -> None:
    assert len(groups(first, second)) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(item("Chat slow"), item("Mail slow"), id="the site as URL of both"),
        pytest.param(item("Chat slow", guid=SITE), item("Mail slow", guid=SITE), id="the site as guid of both"),
        pytest.param(item("Errors", guid="a"), item("Errors", guid="b"), id="one title, two guids"),
        pytest.param(item("Chat slow", f"{SITE}history"), item("Mail slow", f"{SITE}history"), id="a page of all"),
        pytest.param(item("Chat slow", guid="1"), item("Mail slow", guid="1"), id="a guid of two titles"),
        pytest.param(item("Slow", CHAT), item("Slow", MAIL), id="two incidents"),
    ],
)
def test_what_the_feed_does_not_call_one_incident_stays_two(first: Item, second: Item) -> None:
    assert len(groups(first, second)) == 2


def test_the_newest_update_comes_first() -> None:
    old, new = item("Slow", CHAT, minutes_ago=9, html="old"), item("Slow", CHAT, minutes_ago=1, html="new")

    assert groups(old, new) == groups(new, old) == [["new", "old"]]


def test_updates_of_one_second_are_in_the_order_of_the_feed() -> None:
    first, second = item("Slow", CHAT, html="first"), item("Slow", CHAT, html="second")
    other = item("Mail", MAIL, minutes_ago=60, html="other")

    assert groups(first, second, other)[0] == ["first", "second"]
    assert groups(other, first, second)[1] == ["second", "first"]


@pytest.mark.parametrize(
    ("newest", "older", "status"),
    [
        pytest.param("Chat has recovered.", "We are investigating.", "resolved", id="over"),
        pytest.param("We are investigating again.", "This was fixed.", "investigating", id="reopened"),
        pytest.param("Thank you for waiting.", "We are investigating.", "investigating", id="an update without a word"),
    ],
)
def test_an_incident_stands_as_its_newest_update_says(newest: str, older: str, status: str) -> None:
    updates = (item("Chat slow", CHAT, minutes_ago=1, html=newest), item("Chat slow", CHAT, minutes_ago=9, html=older))

    (incident,) = as_of(generic_feed.parse(Feed(link=SITE, items=updates)), NOON).incidents

    assert (incident.status, incident.started_at) == (status, NOON - 540)


@pytest.mark.parametrize(
    ("title", "base"),
    [
        pytest.param("RESOLVED: Chat slow", "Chat slow", id="colon"),
        pytest.param("[Update #3] Chat slow", "Chat slow", id="brackets and a number"),
        pytest.param("Update - Investigating - Chat slow", "Chat slow", id="two marks"),
        pytest.param("Resolved", "Resolved", id="nothing but a mark"),
        pytest.param("Updated models are slow", "Updated models are slow", id="another word"),
    ],
)
def test_a_title_begins_with_marks_or_not(title: str, base: str) -> None:
    assert base_title(item(title)) == base

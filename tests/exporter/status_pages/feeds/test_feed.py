from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import IncidentStatus, MaintenanceStatus
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import MAX_ITEMS, Feed, Item, is_xml, plain_text, read_feed
from ai_provider_exporter.status_pages.feeds.incidents import ItemState, page_of
from ai_provider_exporter.status_pages.payload import Payload

RSS = """
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
  <channel>
    <title> Acme
      Status </title>
    <link>https://status.acme.example</link>
    <item>
      <title><![CDATA[Slow & sorry]]></title>
      <link>https://status.acme.example//incidents/1</link>
      <guid isPermaLink="false">one</guid>
      <pubDate>Tue, 03 Feb 2026 04:00:00 PST</pubDate>
      <category>outage</category><category>active</category>
      <description>&lt;p&gt;Short&lt;/p&gt;</description>
      <content:encoded>&lt;p&gt;Long &amp;amp; whole&lt;/p&gt;</content:encoded>
    </item>
    <item><title>No id</title></item>
  </channel>
</rss>
"""
ATOM = """
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>Acme</title>
  <link rel="self" href="https://status.acme.example/feed.atom"/>
  <link href="https://status.acme.example/"/>
  <generator uri="https://incident.io">incident.io</generator>
  <entry>
    <id>tag:1</id>
    <title>Down</title>
    <updated>2026-02-03T13:00:00Z</updated>
    <category term="major"/>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">All <b>over</b></div></content>
  </entry>
</feed>
"""


def feed(text: str | bytes) -> Feed:
    return read_feed(Payload(body=text if isinstance(text, bytes) else text.encode()))


def test_rss_is_read() -> None:
    found = feed(RSS)

    assert (found.title, found.link) == ("Acme Status", "https://status.acme.example")
    assert found.items[0] == Item(
        id="one",
        guid="one",
        title="Slow & sorry",
        link="https://status.acme.example/incidents/1",
        html="<p>Long &amp; whole</p>",
        published=1770120000.0,
        updated=1770120000.0,
        categories=("outage", "active"),
    )
    assert found.items[1].id == "No id@0"


def test_atom_is_read() -> None:
    found = feed(ATOM)

    assert (found.link, found.generator) == ("https://status.acme.example/", "incident.io")
    assert found.items == (
        Item(
            id="tag:1",
            guid="tag:1",
            title="Down",
            html="<div>All <b>over</b></div>",
            published=1770123600.0,
            updated=1770123600.0,
            categories=("major",),
        ),
    )


def test_an_address_that_is_none_is_no_link() -> None:
    assert (
        feed("<rss><channel><title>T</title><item><link>http://[oops</link></item></channel></rss>").items[0].link == ""
    )


def test_a_feed_in_utf_16_is_read() -> None:
    assert feed(RSS.replace("utf-8", "utf-16").encode("utf-16")).items[0].id == "one"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "empty_answer", id="nothing"),
        pytest.param("<!doctype html><p>", "unexpected_content_type", id="html"),
        pytest.param("{}", "malformed_response", id="json"),
        pytest.param("<rss><channel>", "malformed_response", id="cut"),
        pytest.param("<svg/>", "malformed_response", id="other xml"),
        pytest.param(
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel/>&b;</rss>',
            "malformed_response",
            id="entities that grow",
        ),
        pytest.param(
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><rss>&a;</rss>',
            "malformed_response",
            id="entities that reach out",
        ),
        pytest.param("<a>" * 200_000, "malformed_response", id="nested without end"),
    ],
)
def test_what_is_no_feed_is_a_page_failure(text: str, reason: str) -> None:
    with pytest.raises(PageFailure) as failure:
        feed(text)

    assert failure.value.reason == reason


@pytest.mark.parametrize(("text", "answer"), [("\ufeff <rss/>", True), ("{}", False)], ids=["xml", "json"])
def test_xml_is_told_from_json(text: str, answer: object) -> None:
    assert is_xml(Payload(body=text.encode())) is answer


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One &amp;  two</p><p>Three<br/>four</p>", "One & two\nThree\nfour"),
        ("<ul><li>A</li><li>B</li></ul>", "A\nB"),
        ("no markup", "no markup"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert plain_text(html) == text


# --- stories ---------------------------------------------------------------------------------------------


def state(word: str) -> ItemState:
    return ItemState(word=word)


@pytest.mark.parametrize(
    ("word", "standing"),
    [("Resolved", IncidentStatus.RESOLVED), ("In flames", IncidentStatus.UNKNOWN)],
    ids=["known", "unknown"],
)
def test_a_story_is_an_incident_and_an_unknown_word_keeps_it_open(word: str, standing: IncidentStatus) -> None:
    page = page_of(Feed(items=(Item(id="1", title="Trouble"),)), lambda _: state(word))

    assert [incident.status for incident in page.incidents] == [standing]
    assert bool(page.open_incidents) is bool(page.unknown_words)


@pytest.mark.parametrize("word", ["In progress", "Maintenance in progress", "maintenance_in_progress"])
def test_a_story_with_a_word_for_work_is_a_maintenance(word: str) -> None:
    page = page_of(Feed(items=(Item(id="1", title="Upgrade"),)), lambda _: state(word))

    assert [work.status for work in page.maintenances] == [MaintenanceStatus.IN_PROGRESS]
    assert page.incidents == ()


def test_a_feed_in_which_nothing_says_how_it_stands_is_another_formats() -> None:
    with pytest.raises(PageFailure, match="no item of the feed says how it stands"):
        page_of(Feed(items=(Item(id="1", title="Trouble"),)), lambda _: state(""))


# --- markup, and what is wrong with it ---------------------------------------------------------------------

XHTML = "<div xmlns='http://www.w3.org/1999/xhtml'><small>9:07</small><br/><strong>Identified</strong> - Slow</div>"


def one(content: str, kind: str = "rss") -> Item:
    if kind == "atom":
        text = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry>{content}</entry></feed>"
    else:
        text = f"<rss><channel><title>T</title><item>{content}</item></channel></rss>"
    return feed(text).items[0]


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(one(f"<content type='xhtml'>{XHTML}</content>", "atom"), id="xhtml in Atom"),
        pytest.param(
            one("<description><p>x<strong>Identified</strong> - Slow</p></description>"), id="bare HTML in RSS"
        ),
        pytest.param(one("<description>&lt;strong&gt;Identified&lt;/strong&gt; - Slow</description>"), id="escaped"),
        pytest.param(one("<description><![CDATA[<strong>Identified</strong> - Slow]]></description>"), id="CDATA"),
    ],
)
def test_markup_survives_in_every_way_to_write_it(item: Item) -> None:
    assert "<strong>Identified</strong> - Slow" in item.html


def test_text_beside_markup_that_was_not_escaped_stays_text() -> None:
    assert plain_text(one("<description>a &lt; b <b>c</b></description>").html) == "a < b c"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<small>9:07</small><b>Identified</b>", "9:07 Identified", id="inline"),
        pytest.param("<p>one</p><p>two</p>", "one\ntwo", id="paragraphs"),
        pytest.param("one<br class='x'/>two", "one\ntwo", id="line break"),
        pytest.param("<b>Status</b>: fine", "Status: fine", id="before a colon"),
    ],
)
def test_a_tag_between_words_parts_them(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("Slow &nbsp; today", id="an entity of HTML"),
        pytest.param("Slow & today", id="a bare ampersand"),
        pytest.param("Slow \x0b today", id="a control character"),
        pytest.param("Slow &#160; today", id="a character reference"),
    ],
)
def test_one_harmless_character_costs_no_feed(title: str) -> None:
    assert one(f"<title>{title}</title>").title.split()[::2] in (["Slow", "today"], ["Slow"])


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-8", "utf-16"])
def test_a_declared_encoding_counts(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><rss><channel><title>État</title></channel></rss>"

    assert feed(text.encode(encoding)).title == "État"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<rss/>", id="no channel"),
        pytest.param("<rss><title>T</title></rss>", id="a title without a channel"),
        pytest.param("<rss><channel/></rss>", id="no title"),
        pytest.param("<feed><a>All systems operational</a></feed>", id="atom without a title"),
        pytest.param("<RDF><x/></RDF>", id="rdf without a title"),
    ],
)
def test_a_feed_without_a_channel_or_a_title_is_none(text: str) -> None:
    with pytest.raises(PageFailure, match="no channel or no title"):
        feed(text)


def test_items_are_children_of_the_channel_and_bounded() -> None:
    nested = "<item><title>a" + "<item><title>b</title></item>" * 50 + "</title></item>"
    many = "<item><title>c</title></item>" * (MAX_ITEMS + 50)

    assert len(feed(f"<rss><channel><title>T</title>{nested}</channel></rss>").items) == 1
    assert len(feed(f"<rss><channel><title>T</title>{many}</channel></rss>").items) == MAX_ITEMS

from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Impact, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.feeds.incident_only import WEEK
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import azure_rss
from ai_provider_exporter.status_pages.payload import Payload


def read(*items: str, title: str = "Azure Status") -> PageStatus:
    link = "<link>https://azurestatus-internal.example/en-us/status/</link>"
    text = f"<rss><channel><title>{title}</title>{link}{''.join(items)}</channel></rss>"
    return azure_rss.parse(Payload(body=text.encode()))


def item(title: str = "Slow answers", *categories: str, text: str = "") -> str:
    named = "".join(f"<category>{category}</category>" for category in categories)
    at = "<pubDate>Thu, 19 Nov 2026 16:29:09 Z</pubDate>"
    return f"<item><guid>slug</guid><title>{title} </title>{named}<description>{text}</description>{at}</item>"


def test_categories_are_services_and_regions() -> None:
    page = read(item("Slow", "Azure OpenAI Service", "West US 2", "Virtual WAN", "UK South"))

    (incident,) = page.incidents
    assert incident.components == ("Azure OpenAI Service", "Virtual WAN")
    assert incident.regions == ("westus2", "uksouth")
    assert {(component.name, component.region) for component in page.components} == {
        ("Azure OpenAI Service", "westus2"),
        ("Azure OpenAI Service", "uksouth"),
        ("Virtual WAN", "westus2"),
        ("Virtual WAN", "uksouth"),
    }


@pytest.mark.parametrize("everywhere", ["Global", "Worldwide", "Non-Regional"])
def test_an_event_that_is_everywhere_names_no_region(everywhere: str) -> None:
    page = read(item("Slow", "Azure OpenAI Service", everywhere))

    assert (page.incidents[0].components, page.incidents[0].regions) == (("Azure OpenAI Service",), ())


@pytest.mark.parametrize(
    ("components", "regions", "kept"),
    [
        pytest.param(("*Azure OpenAI*",), (), True, id="its service"),
        pytest.param(("*Cosmos*",), (), False, id="another service"),
        pytest.param((), ("westus2",), True, id="its region"),
        pytest.param((), ("eastus",), False, id="another region"),
    ],
)
def test_an_event_is_kept_for_who_asked_for_its_service_or_region(
    components: tuple[str, ...], regions: tuple[str, ...], *, kept: bool
) -> None:
    filtered, _ = filter_page(read(item("Slow", "Azure OpenAI Service", "West US 2")), components, regions)

    assert bool(filtered.open_incidents) is kept
    assert (filtered.status is Status.OPERATIONAL) is not kept


def test_an_event_without_categories_concerns_all() -> None:
    filtered, _ = filter_page(read(item("A bad update of a third party")), ("*Azure OpenAI*",), ("westus2",))

    assert len(filtered.open_incidents) == 1


@pytest.mark.parametrize(
    ("title", "text", "impact"),
    [
        ("Slow answers", "", Impact.MINOR),
        ("Slow answers", "with some downstream impact", Impact.MINOR),
        ("Outage in West US", "", Impact.MAJOR),
        ("Storage", "&lt;p&gt;Disks are unavailable&lt;/p&gt;", Impact.MAJOR),
        ("Sign-in is down", "", Impact.MAJOR),
    ],
)
def test_an_event_weighs_little_unless_its_words_say_more(title: str, text: str, impact: Impact) -> None:
    assert read(item(title, text=text)).incidents[0].impact is impact


def test_a_title_that_comes_again_is_another_event() -> None:
    again = item().replace("19 Nov", "20 Nov")

    assert len({incident.id for incident in read(item(), again).incidents}) == 2


def test_a_feed_without_items_is_a_healthy_cloud() -> None:
    assert read().status is Status.OPERATIONAL


def test_a_feed_without_items_of_somebody_else_is_not() -> None:
    with pytest.raises(PageFailure, match="not that of Azure's status page"):
        read(title="Acme news")


def test_services_by_regions_make_no_more_series_than_is_sane() -> None:
    services = [f"Service {number}" for number in range(400)]

    page = read(item("Everything", *services, "West US", "East US"))

    assert len(page.components) == 400


@pytest.mark.parametrize(
    ("title", "text", "is_open"),
    [
        pytest.param("Mitigated - Slow answers", "", False, id="in the title"),
        pytest.param("Slow answers [Resolved]", "", False, id="at the end of the title"),
        pytest.param("Slow answers", "The incident has been mitigated. We watch on.", False, id="in the text"),
        pytest.param("Slow answers", "The issue is mitigated for some regions.", True, id="for some"),
        pytest.param("Slow answers", "We are exploring mitigation options.", True, id="to come"),
    ],
)
def test_an_event_that_stays_in_the_feed_is_over_when_it_says_so(title: str, text: str, is_open: bool) -> None:  # noqa: FBT001
    assert bool(read(item(title, text=text)).open_incidents) is is_open


def test_an_event_that_nobody_closes_is_forgotten_after_a_week() -> None:
    page = read(item("Slow answers"))
    (incident,) = page.open_incidents
    assert incident.updated_at is not None

    assert as_of(page, incident.updated_at + WEEK + 1).status is Status.OPERATIONAL

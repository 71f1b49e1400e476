from __future__ import annotations

import pytest
from ai_provider_exporter.model.observation import Impact, PageStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.formats import aws_rss
from ai_provider_exporter.status_pages.payload import Payload

PLACE = "http://status.aws.amazon.com/#bedrock-us-east-1"
NEWER, OLDER = "Tue, 03 Mar 2026 10:00:00 PST", "Tue, 03 Mar 2026 09:00:00 PST"


def read(*items: tuple[str, ...], title: str = "Amazon Bedrock (N. Virginia) Service Status") -> PageStatus:
    """A feed of (title, guid, time), and perhaps a text."""
    written = "".join(
        f"<item><title>{t}</title><guid>{g}</guid><pubDate>{at}</pubDate><description>{''.join(text)}</description></item>"
        for t, g, at, *text in items
    )
    text = f"<rss><channel><title>{title}</title>{written}</channel></rss>"
    return aws_rss.parse(Payload(body=text.encode()))


@pytest.mark.parametrize(
    ("title", "impact", "status"),
    [
        ("Informational message: Slow API", Impact.NONE, Status.OPERATIONAL),
        ("Service degradation: Slow API", Impact.MINOR, Status.DEGRADED_PERFORMANCE),
        ("Performance issues: Slow API", Impact.MINOR, Status.DEGRADED_PERFORMANCE),
        ("Service impact: Slow API", Impact.MAJOR, Status.PARTIAL_OUTAGE),
        ("Service disruption: Slow API", Impact.MAJOR, Status.PARTIAL_OUTAGE),
        ("Slow API", Impact.MINOR, Status.DEGRADED_PERFORMANCE),
    ],
)
def test_a_title_begins_with_how_bad_it_is(title: str, impact: Impact, status: Status) -> None:
    page = read((title, f"{PLACE}_1", NEWER))

    assert [(incident.name, incident.impact) for incident in page.open_incidents] == [("Slow API", impact)]
    assert page.status is status


@pytest.mark.parametrize(
    "end",
    [
        "[RESOLVED] Slow API",
        "Resolved: Slow API",
        "Service is operating normally: Slow API",
        "Service is operating normally: [RESOLVED] Slow API",
        "Informational message: [RESOLVED] Slow API",
    ],
)
def test_an_event_is_over_once_its_newest_update_says_so(end: str) -> None:
    page = read((end, f"{PLACE}_2", NEWER), ("Service disruption: Slow API", f"{PLACE}_1", OLDER))

    (incident,) = page.incidents
    assert (page.status, page.open_incidents) == (Status.OPERATIONAL, ())
    assert (incident.updates, incident.resolved_at) == (2, 1772560800.0)


def test_what_comes_again_under_the_same_name_is_another_event() -> None:
    page = read(
        ("Service disruption: Slow API", f"{PLACE}_3", NEWER),
        ("[RESOLVED] Slow API", f"{PLACE}_2", OLDER),
        ("Service disruption: Slow API", f"{PLACE}_1", "Mon, 02 Mar 2026 09:00:00 PST"),
    )

    assert len(page.incidents) == 2
    assert [incident.started_at for incident in page.open_incidents] == [1772560800.0]


def test_a_component_is_a_service_in_a_region() -> None:
    page = read(("Service disruption: Slow API", f"{PLACE}_1", NEWER))

    (component,) = page.components
    assert (component.id, component.name, component.region) == ("bedrock-us-east-1", "bedrock", "us-east-1")
    assert page.incidents[0].regions == ("us-east-1",)


@pytest.mark.parametrize(
    ("components", "regions", "kept"),
    [
        pytest.param(("bedrock*",), (), 1, id="a service is asked for, and many are struck"),
        pytest.param((), ("us-east-1",), 0, id="another region is asked for"),
    ],
)
def test_an_event_of_many_services_is_about_all_of_its_region(
    components: tuple[str, ...], regions: tuple[str, ...], kept: int
) -> None:
    guid = "http://status.aws.amazon.com/#multipleservices-me-central-1_1"
    page = read(("Service disruption: Errors", guid, NEWER))

    filtered, _ = filter_page(page, components, regions)

    assert page.incidents[0].impact is Impact.CRITICAL
    assert len(filtered.open_incidents) == kept


def test_a_feed_without_items_is_a_healthy_service() -> None:
    assert read().status is Status.OPERATIONAL


def test_a_feed_without_items_of_somebody_else_is_not() -> None:
    with pytest.raises(PageFailure, match="'Acme news' is not one of the AWS Health Dashboard"):
        read(title="Acme news")


def test_an_address_of_a_service_is_taken_as_it_is_and_a_bare_host_has_the_feed_of_everything() -> None:
    service = "https://status.aws.amazon.com/rss/bedrock-us-east-1.rss"

    assert aws_rss.documents(service) == ((service,),)
    assert aws_rss.documents("https://status.aws.amazon.com") == (("https://status.aws.amazon.com/rss/all.rss",),)


BEGUN = ("Service degradation: Slow model calls", f"{PLACE}_1", OLDER)
NORMAL = "Service is operating normally:"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(
            "Informational message: [解決済み] モデルの遅延 | [RESOLVED] Slow model calls", id="two languages"
        ),
        pytest.param("【已解决】 Slow model calls", id="another language and other brackets"),
        pytest.param("Slow model calls [Resolved]", id="at the end of the title"),
        pytest.param("[RESOLVED] Slow and failing model calls", id="titled anew"),
        pytest.param(f"{NORMAL} All is well again", id="the whole service is normal"),
    ],
)
def test_an_event_ends_wherever_and_in_whatever_language_its_title_says_so(end: str) -> None:
    page = read((end, f"{PLACE}_2", NEWER), BEGUN)

    assert page.status is Status.OPERATIONAL
    assert [incident.updates for incident in page.incidents] == [2]


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        pytest.param("The issue has been resolved and the service is operating normally.", False, id="over"),
        pytest.param("At 3 PM the problem was fully resolved.", False, id="over, in other words"),
        pytest.param("The issue has been resolved for most customers.", True, id="for most"),
        pytest.param("The issue has been resolved in one of two zones.", True, id="in a part"),
        pytest.param("We will write again once the issue is fixed.", True, id="to come"),
        pytest.param("", True, id="no text"),
    ],
)
def test_an_event_ends_where_only_its_text_says_so(text: str, is_open: bool) -> None:  # noqa: FBT001
    page = read(("Performance issues: Slow model calls", f"{PLACE}_1", NEWER, text))

    assert bool(page.open_incidents) is is_open


def test_the_end_of_one_event_does_not_end_another() -> None:
    page = read(("[RESOLVED] Names of buckets cannot be looked up", f"{PLACE}_2", NEWER), BEGUN)

    assert [incident.name for incident in page.open_incidents] == ["Slow model calls"]

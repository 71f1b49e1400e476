"""The feed of Azure's public status page, which has an item for each event that is on, and else none.

https://rssfeed.azure.status.microsoft/en-us/status/feed/ (public readers of it, 2026-07 and 2026-09). Categories are
services and regions in one list, or missing. An item says neither how bad it is nor how it stands; it vanishes when
it is over, or stays a while with a word for that. Its guid is made of its title and comes again with the next event of
that title.
"""

from __future__ import annotations

from ai_provider_exporter.model.observation import Incident, IncidentStatus, PageStatus
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import Feed, Item, plain_text, read_feed
from ai_provider_exporter.status_pages.feeds.incident_only import (
    WEEK,
    ended_in,
    feed_at,
    markup,
    page_of_incidents,
    weight,
)
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.formats.azure_regions import EVERYWHERE, REGIONS
from ai_provider_exporter.status_pages.json_fields import unique
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import UnknownValues


def documents(base: str) -> tuple[DocumentSet, ...]:
    return feed_at(base, "/en-us/status/feed/")


def looks_like(payload: Payload) -> bool:
    return _is_ours(read_feed(payload))


def parse(*payloads: Payload) -> PageStatus:
    feed = read_feed(payloads[0])
    if not _is_ours(feed):
        raise PageFailure("malformed_response", f"the feed {feed.title!r} is not that of Azure's status page")
    return page_of_incidents(feed, map(_incident, feed.items), unknown=UnknownValues(), forgets_after=WEEK)


def _is_ours(feed: Feed) -> bool:
    return feed.title == "Azure Status"


def _incident(item: Item) -> Incident:
    regions = [region for category in item.categories if (region := _region(category)) in REGIONS]
    services = [category for category in item.categories if _region(category) not in REGIONS | EVERYWHERE]
    text = plain_text(markup(item))
    is_over = ended_in(item.title, text)
    return Incident(
        id=f"{item.id}@{item.published or 0:.0f}",
        name=item.title,
        status=IncidentStatus.RESOLVED if is_over else IncidentStatus.INVESTIGATING,
        impact=weight(f"{item.title}\n{text}"),
        started_at=item.published,
        updated_at=item.updated,
        resolved_at=item.updated if is_over else None,
        url=item.link,
        components=unique(services),
        regions=unique(regions),
    )


def _region(category: str) -> str:
    """As the tools of Azure spell regions: `West US 2` -> `westus2`."""
    return "".join(category.lower().split())

"""Hacker News by Algolia's public search: https://hn.algolia.com/api (2026-11-22).

All stories and comments of 15 minutes are fetched at once, a few hundred, and searched here.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from ai_provider_exporter.model.observation import Reports
from ai_provider_exporter.reports.client import ReportsClient
from ai_provider_exporter.reports.options import BaseUrl, PostOptions
from ai_provider_exporter.reports.posts import WINDOW, complaints
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.feeds.feed import plain_text
from ai_provider_exporter.status_pages.json_fields import section_in, text_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues


class HackerNewsOptions(PostOptions):
    LEAST_INTERVAL: ClassVar[float] = 120.0

    source: Literal["hackernews"]
    base_url: BaseUrl = "https://hn.algolia.com/api/v1"


OPTIONS = HackerNewsOptions


async def read(options: HackerNewsOptions, client: ReportsClient) -> Reports:
    now = client.now()
    since = f"created_at_i>{now - WINDOW:.0f}"
    query = {"tags": "(story,comment)", "numericFilters": since, "hitsPerPage": "1000"}
    return await client.run(parse, await client.get(f"{options.base_url}/search_by_date", query), options, now)


def parse(payload: Payload, options: HackerNewsOptions, now: float) -> Reports:
    """How many stories and comments are complaints of the last 15 minutes; raises PageFailure malformed_response."""
    document = payload.object()
    if "hits" not in document:
        raise PageFailure("malformed_response", "the answer has no hits")
    posts = (
        (parse_time(hit.get("created_at_i")), "\n".join(plain_text(text_in(hit, key)) for key in _TEXTS))
        for hit in section_in(document, "hits", UnknownValues())
    )
    return Reports(count=complaints(posts, options, now))


_TEXTS = ("title", "story_text", "comment_text")

"""Reddit's search as a feed, which needs no key: https://www.reddit.com/search.rss?q=... (2026-11-22).

It has the newest 100 posts that match, so that no count is higher. It is shared by all who ask, and answers 429 to who
asks often: the interval is long.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ai_provider_exporter.model.observation import Reports
from ai_provider_exporter.reports.client import ReportsClient
from ai_provider_exporter.reports.options import BaseUrl, PostOptions
from ai_provider_exporter.reports.posts import complaints
from ai_provider_exporter.schema.types import Many
from ai_provider_exporter.status_pages.feeds.feed import plain_text, read_feed
from ai_provider_exporter.status_pages.payload import Payload

_Subreddit = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{2,21}$")]


class RedditOptions(PostOptions):
    """`subreddits` are where to look, such as OpenAI and ClaudeAI; left out: everywhere."""

    LEAST_INTERVAL: ClassVar[float] = 300.0

    source: Literal["reddit"]
    base_url: BaseUrl = "https://www.reddit.com"
    subreddits: Many[_Subreddit] = Field(default=(), description="where to look, such as `OpenAI`; empty: everywhere")


OPTIONS = RedditOptions


async def read(options: RedditOptions, client: ReportsClient) -> Reports:
    place = f"/r/{'+'.join(options.subreddits)}" if options.subreddits else ""
    query = {"q": _query(options), "sort": "new", "t": "hour", "limit": "100"}
    query |= {"restrict_sr": "on"} if place else {}
    return await client.run(
        parse, await client.get(f"{options.base_url}{place}/search.rss", query), options, client.now()
    )


def parse(payload: Payload, options: RedditOptions, now: float) -> Reports:
    """How many posts of the feed are complaints of the last 15 minutes; raises PageFailure for what is no feed."""
    posts = ((item.published, f"{item.title}\n{plain_text(item.html)}") for item in read_feed(payload).items)
    return Reports(count=complaints(posts, options, now))


def _query(options: RedditOptions) -> str:
    words, trouble = (" OR ".join(f'"{word}"' for word in some) for some in (options.words, options.trouble))
    return f"({words}) AND ({trouble})"

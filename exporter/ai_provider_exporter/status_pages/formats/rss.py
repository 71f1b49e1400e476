"""RSS of no known make; see `generic_feed`."""

from __future__ import annotations

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.feeds.feed import read_feed
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.formats import generic_feed
from ai_provider_exporter.status_pages.payload import Payload


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(
        base, ("/feed.rss",), ("/history.rss",), ("/rss",), also=(".rss", ".xml", "/rss/", "/feed", "/feed/")
    )


def looks_like(payload: Payload) -> bool:
    feed = read_feed(payload)
    return not feed.is_atom and generic_feed.says_how_it_stands(feed)


def parse(*payloads: Payload) -> PageStatus:
    return generic_feed.parse(read_feed(payloads[0]))

"""Atom of no known make; see `generic_feed`."""

from __future__ import annotations

from ai_provider_exporter.observation import PageStatus
from ai_provider_exporter.pages import generic_feed
from ai_provider_exporter.pages.feed import read_feed
from ai_provider_exporter.pages.format import Way, ways
from ai_provider_exporter.pages.payload import Payload


def documents(base: str) -> tuple[Way, ...]:
    return ways(base, ("/feed.atom",), ("/history.atom",), ("/atom",), also=(".atom", ".xml", "/feed", "/feed/"))


def looks_like(payload: Payload) -> bool:
    feed = read_feed(payload)
    return feed.is_atom and generic_feed.says_how_it_stands(feed)


def parse(*payloads: Payload) -> PageStatus:
    return generic_feed.parse(read_feed(payloads[0]))

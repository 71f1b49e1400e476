"""Saved pages on a page server, where their format has its documents."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.payload import Payload

from tests.exporter.status_pages.saved import Saved, saved_pages
from tests.exporter.status_pages.served import Answer, PageServer

FEEDS = (".atom", ".rss", ".xml", "/feed")

ELSEWHERE = {
    "onlineornot": "/v1/status_pages/acme/summary",
}
"""Formats whose documents are at another host than the page; what is to be written for one of them is its document."""

NOT_TOLD = {
    "atom/words_in_the_text": "a feed with no word for how things stand could be anybody's",
    "aws/operational": "an empty list says nothing of who wrote it",
    "checkly_rss/nothing_ever_happened": "a feed without items says nothing of who wrote it",
    "gcp/nothing_listed": "an empty list says nothing of who wrote it",
    "incidentio/native_history": "incidents alone, without the page that they belong to",
    "instatus/unknown_word": "what the page says of itself is all that tells Instatus from others",
    "openstatus/word_incident": "one word, which any program could answer",
    "openstatus/word_operational": "one word, which any program could answer",
    "openstatus/word_unknown": "one word, which any program could answer",
    "rss/no_word_for_how_it_stands": "a feed with no word for how things stand could be anybody's",
    "rss/nothing_to_tell": "a feed without items says nothing of who wrote it",
    "slack/history": "incidents alone, without the page that they belong to",
    "statuspage/list_of_past_and_open_incidents": "incidents alone, without how the page is",
}
"""Saved pages that are read only where their format is configured."""

NOT_SERVED = {
    "instatus/names_in_languages": "what a page for readers was made from",
    "statuspage/two_documents": "parts of what the summary has whole",
    "uptime_kuma/page_alone": "the heartbeats stand in a document of their own",
}
"""Saved documents that no way of their format reads; `page FILE` does."""

SERVED = {f"{saved.format}/{saved.state}": saved for saved in saved_pages()}
SERVED = {name: saved for name, saved in SERVED.items() if name not in NOT_SERVED}
TOLD = [name for name in SERVED if name not in NOT_TOLD]
FIRST_OF_ITS_KIND = list(
    {(SERVED[n].format, SERVED[n].is_json, len(SERVED[n].files)): n for n in reversed(TOLD)}.values()
)[::-1]


def put(
    server: PageServer, saved: Saved, under: str = "", changed: Callable[[bytes], bytes] = lambda body: body
) -> tuple[str, tuple[Payload, ...]]:
    """Serve the documents at the best way that has so many of their kind; the page's address, and what is there."""
    base = server.url + ELSEWHERE.get(saved.format, under)
    fitting = [way for way in FORMATS[saved.format].documents(base) if len(way) == len(saved.files)]
    way = min(fitting, key=lambda way: way[0].endswith(FEEDS) == saved.is_json)
    bodies = [changed(path.read_bytes()) for path in saved.files]
    payloads = tuple(Payload(url=url, body=body) for url, body in zip(way, bodies, strict=True))
    server.answers |= {_target(payload.url): Answer(body=payload.body) for payload in payloads}
    return base, payloads


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

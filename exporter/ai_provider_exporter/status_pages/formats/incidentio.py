"""incident.io status pages: the page's own data, the emulation of Statuspage, the widget API and the feeds.

What the page itself is drawn from, at `/proxy/<host>`, is the only document that has groups, impacts and links
between incidents and components; it is not documented. The emulation leaves out empty sections, links no
components to incidents, and on large pages its summary has only some of the components, so that these are
read from their own document. Seen on public pages, 2026-03 to 2026-09.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.feeds.feed import is_xml, read_feed
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.formats import incidentio_feed, incidentio_native, incidentio_widget, statuspage
from ai_provider_exporter.status_pages.json_fields import object_in, text_in
from ai_provider_exporter.status_pages.payload import Payload

_COMPONENTS, _INCIDENTS = "/api/v2/components.json", "/api/v2/incidents.json"
_FEEDS = ("/feed.atom", "/feed.rss")
_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


def documents(base: str) -> tuple[DocumentSet, ...]:
    parts = urlsplit(base)
    if "/proxy/" in parts.path:
        return ((base,),)
    return document_sets(
        base,
        *((f"/proxy/{host}",) for host in dict.fromkeys((parts.hostname, parts.netloc.rpartition("@")[2]))),
        (_COMPONENTS, statuspage.SUMMARY),
        (_COMPONENTS, _INCIDENTS),
        (statuspage.SUMMARY,),
        ("/api/v1/summary",),
        *((feed,) for feed in _FEEDS),
        also=("/api/v2/status.json", "/history.atom", "/history.rss"),
    )


def looks_like(payload: Payload) -> bool:
    if is_xml(payload):
        return incidentio_feed.looks_like(read_feed(payload))
    document = payload.object()
    is_emulation = _ULID.fullmatch(text_in(object_in(document, "page"), "id")) is not None
    return is_emulation or incidentio_native.looks_like(document) or incidentio_widget.looks_like(document)


def parse(*payloads: Payload) -> PageStatus:
    if is_xml(payloads[0]):
        return incidentio_feed.parse(read_feed(payloads[0]))
    documents = [payload.object() for payload in payloads]
    if incidentio_native.looks_like(documents[0]) or incidentio_native.is_history(documents[0]):
        return incidentio_native.parse(documents[0])
    if incidentio_widget.looks_like(documents[0]):
        return incidentio_widget.parse(documents[0])
    return statuspage.read(documents)

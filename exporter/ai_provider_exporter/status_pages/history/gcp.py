"""The past of Google Cloud and its like: the list of incidents that the page itself is read from, a few weeks long."""

from __future__ import annotations

from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.formats import gcp
from ai_provider_exporter.status_pages.history.history import History, of_page
from ai_provider_exporter.status_pages.payload import Payload


def documents(base: str) -> tuple[DocumentSet, ...]:
    return gcp.documents(base)


def parse(*payloads: Payload) -> History:
    return of_page(gcp.parse(*payloads))

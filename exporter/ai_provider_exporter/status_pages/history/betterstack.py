"""The past of a Better Stack page: the reports that are still in the document that the page itself is read from.

Its resources have a status for each day, which says how long they were down and not when: that is no status at any
moment, and left out.
"""

from __future__ import annotations

from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.formats import betterstack
from ai_provider_exporter.status_pages.history.history import History, of_page
from ai_provider_exporter.status_pages.payload import Payload


def documents(base: str) -> tuple[DocumentSet, ...]:
    return betterstack.documents(base)


def parse(*payloads: Payload) -> History:
    return of_page(betterstack.parse(*payloads))

"""Rootly: `/api/v1/status.json`, in the words of Statuspage, without ids for the page and without components.

Described at https://docs.rootly.com/configuration/status-page-public-api (2026-11-22). Pages of AI providers stand
behind a bot challenge: reading one may fail as `challenged`, which says nothing about the provider.
"""

from __future__ import annotations

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.formats import statuspage
from ai_provider_exporter.status_pages.json_fields import dict_in, text_in
from ai_provider_exporter.status_pages.payload import Payload


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/api/v1/status.json",))


def looks_like(payload: Payload) -> bool:
    document = payload.object()
    page = dict_in(document, "page")
    is_named = bool(text_in(page, "name")) and bool(text_in(page, "url")) and "id" not in page
    return is_named and "indicator" in dict_in(document, "status") and isinstance(document.get("incidents"), list)


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    if "indicator" not in dict_in(document, "status"):
        raise PageFailure("malformed_response", "the document does not say how the page is")
    return statuspage.read([document])

"""StatusCast: the components of a page, flat in version 4 of its API and one within another in version 1.

Version 4 is described at https://statuscast.readme.io/reference (2026-11-22), version 1 as it was seen on public
pages. Incidents need a key. Many pages have both versions switched off.
"""

from __future__ import annotations

from collections.abc import Iterator

from ai_provider_exporter.model.observation import Component, PageStatus, Status
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import Row, dict_in, named, rows_in, section_in, text_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import STATUS, UnknownValues

_WORDS = {"Available", "DegradedPerformance", "Unavailable", "Maintenance"}
_STATUS: dict[str, Status] = {
    **STATUS,
    "available": Status.OPERATIONAL,
    "normal": Status.OPERATIONAL,
    "performanceissue": Status.DEGRADED_PERFORMANCE,
    "unavailable": Status.MAJOR_OUTAGE,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/api/v4/components",), ("/api/v1/components",))


def looks_like(payload: Payload) -> bool:
    document = payload.json()
    first = document[0] if isinstance(document, list) and document and isinstance(document[0], dict) else {}
    return text_in(first, "status") in _WORDS or {"normal", "statusCode"} <= dict_in(first, "state").keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    document = payloads[0].json()
    document = {"components": document} if isinstance(document, list) else payloads[0].object()
    rows = named(section_in(document, "components", unknown), unknown)
    names = {text_in(row, "id"): text_in(row, "name", "id") for row in rows}
    components = required(
        component for row in rows for component in _tree(row, names.get(text_in(row, "parentId"), ""), unknown)
    )
    return PageStatus(components=components, unknown_words=unknown.count)


def _tree(row: Row, group: str, unknown: UnknownValues) -> Iterator[Component]:
    """A component and those within it, each of which has a status of its own."""
    document, name = text_in(row, "id", "name"), text_in(row, "name", "id")
    word = row["status"] if "status" in row else dict_in(row, "state").get("status")
    yield Component(id=document, name=name, status=unknown.status(word, _STATUS), group=group)
    for child in named(rows_in(row, "children", unknown), unknown):
        yield from _tree(child, name, unknown)

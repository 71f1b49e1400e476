"""Google Cloud, Workspace and Firebase: `/incidents.json`, a list of the incidents of the last weeks.

Described at https://status.cloud.google.com/incidents.schema.json (2026-11-22). A product is listed only while it
is affected: each that an open incident names becomes a component, once for each location. An incident is over when
it has an `end`; some are written down only when they are over. There is no maintenance. Seen on public pages,
2026-07 to 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.assembly import all_operational, stage_in_text, worst_of_each
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    dicts_in,
    end_in,
    named,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues

_STATUS: dict[str, Status] = {
    "available": Status.OPERATIONAL,
    "serviceinformation": Status.OPERATIONAL,
    "servicedisruption": Status.PARTIAL_OUTAGE,
    "serviceoutage": Status.MAJOR_OUTAGE,
}
_IMPACT: dict[str, dict[str, Impact]] = {
    "serviceinformation": {"low": Impact.NONE, "medium": Impact.NONE, "high": Impact.NONE},
    "servicedisruption": {"low": Impact.MINOR, "medium": Impact.MAJOR, "high": Impact.MAJOR},
    "serviceoutage": {"low": Impact.MAJOR, "medium": Impact.MAJOR, "high": Impact.CRITICAL},
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/incidents.json",))


def looks_like(payload: Payload) -> bool:
    rows = payload.array()
    return bool(rows) and isinstance(rows[0], dict) and {"status_impact", "affected_products"} <= rows[0].keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    rows = named(payloads[0].rows(unknown), unknown, "id")
    if (rows or unknown.count) and not any("status_impact" in row for row in rows):
        raise PageFailure("malformed_response", "no incident in the list has a status_impact")
    incidents = tuple(_incident(row, payloads[0].url, unknown) for row in rows)
    still_on = (row for row, incident in zip(rows, incidents, strict=True) if incident.is_open)
    return PageStatus(
        indicator=all_operational(incidents, unknown),
        components=worst_of_each(_components(still_on, unknown)),
        incidents=incidents,
        unknown_words=unknown.count,
        lists_only_trouble=True,
    )


def _components(rows: Iterable[Row], unknown: UnknownValues) -> Iterator[Component]:
    for row in rows:
        status = unknown.status(_newest(row).get("status") or row.get("status_impact"), _STATUS)
        for product in named(dicts_in(row, "affected_products"), unknown, "id", "title"):
            for location in _locations(row) or ("",):
                yield Component(
                    id=text_in(product, "id", "title"), name=_product(product), status=status, region=location
                )


def _incident(row: Row, page_url: str, unknown: UnknownValues) -> Incident:
    begun = time_in(row, "begin", "created")
    ended = end_in(row, "end", begun=begun)
    status = IncidentStatus.RESOLVED if ended else _stage(row)
    return Incident(
        id=text_in(row, "id"),
        name=text_in(row, "external_desc", "service_name"),
        status=status,
        impact=_impact(row, UnknownValues() if status in OVER else unknown),
        started_at=begun,
        updated_at=parse_time(row.get("modified")),
        resolved_at=ended,
        url=urljoin(page_url, text_in(row, "uri")) if "://" in page_url else "",
        components=unique(_product(product) for product in dicts_in(row, "affected_products")),
        regions=_locations(row),
        updates=len(dicts_in(row, "updates")),
    )


def _impact(row: Row, unknown: UnknownValues) -> Impact:
    by_severity = unknown.word(row.get("status_impact"), _IMPACT, {})
    severity = row.get("severity") or "medium"
    return unknown.word(severity, by_severity, Impact.NONE) if by_severity else Impact.NONE


def _stage(row: Row) -> IncidentStatus:
    newest = _newest(row)
    return IncidentStatus.MONITORING if newest.get("status") == "AVAILABLE" else stage_in_text(text_in(newest, "text"))


def _newest(row: Row) -> Row:
    return dict_in(row, "most_recent_update") or next(iter(dicts_in(row, "updates")), {})


def _product(product: Row) -> str:
    """Products get new names and keep their ids."""
    return text_in(product, "current_title", "title", "id")


def _locations(row: Row) -> tuple[str, ...]:
    places = dicts_in(row, "currently_affected_locations") or dicts_in(_newest(row), "affected_locations")
    return unique(text_in(place, "id", "title") for place in places)

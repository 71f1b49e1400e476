"""Oracle Cloud: `/api/v2/status.json`, and what it has on every service of every region, `/api/v2/components.json`.

Described at https://docs.oracle.com/en-us/iaas/Content/General/Concepts/status-service.htm (2026-11-22). The second
has 1.7 MB. Of incidents there are only an id and how bad they are; the words have blanks there or have none.
"""

from __future__ import annotations

from collections.abc import Iterator

from ai_provider_exporter.model.observation import Component, Incident, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    merged,
    named,
    object_in,
    rows_in,
    section_in,
    text_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import INDICATOR, UnknownValues, impact_of

_STATUS_JSON, _COMPONENTS = "/api/v2/status.json", "/api/v2/components.json"
_STATUS: dict[str, Status] = {
    "normalperformance": Status.OPERATIONAL,
    "informational": Status.OPERATIONAL,
    "servicedisruption": Status.PARTIAL_OUTAGE,
    "servicedown": Status.MAJOR_OUTAGE,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, (_STATUS_JSON, _COMPONENTS), (_STATUS_JSON,))


def looks_like(payload: Payload) -> bool:
    document = payload.object()
    page = dict_in(document, "page")
    is_status = text_in(page, "name") == "OCI" and "indicator" in dict_in(document, "status")
    return is_status or "regionHealthReports" in document


def parse(*payloads: Payload) -> PageStatus:
    document = merged((payload.object() for payload in payloads), "status", "regionHealthReports")
    unknown = UnknownValues()
    reports = list(_reports(document, unknown))
    return PageStatus(
        page_name=text_in(object_in(document, "page"), "name"),
        indicator=_indicator(document, unknown),
        components=required(_component(*report, unknown) for report in reports)
        if "regionHealthReports" in document
        else (),
        incidents=tuple(_incidents(reports, unknown)),
        unknown_words=unknown.count,
    )


def _indicator(document: Row, unknown: UnknownValues) -> Status | None:
    return unknown.status(dict_in(document, "status").get("indicator"), INDICATOR) if "status" in document else None


def _reports(document: Row, unknown: UnknownValues) -> Iterator[tuple[Row, Row]]:
    """Each region with each of its services."""
    for region in section_in(document, "regionHealthReports", unknown):
        for service in named(rows_in(region, "serviceHealthReports", unknown), unknown, "serviceId", "serviceName"):
            yield region, service


def _place(region: Row) -> str:
    return text_in(region, "regionCanonicalName", "regionName", "regionId")


def _component(region: Row, service: Row, unknown: UnknownValues) -> Component:
    return Component(
        id=text_in(service, "serviceId", "serviceName"),
        name=text_in(service, "serviceName", "serviceId"),
        status=unknown.status(service.get("serviceStatus"), _STATUS),
        group=text_in(service, "serviceCategoryName"),
        region=_place(region),
    )


def _incidents(reports: list[tuple[Row, Row]], unknown: UnknownValues) -> Iterator[Incident]:
    """One for each id, with all the services and regions that name it."""
    touched: dict[str, list[tuple[Row, Row, Status]]] = {}
    for region, service in reports:
        for row in named(rows_in(service, "incidents", unknown), unknown, "incidentId"):
            weight = unknown.status(row.get("severity"), _STATUS)
            touched.setdefault(text_in(row, "incidentId"), []).append((region, service, weight))
    for incident_id, places in touched.items():
        services = unique(text_in(service, "serviceName") for _, service, _ in places)
        regions = unique(text_in(region, "regionName") for region, _, _ in places)
        yield Incident(
            id=incident_id,
            name=f"{', '.join(services)} in {', '.join(regions)}",
            status=IncidentStatus.INVESTIGATING,
            impact=impact_of(weight for _, _, weight in places),
            components=services,
            regions=unique(_place(region) for region, _, _ in places),
        )

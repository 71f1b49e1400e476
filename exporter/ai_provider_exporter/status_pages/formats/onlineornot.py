"""OnlineOrNot: its public API, which finds a page by the name of its host.

`https://api.onlineornot.com/v1/status_pages/HOST/summary`, described at https://onlineornot.com/docs/api
(2026-11-22). Only what is going on is listed, without a word for how far it got; of a maintenance only its times
tell. Seen for https://status.openrouter.ai, 2026-08.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.json_fields import Row, dict_in, named, object_in, section_in, text_in, time_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import STATUS, UnknownValues, impact_of

_API, _OWN = "api.onlineornot.com", ".onlineornot.com"
_DOCUMENT = re.compile(r"/v1/status_pages/[^/]+/summary")
_STATUS = {**STATUS, "noimpact": Status.OPERATIONAL, "allsystemsoperational": Status.OPERATIONAL}


def documents(base: str) -> tuple[DocumentSet, ...]:
    parts = urlsplit(base)
    host = parts.hostname or ""
    if host == _API or _DOCUMENT.fullmatch(parts.path):
        return ((base,),)
    return ((f"https://{_API}/v1/status_pages/{host.removesuffix(_OWN)}/summary",),)


def looks_like(payload: Payload) -> bool:
    result = dict_in(payload.object(), "result")
    return {"status_page", "active_incidents"} <= result.keys()


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    result = object_in(document, "result")
    if document.get("success") is not True or "components" not in result:
        raise PageFailure("malformed_response", "OnlineOrNot does not know this page, or its answer is another one")
    unknown = UnknownValues()
    page = object_in(result, "status_page")
    url = _url(page)
    incidents = named(section_in(result, "active_incidents", unknown), unknown, "id", "title")
    return PageStatus(
        page_id=text_in(page, "id"),
        page_name=text_in(page, "name"),
        page_url=url,
        indicator=unknown.status(page["status"], _STATUS) if page.get("status") is not None else None,
        components=required(
            _component(row, unknown) for row in named(section_in(result, "components", unknown), unknown)
        ),
        incidents=tuple(_incident(row, url, unknown) for row in incidents),
        maintenances=tuple(_maintenance(row) for row in section_in(result, "scheduled_maintenance", unknown)),
        unknown_words=unknown.count,
    )


def _url(page: Row) -> str:
    host, own = text_in(page, "custom_domain"), text_in(page, "subdomain")
    return f"https://{host}" if host else f"https://{own}{_OWN}" if own else ""


def _component(row: Row, unknown: UnknownValues) -> Component:
    status = unknown.status(row.get("status"), _STATUS)
    return Component(id=text_in(row, "id", "name"), name=text_in(row, "name", "id"), status=status)


def _incident(row: Row, page_url: str, unknown: UnknownValues) -> Incident:
    begun = time_in(row, "started", "created_at")
    return Incident(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=IncidentStatus.INVESTIGATING,
        impact=_impact(row, unknown),
        started_at=begun,
        updated_at=time_in(row, "updated_at") or begun,
        url=f"{page_url}/incidents/{text_in(row, 'id')}" if page_url else "",
    )


def _impact(row: Row, unknown: UnknownValues) -> Impact:
    """In the words for components; an open incident that says nothing weighs the least that is not nothing."""
    return impact_of([unknown.status(row["impact"], _STATUS)]) if row.get("impact") is not None else Impact.MINOR


def _maintenance(row: Row) -> Maintenance:
    return Maintenance(
        id=text_in(row, "id", "title"),
        name=text_in(row, "title"),
        status=MaintenanceStatus.UNKNOWN,
        starts_at=time_in(row, "started", "starts_at", "scheduled_for"),
        ends_at=time_in(row, "ended", "ends_at"),
    )

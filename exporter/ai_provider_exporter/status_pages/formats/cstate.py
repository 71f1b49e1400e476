"""cState: `/index.json`, which its site is built with whenever somebody writes or closes an issue.

Made by https://github.com/cstate/cstate, `layouts/index.json` (2026-11-22). It is built only then, so that it may
rightly be months old. Only issues that are open are listed, once under each system that they affect. They have a
severity and no word for how far they got. Times are written as Hugo does: `2026-02-03 18:00:00 +0000 UTC`.
"""

from __future__ import annotations

from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus, Status
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import Row, named, rows_in, section_in, text_in, unique
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import UnknownValues, impact_of, unstated_impact

_STATUS: dict[str, Status] = {
    "ok": Status.OPERATIONAL,
    "notice": Status.DEGRADED_PERFORMANCE,
    "disrupted": Status.PARTIAL_OUTAGE,
    "down": Status.MAJOR_OUTAGE,
}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/index.json",))


def looks_like(payload: Payload) -> bool:
    return {"cStateVersion", "summaryStatus"} <= payload.object().keys()


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    unknown = UnknownValues()
    systems = required(named(section_in(document, "systems", unknown), unknown, "name"))
    issues = [issue for system in systems for issue in rows_in(system, "unresolvedIssues", unknown)]
    by_id = {_id(issue): issue for issue in named(issues, unknown, "filename", "permalink", "title")}
    site = text_in(document, "baseURL").rstrip("/")
    return PageStatus(
        page_name=text_in(document, "title"),
        page_url=site if "://" in site else "",
        indicator=unknown.status(document.get("summaryStatus"), _STATUS),
        components=tuple(_component(system, unknown) for system in systems),
        incidents=tuple(_incident(issue, unknown) for issue in by_id.values()),
        unknown_words=unknown.count,
    )


def _component(system: Row, unknown: UnknownValues) -> Component:
    name = text_in(system, "name")
    status = unknown.status(system.get("status"), _STATUS)
    return Component(id=name, name=name, status=status, group=text_in(system, "category"))


def _incident(issue: Row, unknown: UnknownValues) -> Incident:
    is_over = issue.get("resolved") is True
    affected = issue.get("affected")
    return Incident(
        id=_id(issue),
        name=text_in(issue, "title", "permalink"),
        status=IncidentStatus.RESOLVED if is_over else IncidentStatus.INVESTIGATING,
        impact=_impact(issue, UnknownValues() if is_over else unknown),
        started_at=_time(issue, "createdAt"),
        updated_at=_time(issue, "lastMod"),
        resolved_at=_time(issue, "resolvedAt") if is_over else None,
        url=text_in(issue, "permalink"),
        components=unique(map(label_text, affected)) if isinstance(affected, list) else (),
    )


def _impact(issue: Row, unknown: UnknownValues) -> Impact:
    if issue.get("informational") is True:
        return Impact.NONE
    return impact_of([unknown.status(issue["severity"], _STATUS)]) if issue.get("severity") else unstated_impact(())


def _time(issue: Row, key: str) -> float | None:
    """Without the name of the zone, of which Python knows few."""
    return parse_time(" ".join(text_in(issue, key).split()[:3]))


def _id(issue: Row) -> str:
    """An issue is a file; its title may change."""
    return text_in(issue, "filename", "permalink", "title")

"""The past of an incident.io page: `/proxy/<host>/incidents`, with every update and every component impact.

Not documented; seen on public pages, 2026-03 to 2026-09. Names and groups of components are in the page itself. The
emulation of Statuspage has the 25 newest incidents, and no impacts on components.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ai_provider_exporter.model.observation import PageStatus, Status
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.formats import incidentio, incidentio_native
from ai_provider_exporter.status_pages.history import statuspage
from ai_provider_exporter.status_pages.history.history import History, PastIncident, StatusPeriod, of_page, stages_of
from ai_provider_exporter.status_pages.json_fields import dicts_in, text_in, time_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import split_url
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

Row = Mapping[str, Any]


def documents(base: str) -> tuple[DocumentSet, ...]:
    host = split_url(base).hostname
    pages = [urls[0] for urls in incidentio.documents(base) if "/proxy/" in urls[0]]
    native = tuple((f"{page}/incidents", page) for page in pages or [f"{base.rstrip('/')}/proxy/{host}"])
    return (*native, *document_sets(base, ("/api/v2/incidents.json",)))


def parse(*payloads: Payload) -> History:
    history = payloads[0].object()
    if not incidentio_native.is_history(history):
        return _of_the_emulation(*payloads)
    rows = dicts_in(history, "incidents")
    page = incidentio.parse(*payloads[1:]) if payloads[1:] else PageStatus()
    past = _named(incidentio.parse(payloads[0]), page, rows)
    by_id = {text_in(row, "id", "name"): row for row in rows}
    past_incidents = tuple(PastIncident(incident=i, stages=stages_of(_stages(by_id[i.id]))) for i in past.incidents)
    periods = tuple(period for row in rows for period in _periods(row))
    touched = {period.component_id for period in periods}
    components = tuple(component for component in page.components if component.id in touched)
    return replace(of_page(past, past_incidents), components=components, periods=periods)


def _of_the_emulation(*payloads: Payload) -> History:
    """Complete since the oldest incident that it lists: it lists fewer than Statuspage."""
    history = statuspage.parse(*payloads)
    return replace(history, since=of_page(PageStatus(), history.past_incidents).since)


def _named(past: PageStatus, page: PageStatus, rows: list[dict[str, Any]]) -> PageStatus:
    """The history knows components by id only, and not where the page is."""
    names = {component.id: component.name for component in page.components}
    ids = {text_in(row, "id", "name") for row in rows}
    return replace(
        past,
        incidents=tuple(
            replace(
                incident,
                components=tuple(names.get(name, name) for name in incident.components),
                url=incident.url or (f"{page.page_url}/incidents/{incident.id}" if page.page_url else ""),
            )
            for incident in past.incidents
            if incident.id in ids
        ),
    )


def _stages(row: Row) -> Iterator[tuple[float | None, Any]]:
    for update in dicts_in(row, "updates"):
        yield time_in(update, "published_at"), UnknownValues().incident(update.get("to_status"))


def _periods(row: Row) -> Iterator[StatusPeriod]:
    for impact in dicts_in(row, "component_impacts"):
        begins, ends = time_in(impact, "start_at"), time_in(impact, "end_at")
        status = UnknownValues().status(impact.get("status"))
        if begins is not None and status is not Status.OPERATIONAL and (ends is None or ends > begins):
            yield StatusPeriod(component_id=text_in(impact, "component_id"), status=status, begins=begins, ends=ends)

"""Better Stack, once Better Uptime: `/index.json`, a JSON:API document of everything that the page shows.

Described at https://betterstack.com/docs/uptime/status-pages/subscribing-to-status-updates/subscribing-to-api
(2026-11-22). A report has no word for how far it got, and its `ends_at` stays empty after it is resolved: only
`aggregate_state` tells. A maintenance has begun once what it touches is in maintenance; else its times must do. Ids
are text here and numbers there. Seen on public pages, 2026-05 to 2026-10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ai_provider_exporter.model.observation import (
    Component,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import (
    Row,
    dict_in,
    dicts_in,
    named,
    object_in,
    ratio,
    rows_in,
    section_in,
    text_in,
    time_in,
    unique,
)
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import OVER, STATUS, UnknownValues, plain, unstated_impact

_STATE = {**STATUS, "downtime": Status.MAJOR_OUTAGE}
_REPORT = {**_STATE, "resolved": Status.OPERATIONAL}
_NOT_WATCHED = "notmonitored"
_TYPES = {"status_page_section", "status_page_resource", "status_report", "status_update"}


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, ("/index.json",))


def looks_like(payload: Payload) -> bool:
    return dict_in(payload.object(), "data").get("type") == "status_page"


def parse(*payloads: Payload) -> PageStatus:
    document = payloads[0].object()
    unknown = UnknownValues()
    page = object_in(document, "data")
    about = object_in(page, "attributes")
    reading = _Reading(section_in(document, "included", unknown), _url(about), unknown)
    reports = reading.of("status_report")
    return PageStatus(
        page_id=text_in(page, "id"),
        page_name=text_in(about, "company_name"),
        page_url=reading.page_url,
        indicator=unknown.status(about.get("aggregate_state"), _STATE),
        components=reading.components,
        incidents=tuple(_incident(row, reading) for row in reports if not _is_work(row)),
        maintenances=tuple(_maintenance(row, reading) for row in reports if _is_work(row)),
        unknown_words=unknown.count,
    )


def _url(about: Row) -> str:
    """Where it says that it is; a page without a domain of its own is at more than one."""
    host = text_in(about, "custom_domain")
    return f"https://{host}" if host else ""


class _Reading:
    """What rows need to know of the rest of the page."""

    def __init__(self, included: Iterable[Row], page_url: str, unknown: UnknownValues) -> None:
        self.page_url, self.unknown = page_url, unknown
        self._rows = named(included, unknown, "id")
        unknown.count += sum(map(_is_strange, self._rows))
        resources = required(self.of("status_page_resource"))
        self.names = {_id(row): text_in(_about(row), "public_name") or _id(row) for row in resources}
        self.update_times = {_id(row): time_in(_about(row), "published_at") for row in self.of("status_update")}
        self._sections = {_id(row): text_in(_about(row), "name") for row in self.of("status_page_section")}
        watched = [row for row in resources if plain(text_in(_about(row), "status")) != _NOT_WATCHED]
        self.components = tuple(self._component(row) for row in watched)

    def of(self, kind: str) -> list[Row]:
        return [row for row in self._rows if row.get("type") == kind]

    def _component(self, row: Row) -> Component:
        about = _about(row)
        return Component(
            id=_id(row),
            name=self.names[_id(row)],
            status=self.unknown.status(about.get("status"), _STATE),
            group=self._sections.get(text_in(about, "status_page_section_id"), ""),
            uptime=_uptime(about),
        )

    def touched(self, about: Row) -> tuple[str, ...]:
        """The ids of what a report is about."""
        return unique(text_in(part, "status_page_resource_id") for part in dicts_in(about, "affected_resources"))

    def has_begun(self, about: Row) -> bool:
        touched = self.touched(about)
        mine = (component for component in self.components if not touched or component.id in touched)
        return any(component.status is Status.UNDER_MAINTENANCE for component in mine)


def _id(row: Row) -> str:
    return text_in(row, "id")


def _about(row: Row) -> dict[str, Any]:
    return dict_in(row, "attributes")


def _is_strange(row: Row) -> bool:
    """Something that we do not know has a state: it may be a bad one."""
    return text_in(row, "type") not in _TYPES and not {"status", "aggregate_state"}.isdisjoint(_about(row))


def _is_work(row: Row) -> bool:
    return _about(row).get("report_type") == "maintenance"


def _uptime(about: Row) -> Mapping[str, float]:
    """Over the days that the page shows, which its owner chooses."""
    days, share = len(dicts_in(about, "status_history")), ratio(about.get("availability"))
    return {f"{days}d": share} if days and share is not None else {}


def _incident(row: Row, reading: _Reading) -> Incident:
    about = _about(row)
    state = reading.unknown.status(about.get("aggregate_state"), _REPORT)
    status = IncidentStatus.RESOLVED if state is Status.OPERATIONAL else IncidentStatus.INVESTIGATING
    is_over = status in OVER
    update_times = _updates(row, reading)
    return Incident(
        id=_id(row),
        name=text_in(about, "title"),
        status=status,
        impact=unstated_impact([state, *_weights(about, UnknownValues() if is_over else reading.unknown)]),
        started_at=parse_time(about.get("starts_at")),
        updated_at=max(update_times, default=parse_time(about.get("starts_at"))),
        resolved_at=(time_in(about, "ends_at") or max(update_times, default=None)) if is_over else None,
        url=f"{reading.page_url}/incident/{_id(row)}" if reading.page_url else "",
        components=tuple(reading.names.get(touched, touched) for touched in reading.touched(about)),
        updates=len(update_times),
    )


def _weights(about: Row, unknown: UnknownValues) -> list[Status]:
    return [unknown.status(part.get("status"), _REPORT) for part in rows_in(about, "affected_resources", unknown)]


def _updates(row: Row, reading: _Reading) -> list[float]:
    """When each of the updates of a report was published."""
    listed = dicts_in(dict_in(dict_in(row, "relationships"), "status_updates"), "data")
    return [moment for update in listed if (moment := reading.update_times.get(_id(update))) is not None]


def _maintenance(row: Row, reading: _Reading) -> Maintenance:
    about = _about(row)
    return Maintenance(
        id=_id(row),
        name=text_in(about, "title"),
        status=_progress(about, reading),
        starts_at=parse_time(about.get("starts_at")),
        ends_at=parse_time(about.get("ends_at")),
        url=f"{reading.page_url}/maintenance/{_id(row)}" if reading.page_url else "",
        components=tuple(reading.names.get(touched, touched) for touched in reading.touched(about)),
    )


def _progress(about: Row, reading: _Reading) -> MaintenanceStatus:
    """UNKNOWN, and not counted as such, where only its times say."""
    if reading.unknown.status(about.get("aggregate_state"), _REPORT) is Status.OPERATIONAL:
        return MaintenanceStatus.COMPLETED
    return MaintenanceStatus.IN_PROGRESS if reading.has_begun(about) else MaintenanceStatus.UNKNOWN

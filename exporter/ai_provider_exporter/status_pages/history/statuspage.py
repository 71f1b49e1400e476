"""The past of an Atlassian Statuspage: its 50 newest incidents, with every update and what it did to components.

https://confluence.status.atlassian.com/api (2026-11-22). A component's status can be changed without an incident: of
that nothing is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from ai_provider_exporter.model.observation import Component, Status
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.formats import statuspage
from ai_provider_exporter.status_pages.history.history import History, PastIncident, StatusPeriod, of_page, stages_of
from ai_provider_exporter.status_pages.json_fields import dicts_in, text_in, time_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

Row = Mapping[str, Any]

MAX_INCIDENTS = 50  # incidents; a list that is shorter is all there ever were
_INCIDENTS, _WORKS = "/api/v2/incidents.json", "/api/v2/scheduled-maintenances.json"


def documents(base: str) -> tuple[DocumentSet, ...]:
    return document_sets(base, (_INCIDENTS, statuspage.SUMMARY, _WORKS), (_INCIDENTS,))


def parse(*payloads: Payload) -> History:
    documents = [payload.object() for payload in payloads]
    page = statuspage.read(documents)
    rows = {text_in(row, "id", "name"): row for row in dicts_in(documents[0], "incidents")}
    past_incidents = tuple(
        PastIncident(incident=incident, stages=stages_of(_stages(rows[incident.id]))) for incident in page.incidents
    )
    periods = tuple(period for past in past_incidents for period in _periods(past, rows[past.incident.id]))
    complete = of_page(page, past_incidents)
    return replace(
        complete,
        components=_components(periods, page.components, rows.values()),
        periods=periods,
        since=complete.since if len(rows) >= MAX_INCIDENTS else 0.0,
    )


def _stages(row: Row) -> Iterator[tuple[float | None, Any]]:
    for update in dicts_in(row, "incident_updates"):
        yield time_in(update, "display_at", "created_at"), UnknownValues().incident(update.get("status"))


def _periods(past: PastIncident, row: Row) -> Iterator[StatusPeriod]:
    """From each word on a component until the next in the same incident, or its end."""
    changes: dict[str, list[tuple[float, Status]]] = {}
    for at, touched in sorted(_touched(row), key=lambda word: word[0]):
        changes.setdefault(text_in(touched, "code", "name"), []).append(
            (at, UnknownValues().status(touched.get("new_status")))
        )
    for component_id, marks in changes.items():
        for (begins, status), following in zip_longest(marks, marks[1:]):
            ends = following[0] if following else past.ends_at
            if status is not Status.OPERATIONAL and (ends is None or ends > begins):
                yield StatusPeriod(component_id=component_id, status=status, begins=begins, ends=ends)


def _touched(row: Row) -> Iterator[tuple[float, Row]]:
    """What its updates say of components, and when."""
    for update in dicts_in(row, "incident_updates"):
        at = time_in(update, "display_at", "created_at")
        for touched in dicts_in(update, "affected_components") if at is not None else ():
            yield at or 0.0, touched


def _components(
    periods: Iterable[StatusPeriod], listed: Iterable[Component], rows: Iterable[Row]
) -> tuple[Component, ...]:
    """Those that were ever in trouble, as the page lists them today; else as the updates called them."""
    incident = {component.id: component for component in listed}
    called = {
        text_in(touched, "code", "name"): text_in(touched, "name") for row in rows for _, touched in _touched(row)
    }
    ids = dict.fromkeys(period.component_id for period in periods)
    return tuple(incident.get(id_) or Component(id=id_, name=called[id_], status=Status.UNKNOWN) for id_ in ids)

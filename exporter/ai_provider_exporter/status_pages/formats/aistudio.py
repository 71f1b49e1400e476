"""Google AI Studio and the Gemini API: the answer of `ListIncidentsHistory`, from which its status page is drawn.

Only a saved answer can be read: it is given to a POST alone, with a key that stands in the page's HTML, and no page
is read in that way here. The answer has lists where others have names: an entry is its id, title, severity, updates,
a number and the numbers of its components; an update is its type, its time for display, its time, and text. Newest
entries come first, oldest updates. Some entries were never closed. Seen at https://aistudio.google.com/status, 2026-04.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ai_provider_exporter.model.observation import Component, Impact, Incident, IncidentStatus, PageStatus
from ai_provider_exporter.status_pages.assembly import all_operational, worst_of_each
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.json_fields import unique
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import label_text
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.vocabulary import OVER, UnknownValues

_STAGE: dict[str, IncidentStatus] = {
    "1": IncidentStatus.INVESTIGATING,
    "2": IncidentStatus.IDENTIFIED,
    "3": IncidentStatus.MONITORING,
    "4": IncidentStatus.RESOLVED,
    "5": IncidentStatus.MONITORING,  # mitigated
}
_IMPACT: dict[str, Impact] = {"0": Impact.NONE, "1": Impact.MINOR, "2": Impact.MAJOR}
_COMPONENTS = {"1": "Gemini API", "2": "Multimodal Live API", "3": "AI Studio"}
_WEEK = 7 * 86400.0

_List = list[Any]


def documents(base: str) -> tuple[DocumentSet, ...]:
    return ((base,),)


def looks_like(payload: Payload) -> bool:
    entries = _listed(_first(_first(payload.array())))
    return any(isinstance(_at(entry, 0), str) and isinstance(_at(entry, 3), list) for entry in entries)


def parse(*payloads: Payload) -> PageStatus:
    if payloads[0].text().lstrip().startswith("<"):
        raise PageFailure(
            "unexpected_content_type", "this page gives its data to a POST alone; save the answer, and read the file"
        )
    unknown = UnknownValues()
    entries = _entries(payloads[0], unknown)
    incidents = tuple(_incident(entry, unknown) for entry in entries)
    return PageStatus(
        indicator=all_operational(incidents, unknown),
        components=worst_of_each(_components(incidents)),
        incidents=incidents,
        unknown_words=unknown.count,
        lists_only_trouble=True,
        forgets_after=_WEEK,
    )


def _entries(payload: Payload, unknown: UnknownValues) -> list[_List]:
    """Those that have an id; there are always some."""
    listed = _first(_first(payload.array()))
    if not isinstance(listed, list) or not listed:
        raise PageFailure("malformed_response", "the document holds no list of incidents")
    entries = [entry for entry in listed if label_text(_at(entry, 0))]
    unknown.count += len(listed) - len(entries)
    return entries


def _incident(entry: _List, unknown: UnknownValues) -> Incident:
    listed = _listed(_at(entry, 3))
    updates = [update for update in listed if isinstance(update, list)]
    unknown.count += len(listed) - len(updates)
    moments = [moment for update in updates if (moment := _written_at(update)) is not None]
    status = unknown.incident(label_text(_at(updates[-1], 0)) if updates else "", _STAGE)
    is_over = status in OVER
    return Incident(
        id=label_text(_at(entry, 0)),
        name=label_text(_at(entry, 1)),
        status=status,
        impact=(UnknownValues() if is_over else unknown).impact(label_text(_at(entry, 2)), _IMPACT),
        started_at=min(moments, default=None),
        updated_at=max(moments, default=None),
        resolved_at=max(moments, default=None) if is_over else None,
        url="https://aistudio.google.com/status",
        components=unique(_COMPONENTS.get(label_text(number), label_text(number)) for number in _listed(_at(entry, 5))),
        updates=len(updates),
    )


def _components(incidents: tuple[Incident, ...]) -> Iterator[Component]:
    for incident in incidents:
        for name in incident.components if incident.is_open else ():
            yield Component(id=name, name=name, status=incident.impact.status)


def _written_at(update: _List) -> float | None:
    return parse_time(_first(_at(update, 2)))


def _at(row: Any, place: int) -> Any:
    return row[place] if isinstance(row, list) and len(row) > place else None


def _first(row: Any) -> Any:
    return _at(row, 0)


def _listed(value: Any) -> _List:
    return value if isinstance(value, list) else []

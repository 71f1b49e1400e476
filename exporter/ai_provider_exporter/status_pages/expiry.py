"""What only the clock can tell of a page: which incidents nobody will ever close, and where a maintenance stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ai_provider_exporter.model.observation import Incident, IncidentStatus, Maintenance, MaintenanceStatus, PageStatus

DAY = 86400.0  # seconds for which a maintenance without an end is on, if its page still calls it scheduled

_NOT_BEGUN = {MaintenanceStatus.SCHEDULED, MaintenanceStatus.UNKNOWN}


def as_of(page: PageStatus, now: float) -> PageStatus:
    """The page at `now`, Unix seconds.

    Where the format forgets, open incidents without news for that long are left out, and with them what was not
    understood of them. A maintenance that has not begun by the page's word is where its own times put it: on many
    pages nobody moves that word on.
    """
    forgotten = [incident for incident in page.incidents if _is_forgotten(incident, page.forgets_after, now)]
    works = tuple(_placed(work, now) for work in page.maintenances)
    return replace(_without(page, forgotten, now) if forgotten else page, maintenances=works)


def _is_forgotten(incident: Incident, after: float | None, now: float) -> bool:
    updated_at = incident.updated_at or incident.started_at
    return after is not None and incident.is_open and updated_at is not None and now - updated_at > after


def _without(page: PageStatus, forgotten: list[Incident], now: float) -> PageStatus:
    """By what is forgotten of it, never by an id: another incident may bear the same."""
    remaining = tuple(i for i in page.incidents if not _is_forgotten(i, page.forgets_after, now))
    unclear = sum(incident.status is IncidentStatus.UNKNOWN for incident in forgotten)
    gone = _names(forgotten) - _names(incident for incident in remaining if incident.is_open)
    return replace(
        page,
        components=tuple(component for component in page.components if component.name not in gone),
        incidents=remaining,
        unknown_words=max(0, page.unknown_words - unclear),
    )


def _names(incidents: Iterable[Incident]) -> set[str]:
    return {name for incident in incidents for name in incident.components}


def _placed(work: Maintenance, now: float) -> Maintenance:
    if work.status not in _NOT_BEGUN or work.starts_at is None:
        return work
    if now < work.starts_at:
        return replace(work, status=MaintenanceStatus.SCHEDULED)
    return replace(work, status=MaintenanceStatus.COMPLETED if _is_over(work, now) else MaintenanceStatus.IN_PROGRESS)


def _is_over(work: Maintenance, now: float) -> bool:
    if work.ends_at is not None:
        return now >= work.ends_at
    return work.status is MaintenanceStatus.SCHEDULED and work.starts_at is not None and now - work.starts_at > DAY

"""What only the clock can tell of a page: which notices nobody will ever close, and where a maintenance stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ai_provider_exporter.model.observation import Incident, IncidentStatus, Maintenance, MaintenanceStatus, PageStatus


def as_of(page: PageStatus, now: float) -> PageStatus:
    """The page at `now`, Unix seconds.

    Where the format forgets, open incidents without news for that long are left out, and with them what was not
    understood of them. A maintenance of which the page does not say how it stands is where its own times put it.
    """
    forgotten = [incident for incident in page.incidents if _is_forgotten(incident, page.forgets_after, now)]
    works = tuple(_placed(work, now) for work in page.maintenances)
    return replace(_without(page, forgotten) if forgotten else page, maintenances=works)


def _is_forgotten(incident: Incident, after: float | None, now: float) -> bool:
    updated_at = incident.updated_at or incident.started_at
    return after is not None and incident.is_open and updated_at is not None and now - updated_at > after


def _without(page: PageStatus, forgotten: list[Incident]) -> PageStatus:
    ids = {incident.id for incident in forgotten}
    remaining = tuple(incident for incident in page.incidents if incident.id not in ids)
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
    if work.status is not MaintenanceStatus.UNKNOWN or work.starts_at is None:
        return work
    if now < work.starts_at:
        return replace(work, status=MaintenanceStatus.SCHEDULED)
    is_over = work.ends_at is not None and now >= work.ends_at
    return replace(work, status=MaintenanceStatus.COMPLETED if is_over else MaintenanceStatus.IN_PROGRESS)

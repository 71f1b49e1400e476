"""The past of a page as it tells it today, and what the page must have said at any moment of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from ai_provider_exporter.model.observation import (
    Component,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
    Status,
)
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import OVER

Stage = tuple[float, IncidentStatus]
"""From when on an incident stood how; Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastIncident:
    """One incident as it ended up, and its stages, oldest first, as far as they are published."""

    incident: Incident
    stages: tuple[Stage, ...] = ()

    @property
    def ends_at(self) -> float | None:
        """None while it is open; if nobody says since when it is over, the last word on it was the end."""
        incident = self.incident
        if incident.is_open:
            return None
        return incident.resolved_at or incident.updated_at or incident.started_at

    def at(self, moment: float) -> Incident | None:
        """The incident as it stood at `moment`; None if it was not open."""
        begun, ends_at = self.incident.started_at, self.ends_at
        if begun is None or moment < begun or (ends_at is not None and moment >= ends_at):
            return None
        stages = [stage for stage in self.stages if stage[0] <= moment]
        updated_at, status = stages[-1] if stages else (begun, IncidentStatus.INVESTIGATING)
        if status in OVER:
            return None
        return replace(self.incident, status=status, updated_at=updated_at, resolved_at=None, updates=len(stages))

    @property
    def changes(self) -> Iterator[float]:
        """When it became another one."""
        yield from (moment for moment in (self.incident.started_at, self.ends_at) if moment is not None)
        yield from (at for at, _ in self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPeriod:
    """How a component was from `begins` until `ends`, Unix seconds; None is until today."""

    component_id: str
    status: Status
    begins: float
    ends: float | None = None

    def covers(self, moment: float) -> bool:
        return self.begins <= moment and (self.ends is None or moment < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a page publishes of its past.

    `components` are those of which the history speaks; outside their `spells` they were operational, as far as it
    tells. `since` is from when on it is complete, Unix seconds; 0 is always.
    """

    components: tuple[Component, ...] = ()
    periods: tuple[StatusPeriod, ...] = ()
    past_incidents: tuple[PastIncident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    since: float = 0.0

    def page_at(self, moment: float) -> PageStatus:
        """What the page must have said; its indicator is lost, for no page publishes that of the past."""
        return PageStatus(
            components=tuple(replace(c, status=self._status(c, moment), uptime={}) for c in self.components),
            incidents=tuple(incident for past in self.past_incidents if (incident := past.at(moment)) is not None),
            maintenances=tuple(self._works(moment)),
            lists_only_trouble=True,
        )

    @property
    def changes(self) -> set[float]:
        """Every moment at which the page said something new."""
        periods = (moment for period in self.periods for moment in (period.begins, period.ends) if moment is not None)
        works = (
            moment for work in self.maintenances for moment in (work.starts_at, work.ends_at) if moment is not None
        )
        return {*periods, *works, *(moment for past in self.past_incidents for moment in past.changes)}

    def _status(self, component: Component, moment: float) -> Status:
        """The worst that is known; only what is not understood makes it unknown."""
        statuses = {s.status for s in self.periods if s.component_id == component.id and s.covers(moment)}
        worst = max(statuses, default=Status.OPERATIONAL)
        return Status.UNKNOWN if worst <= Status.OPERATIONAL and Status.UNKNOWN in statuses else worst

    def _works(self, moment: float) -> Iterator[Maintenance]:
        for work in self.maintenances:
            if work.starts_at is not None and work.ends_at is not None and work.starts_at <= moment < work.ends_at:
                yield replace(work, status=MaintenanceStatus.IN_PROGRESS)


class Past(Protocol):
    def documents(self, base: str) -> tuple[DocumentSet, ...]:
        """What the history of the page at `base` can be read from, best first."""

    def parse(self, *payloads: Payload) -> History:
        """Raises PageFailure for what is not the history of a page of this format. Pure."""


def stages_of(updates: Iterable[tuple[float | None, IncidentStatus]]) -> tuple[Stage, ...]:
    """In order of time, without those of which nobody says when."""
    timed = [(at, status) for at, status in updates if at is not None]
    return tuple(sorted(timed, key=lambda stage: stage[0]))


def of_page(page: PageStatus, past_incidents: tuple[PastIncident, ...] = ()) -> History:
    """The history that a page's own incidents are, complete since the first of them that it still shows."""
    listed = past_incidents or tuple(PastIncident(incident=incident) for incident in page.incidents)
    begun = [past.incident.started_at for past in listed if past.incident.started_at is not None]
    return History(past_incidents=listed, maintenances=page.maintenances, since=min(begun, default=float("inf")))

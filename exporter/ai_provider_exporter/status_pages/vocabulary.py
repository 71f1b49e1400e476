"""The words of status pages and what they mean; what we do not understand is counted, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ai_provider_exporter.model.observation import Impact, IncidentStatus, MaintenanceStatus, Status

T = TypeVar("T")

STATUS: dict[str, Status] = {
    "operational": Status.OPERATIONAL,
    "undermaintenance": Status.UNDER_MAINTENANCE,
    "maintenance": Status.UNDER_MAINTENANCE,
    "degradedperformance": Status.DEGRADED_PERFORMANCE,
    "degraded": Status.DEGRADED_PERFORMANCE,
    "partialoutage": Status.PARTIAL_OUTAGE,
    "majoroutage": Status.MAJOR_OUTAGE,
    "fulloutage": Status.MAJOR_OUTAGE,
}
INDICATOR: dict[str, Status] = {
    "none": Status.OPERATIONAL,
    "maintenance": Status.UNDER_MAINTENANCE,
    "minor": Status.DEGRADED_PERFORMANCE,
    "major": Status.PARTIAL_OUTAGE,
    "critical": Status.MAJOR_OUTAGE,
}
IMPACT: dict[str, Impact] = {
    "none": Impact.NONE,
    "maintenance": Impact.NONE,
    "minor": Impact.MINOR,
    "major": Impact.MAJOR,
    "critical": Impact.CRITICAL,
}
INCIDENT: dict[str, IncidentStatus] = {
    "investigating": IncidentStatus.INVESTIGATING,
    "identified": IncidentStatus.IDENTIFIED,
    "monitoring": IncidentStatus.MONITORING,
    "resolved": IncidentStatus.RESOLVED,
    "postmortem": IncidentStatus.POSTMORTEM,
}
MAINTENANCE: dict[str, MaintenanceStatus] = {
    "scheduled": MaintenanceStatus.SCHEDULED,
    "inprogress": MaintenanceStatus.IN_PROGRESS,
    "verifying": MaintenanceStatus.VERIFYING,
    "completed": MaintenanceStatus.COMPLETED,
    # incident.io, in its own documents, its emulation of Statuspage and its feeds
    "maintenancescheduled": MaintenanceStatus.SCHEDULED,
    "maintenanceinprogress": MaintenanceStatus.IN_PROGRESS,
    "maintenanceverifying": MaintenanceStatus.VERIFYING,
    "maintenancecomplete": MaintenanceStatus.COMPLETED,
    "maintenancecompleted": MaintenanceStatus.COMPLETED,
}
OVER = frozenset({IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM})

_IMPACT_OF_STATUS: dict[Status, Impact] = {
    Status.DEGRADED_PERFORMANCE: Impact.MINOR,
    Status.PARTIAL_OUTAGE: Impact.MAJOR,
    Status.MAJOR_OUTAGE: Impact.CRITICAL,
}
_IGNORED = str.maketrans("", "", "_- ")


def plain(word: str) -> str:
    """The spelling that tables have as keys: `Partial Outage`, `partial_outage`, `PARTIAL-OUTAGE` are one."""
    return word.lower().translate(_IGNORED)


def impact_of(statuses: Iterable[Status]) -> Impact:
    """What an incident weighs that touches components of these statuses."""
    return _IMPACT_OF_STATUS.get(max(statuses, default=Status.OPERATIONAL), Impact.NONE)


def unstated_impact(statuses: Iterable[Status]) -> Impact:
    """The same where nothing else says what it weighs: `minor` at least, the least that is not nothing."""
    impact = impact_of(statuses)
    return Impact.MINOR if impact is Impact.NONE else impact


class UnknownValues:
    """Counts, for one payload, what it says about the present that we do not understand.

    A page with unknown values never reads as operational; see `PageStatus.status`.
    """

    def __init__(self) -> None:
        self.count = 0

    def word(self, word: Any, table: Mapping[str, T], default: T) -> T:
        """Look `word` up in `table`, whose keys are `plain`; anything else is counted and means `default`."""
        value = table.get(plain(word)) if isinstance(word, str) else None
        if value is None:
            self.count += 1
            return default
        return value

    def status(self, word: Any, table: Mapping[str, Status] = STATUS) -> Status:
        return self.word(word, table, Status.UNKNOWN)

    def impact(self, word: Any, table: Mapping[str, Impact] = IMPACT) -> Impact:
        return self.word(word, table, Impact.NONE)

    def incident(self, word: Any, table: Mapping[str, IncidentStatus] = INCIDENT) -> IncidentStatus:
        return self.word(word, table, IncidentStatus.UNKNOWN)

    def maintenance(self, word: Any, table: Mapping[str, MaintenanceStatus] = MAINTENANCE) -> MaintenanceStatus:
        return self.word(word, table, MaintenanceStatus.UNKNOWN)

    def status_of(self, status: Any, newest: Any) -> IncidentStatus:
        """How an incident stands by the words for itself and for its newest update, None if it has none.

        It is over only if neither says otherwise: incidents have been reopened by an update.
        """
        own = self.incident(status)
        if own not in OVER or newest is None:
            return own
        latest = self.incident(newest)
        return own if latest in OVER or latest is IncidentStatus.UNKNOWN else latest

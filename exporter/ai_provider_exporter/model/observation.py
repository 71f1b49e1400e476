"""The model: what one run of a probe or one read of a page has shown. Frozen, and standard library only.

Durations are seconds on the monotonic clock; times are Unix seconds; what was not measured is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, Literal, Self

from ai_provider_exporter.model.measurement import Measured, Measurement, Model, RateLimit
from ai_provider_exporter.model.reasons import OK, Fault, Ownership, fault_of


class Status(IntEnum):
    """Of a component or a page, worst last; UNKNOWN stands apart and is never ranked as up."""

    UNKNOWN = -1
    OPERATIONAL = 0
    UNDER_MAINTENANCE = 1
    DEGRADED_PERFORMANCE = 2
    PARTIAL_OUTAGE = 3
    MAJOR_OUTAGE = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Impact(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def status(self) -> Status:
        """What an open incident of this impact counts as; NONE says nothing by itself."""
        return _STATUS_OF_IMPACT[self]


_STATUS_OF_IMPACT: dict[Impact, Status] = {
    Impact.NONE: Status.OPERATIONAL,
    Impact.MINOR: Status.DEGRADED_PERFORMANCE,
    Impact.MAJOR: Status.PARTIAL_OUTAGE,
    Impact.CRITICAL: Status.MAJOR_OUTAGE,
}


class IncidentStatus(StrEnum):
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"
    UNKNOWN = "unknown"


class MaintenanceStatus(StrEnum):
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    UNKNOWN = "unknown"


# --- probes -----------------------------------------------------------------------------------------------


Place = tuple[str, str]
"""A provider, and a location that it is probed from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeId:
    """What a probe is known by: its fields are the labels of each of its metrics; an empty one is left out."""

    probe: str
    provider: str
    kind: str
    model: str = ""
    location: str = ""
    tier: str = ""

    @property
    def place(self) -> Place:
        return self.provider, self.location


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeObservation(Measured):
    """One run of one probe: what was measured, how it ended, and what only metrics tell.

    `reason` is `ok` or one of `reasons.REASONS`; `fault` is None on success.
    """

    id: ProbeId
    started_at: float
    reason: str = OK
    fault: Fault | None = None
    detail: str = ""
    time_per_output_token_seconds: float | None = None
    output_tokens_per_second: float | None = None
    server_reported_seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    rate_limits: Mapping[str, RateLimit] = field(default_factory=lambda: MappingProxyType({}))
    retry_after_seconds: float | None = None
    certificate_expires_at: float | None = None
    leaf_certificate_expires_at: float | None = None
    response_model: str = ""
    fingerprint: str = ""
    unknown_finish: str = ""  # a finish reason that is on no list; the run is a success all the same
    models: tuple[Model, ...] | None = None
    connection: Literal["cold", "warm"] = "cold"

    @classmethod
    def of(cls, measurement: Measurement, *, ownership: Ownership = "provider", **outcome: Any) -> Self:
        """What a run that has ended has shown; `outcome` is its id, started_at, reason and detail."""
        outcome["fault"] = fault_of(outcome["reason"], ownership)
        names = [field.name for field in fields(cls) if field.name not in outcome]
        return cls(**outcome, **measurement.frozen(*names))

    @property
    def success(self) -> bool:
        return self.reason == OK

    @property
    def ended_at(self) -> float:
        return self.started_at + self.duration_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A run that did not take place. `cause`: budget, backoff, paused or shutdown."""

    id: ProbeId
    at: float
    cause: str


# --- status pages -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    id: str
    name: str
    status: Status
    group: str = ""
    region: str = ""
    uptime: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))  # window -> ratio 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`components` are names; `regions` is empty where none is named. `updates`: how many the page shows."""

    id: str
    name: str
    status: IncidentStatus
    impact: Impact
    started_at: float | None = None
    updated_at: float | None = None
    resolved_at: float | None = None
    url: str = ""
    components: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    updates: int = 0

    @property
    def is_open(self) -> bool:
        """An unknown word is not a recovery."""
        return self.status not in {IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    id: str
    name: str
    status: MaintenanceStatus
    starts_at: float | None = None
    ends_at: float | None = None
    url: str = ""
    components: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        return self.status in {MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING}


LeftOut = Literal["components", "incidents", "maintenances", "incident_components"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStatus:
    """What one document of a status page says.

    `indicator` is the page's own summary, None where the format has none; where a format says "all well" by
    an empty list, the parser says OPERATIONAL here. `incidents` may hold resolved ones (history); readers take
    the open ones. `lists_only_trouble`: what the format does not name is operational. `is_filtered`: only some
    components or regions were asked for, so that the indicator, which speaks of others too, does not count.
    `unknown_words` counts what the page says about the present and no table knows. `page_id`, `page_name` and
    `page_url` identify the page, for the check that it is the one that was asked for; `generated_at` is when
    a format that says so made the document. `forgets_after`: where a format closes nothing reliably, after how many
    seconds without news an open incident is one no more. `left_out` counts what the page has beyond what is
    kept of it; `incident_components` are those that its open incidents name.
    """

    page_id: str = ""
    page_name: str = ""
    page_url: str = ""
    indicator: Status | None = None
    components: tuple[Component, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    unknown_words: int = 0
    generated_at: float | None = None
    lists_only_trouble: bool = False
    forgets_after: float | None = None
    is_filtered: bool = False
    left_out: Mapping[LeftOut, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def open_incidents(self) -> tuple[Incident, ...]:
        return tuple(incident for incident in self.incidents if incident.is_open)

    @property
    def pending_maintenances(self) -> tuple[Maintenance, ...]:
        return tuple(m for m in self.maintenances if m.status is not MaintenanceStatus.COMPLETED)

    @property
    def status(self) -> Status:
        """Worst of indicator, open incidents and components.

        UNKNOWN if nothing was said, or something was not understood and nothing known is worse than up.
        """
        statuses = [component.status for component in self.components]
        statuses += [incident.impact.status for incident in self.open_incidents]
        statuses += [] if self.indicator is None or self.is_filtered else [self.indicator]
        worst = max(statuses, default=Status.OPERATIONAL if self.lists_only_trouble else Status.UNKNOWN)
        is_doubtful = Status.UNKNOWN in statuses or self.unknown_words > 0
        return Status.UNKNOWN if worst is Status.OPERATIONAL and is_doubtful else worst


@dataclass(frozen=True, slots=True, kw_only=True)
class PageObservation:
    """One read of one status page. `page` is None when `reason` is not `ok`."""

    provider: str
    format: str
    at: float
    fetch_seconds: float
    reason: str = OK
    detail: str = ""
    page: PageStatus | None = None
    not_modified: bool = False  # the server said so; `page` is what it said before
    bytes_received: int = 0
    missing_components: tuple[str, ...] = ()

    @property
    def up(self) -> bool:
        return self.reason == OK


# --- reports of users and third parties -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What one source says of a provider; None or empty is what it does not say.

    `count` and `baseline` are complaints of users in 15 minutes, now and as usual. `status` is the verdict of one who
    watches the provider; `uptimes` the share of requests, 0 to 1, that succeeded of late, by model.
    """

    count: float | None = None
    baseline: float | None = None
    status: Status | None = None
    uptimes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsObservation:
    """One question to one source. `reports` is None when `reason` is not `ok`."""

    provider: str
    source: str
    at: float
    reason: str = OK
    detail: str = ""
    reports: Reports | None = None

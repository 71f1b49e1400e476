"""What a status page knows: its components, and each incident as the list of its updates, oldest first."""

import copy
from dataclasses import dataclass, field
from typing import Any

from ai_provider_exporter.simulator.scenario import (
    ComponentStatus,
    Impact,
    Incident,
    Indicator,
    Maintenance,
    Page,
    PageMode,
    PageStep,
)

RANK: dict[ComponentStatus, int] = {
    "operational": 0,
    "under_maintenance": 1,
    "degraded_performance": 2,
    "partial_outage": 3,
    "major_outage": 4,
}
INDICATORS: dict[ComponentStatus, Indicator] = {
    "operational": "none",
    "under_maintenance": "maintenance",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
}


@dataclass(frozen=True, slots=True)
class Update:
    at: float  # Unix seconds
    status: str
    text: str
    components: dict[str, ComponentStatus]  # as this update left them


@dataclass(slots=True)
class IncidentState:
    id: str
    name: str = ""
    impact: Impact = "none"
    components: dict[str, ComponentStatus] = field(default_factory=dict)  # as they are now
    worst: dict[str, ComponentStatus] = field(default_factory=dict)
    updates: list[Update] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.updates[-1].status

    @property
    def is_open(self) -> bool:
        return self.status not in ("resolved", "postmortem")

    def apply(self, update: Incident, unix: float) -> None:
        self.name = update.name or self.name or update.id
        self.impact = update.impact or self.impact
        for name, status in (update.components or {}).items():
            self.components[name] = status
            self.worst[name] = worst(status, self.worst.get(name, status))
        self.updates.append(Update(unix, update.status, update.text, dict(self.components)))


@dataclass(slots=True)
class MaintenanceState:
    id: str
    name: str = ""
    starts: float = 0.0  # Unix seconds
    ends: float = 0.0
    components: tuple[str, ...] = ()
    updates: list[Update] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.updates[-1].status

    @property
    def is_open(self) -> bool:
        return self.status != "completed"

    @property
    def component_status(self) -> ComponentStatus:
        return "under_maintenance" if self.status in ("in_progress", "verifying") else "operational"

    def apply(self, update: Maintenance, unix: float, speed: float) -> None:
        if not self.updates:
            self.starts = unix + update.starts_in / speed
            self.ends = self.starts + update.lasts / speed
        self.name = update.name or self.name or update.id
        self.components = update.components or self.components
        self.updates.append(Update(unix, update.status, update.text, {}))


@dataclass(slots=True)
class PageState:
    page: Page
    changed_at: float  # Unix seconds
    components: dict[str, ComponentStatus]
    mode: PageMode = "ok"
    said_indicator: Indicator | None = None
    incidents: dict[str, IncidentState] = field(default_factory=dict)
    maintenances: dict[str, MaintenanceState] = field(default_factory=dict)
    frozen: "PageState | None" = None  # what a stale page goes on to show

    @classmethod
    def of(cls, page: Page, unix: float) -> "PageState":
        return cls(page, unix, {component.name: component.status for component in page.components})

    @property
    def shown(self) -> "PageState":
        return self.frozen or self

    @property
    def indicator(self) -> Indicator:
        return self.said_indicator or INDICATORS[worst(*self.components.values())]

    @property
    def open_incidents(self) -> list[IncidentState]:
        return [incident for incident in self.incidents.values() if incident.is_open]

    @property
    def open_maintenances(self) -> list[MaintenanceState]:
        return [maintenance for maintenance in self.maintenances.values() if maintenance.is_open]

    def apply(self, step: PageStep, unix: float, speed: float) -> None:
        if step.mode is not None:
            self.mode = step.mode
            self.frozen = copy.deepcopy(self) if step.mode == "stale" else None
        self.said_indicator = step.indicator or self.said_indicator
        for incident in step.incidents:
            self.incidents.setdefault(incident.id, IncidentState(incident.id)).apply(incident, unix)
            self.components.update(incident.components or {})
        for update in step.maintenances:
            maintenance = self.maintenances.setdefault(update.id, MaintenanceState(update.id))
            maintenance.apply(update, unix, speed)
            self.components.update(dict.fromkeys(maintenance.components, maintenance.component_status))
        self.components.update(step.components)
        self.changed_at = unix

    def describe(self) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "indicator": self.indicator,
            "components": self.components,
            "open_incidents": {incident.id: incident.status for incident in self.open_incidents},
            "open_maintenances": {maintenance.id: maintenance.status for maintenance in self.open_maintenances},
        }


def worst(*statuses: ComponentStatus) -> ComponentStatus:
    return max(statuses, key=RANK.__getitem__)

"""What is known of one status page: a pure fold over its reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ai_provider_exporter.model.concerns import Concerns, Statement, first_said
from ai_provider_exporter.model.counts import added
from ai_provider_exporter.model.observation import Impact, PageObservation, PageStatus, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """One provider's status page: the last read, the last whole read, and what was counted."""

    provider: str
    interval: float
    url: str = ""
    last: PageObservation | None = None
    page: PageStatus | None = None
    page_at: float | None = None
    changed_at: float | None = None
    failures: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    bytes_received: int = 0
    opened: Mapping[Impact, int] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(Impact, 0)))
    resolved: Mapping[Impact, int] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(Impact, 0)))
    stale: bool = False
    concerns: Concerns = field(default_factory=lambda: MappingProxyType({}))
    said_since: Mapping[Statement, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def status(self) -> Status:
        return Status.UNKNOWN if self.page is None or self.stale else self.page.status

    def after(self, read: PageObservation) -> PageState:
        if read.page is None:
            folded = replace(self, failures=added(self.failures, {read.reason: 1}))
        else:
            folded = self._whole(read, read.page)
        return replace(folded, last=read, bytes_received=self.bytes_received + read.bytes_received)

    def _whole(self, read: PageObservation, page: PageStatus) -> PageState:
        changed = self.page != page
        opened, resolved = _incident_changes(self.page, page) if changed else ({}, {})
        return replace(
            self,
            page=page,
            page_at=read.at,
            changed_at=read.at if changed else self.changed_at,
            said_since=first_said(page, self.said_since, read.at, is_first_read=self.page is None),
            opened=added(self.opened, opened),
            resolved=added(self.resolved, resolved),
        )

    def is_stale(self, now: float, missed_intervals: int = 3) -> bool:
        """No whole read for `missed_intervals` intervals: what the page said is no longer known to be so."""
        return self.page_at is None or now - self.page_at > missed_intervals * self.interval

    def as_of(self, now: float) -> PageState:
        """This page as it can be believed at `now`: once stale, all that it said of states is unknown.

        Its incidents stay: not being able to read a page ends no incident.
        """
        if self.page is None or not self.is_stale(now):
            return self
        components = tuple(replace(c, status=Status.UNKNOWN, uptime={}) for c in self.page.components)
        unknown = replace(self.page, components=components, indicator=Status.UNKNOWN)
        return replace(self, page=unknown, stale=True)


def _incident_changes(before: PageStatus | None, after: PageStatus) -> tuple[dict[Impact, int], dict[Impact, int]]:
    """How many incidents opened and resolved between two reads; what the first read shows did not open."""
    if before is None:
        return {}, {}
    old = {incident.id: incident.impact for incident in before.open_incidents}
    new = {incident.id: incident.impact for incident in after.open_incidents}
    return _tally(new, old), _tally(old, new)


def _tally(these: Mapping[str, Impact], without: Mapping[str, Impact]) -> dict[Impact, int]:
    counts: dict[Impact, int] = {}
    for incident_id, impact in these.items():
        if incident_id not in without:
            counts[impact] = counts.get(impact, 0) + 1
    return counts

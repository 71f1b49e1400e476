"""What is known from one source of reports: a pure fold over its reads."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ai_provider_exporter.model.observation import Reports, ReportsObservation

SourceId = tuple[str, str]  # a provider, and a source that reports about it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsState:
    """One source about one provider: the last read, and the last that succeeded."""

    provider: str
    source: str
    interval: float
    last: ReportsObservation | None = None
    reports: Reports | None = None
    reports_at: float | None = None

    @property
    def source_id(self) -> SourceId:
        return self.provider, self.source

    def after(self, read: ReportsObservation) -> ReportsState:
        if read.reports is None:
            return replace(self, last=read)
        return replace(self, last=read, reports=read.reports, reports_at=read.at)

    def as_of(self, now: float, missed_intervals: int = 3) -> Reports | None:
        """What the source says; nothing once it has not answered for `missed_intervals` intervals."""
        is_stale = self.reports_at is None or now - self.reports_at > missed_intervals * self.interval
        return None if is_stale else self.reports

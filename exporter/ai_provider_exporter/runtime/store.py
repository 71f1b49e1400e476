"""Holds the one current state."""

from __future__ import annotations

from ai_provider_exporter.model.observation import ProbeId, ProbeObservation
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reports_state import ReportsState, SourceId
from ai_provider_exporter.model.state import Observation, State


class Store:
    """Holds the one current state. Written on the loop that probes, and nowhere else; read by any thread."""

    def __init__(self) -> None:
        self.state = State()

    def fold(self, observation: Observation) -> None:
        self.state = self.state.after(observation)

    def last_run(self, probe: ProbeId) -> ProbeObservation | None:
        state = self.state.probes.get(probe)
        return state.last if state else None

    def add_probe(self, probe: ProbeState) -> None:
        """Begin to count a probe; one that is known keeps its counts."""
        if probe.id not in self.state.probes:
            self.state = self.state.with_probe(probe)

    def remove_probe(self, probe: ProbeId) -> None:
        self.state = self.state.without_probe(probe)

    def remove_probes(self, name: str) -> None:
        """Forget the probe of that name, and what stood in for it."""
        for probe in [member for member in self.state.probes if member.probe == name]:
            self.remove_probe(probe)

    def add_page(self, page: PageState) -> None:
        """Begin to count a page; one that is known keeps its counts."""
        if page.provider not in self.state.pages:
            self.state = self.state.with_page(page)

    def remove_page(self, provider: str) -> None:
        self.state = self.state.without_page(provider)

    def add_reports(self, reports: ReportsState) -> None:
        """Begin to hear a source; one that is known keeps what it said."""
        if reports.source_id not in self.state.reports:
            self.state = self.state.with_reports(reports)

    def remove_reports(self, source_id: SourceId) -> None:
        self.state = self.state.without_reports(source_id)

    def record_egress(self, location: str, *, up: bool) -> None:
        self.state = self.state.with_egress(location, up=up)

    def forget_egress(self) -> None:
        """The check is another one now: what the old one found, where it stood, is no longer known."""
        self.state = self.state.without_egress()

    def record_lag(self, seconds: float) -> None:
        self.state = self.state.with_lag(seconds)

    def record_delay(self, seconds: float) -> None:
        self.state = self.state.with_delay(seconds)

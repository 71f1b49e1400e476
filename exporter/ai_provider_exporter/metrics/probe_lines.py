"""The lines of each probe, written anew only where a run changed it: most probes have not run since the last scrape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ai_provider_exporter.metrics.exposition import Family, lines_of
from ai_provider_exporter.metrics.row import Row, View
from ai_provider_exporter.model.observation import ProbeId
from ai_provider_exporter.model.probe_state import ProbeState

Lines = tuple[bytes, ...]  # one for each row that has samples of single probes


class ProbeLines:
    """Used by one thread: the one that renders scrapes."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = [row for row in rows if row.of_probe is not None]
        self._written: dict[ProbeId, tuple[ProbeState, Lines]] = {}

    def families(self, view: View) -> Iterator[Family]:
        """What `Row.family` gives for the rows of single probes, with the lines ready."""
        self._written = {probe.id: self._lines(probe) for probe in view.state.probes.values()}
        lines = [written for _, written in self._written.values()]
        for at, row in enumerate(self._rows):
            yield Family(row.name, row.type, row.help, (), b"".join([of_probe[at] for of_probe in lines]))

    def _lines(self, probe: ProbeState) -> tuple[ProbeState, Lines]:
        written = self._written.get(probe.id)
        if written is not None and written[0] is probe:  # a state never changes: another run makes another one
            return written
        return probe, tuple(lines_of(row.name, row.of_probe(probe)) for row in self._rows if row.of_probe)

"""The table of metrics: what a state means to Prometheus. It is the public contract; one row is one metric.

Built fresh at each scrape from one immutable state, so that what vanished leaves no series behind.
"""

from __future__ import annotations

from collections.abc import Iterator

from ai_provider_exporter.metrics.exporter import EXPORTER_ROWS
from ai_provider_exporter.metrics.exposition import Family
from ai_provider_exporter.metrics.models import MODEL_ROWS
from ai_provider_exporter.metrics.pages import PAGE_ROWS
from ai_provider_exporter.metrics.probe_lines import ProbeLines
from ai_provider_exporter.metrics.probes import PROBE_ROWS
from ai_provider_exporter.metrics.reports import REPORT_ROWS
from ai_provider_exporter.metrics.row import Facts, Row, View

__all__ = ["TABLE", "Facts", "ProbeLines", "Row", "View", "families", "probe_families"]

TABLE: tuple[Row, ...] = (*PROBE_ROWS, *MODEL_ROWS, *PAGE_ROWS, *REPORT_ROWS, *EXPORTER_ROWS)


def families(view: View, probe_lines: ProbeLines | None = None) -> Iterator[Family]:
    """The whole table; with `probe_lines`, whose lines are written anew only where a run changed a probe."""
    if probe_lines is not None:
        yield from probe_lines.families(view)
    for row in TABLE:
        if probe_lines is None or row.of_probe is None:
            yield row.family(view)


def probe_families(view: View) -> Iterator[Family]:
    """What probes have shown, and nothing else."""
    for row in (*PROBE_ROWS, *MODEL_ROWS):
        yield row.family(view)

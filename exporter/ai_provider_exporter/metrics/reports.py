"""What users and third parties say. A source that does not answer, or does not say it, has no sample."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ai_provider_exporter.metrics.exposition import Sample
from ai_provider_exporter.metrics.row import Row, View
from ai_provider_exporter.model.labels import Pairs
from ai_provider_exporter.model.observation import Reports

SOURCE_LABELS = ("provider", "source")


def _per_source(name: str, help_: str, value: Callable[[Reports], float | None]) -> Row:
    return Row(name, "gauge", help_, SOURCE_LABELS, lambda view: _samples(view, lambda reports: [((), value(reports))]))


def _samples(view: View, values: Callable[[Reports], Iterable[tuple[Pairs, float | None]]]) -> Iterator[Sample]:
    for source_id, source in view.state.reports.items():
        reports = source.as_of(view.now)
        for more, figure in values(reports) if reports is not None else ():
            if figure is not None:
                yield Sample((*zip(SOURCE_LABELS, source_id, strict=True), *more), figure)


def _uptimes(reports: Reports) -> Iterator[tuple[Pairs, float]]:
    for model, uptime in reports.uptimes.items():
        yield (("model", model),), uptime


REPORT_ROWS: tuple[Row, ...] = (
    _per_source(
        "ai_user_reports",
        "Complaints of users in the last 15 minutes, as the source counts them.",
        lambda reports: reports.count,
    ),
    _per_source(
        "ai_user_reports_baseline",
        "Complaints that are usual in 15 minutes at this time, where the source says so.",
        lambda reports: reports.baseline,
    ),
    _per_source(
        "ai_second_opinion_status",
        "How somebody else who watches the provider finds it; numbers as of ai_status_page_status.",
        lambda reports: reports.status,
    ),
    Row(
        "ai_second_opinion_uptime_ratio",
        "gauge",
        "Share of the requests of others to the model that succeeded in the last 30 minutes.",
        (*SOURCE_LABELS, "model"),
        lambda view: _samples(view, _uptimes),
    ),
)

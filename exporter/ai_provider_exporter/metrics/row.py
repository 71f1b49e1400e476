"""What a row of the table is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ai_provider_exporter.metrics.exposition import Family, MetricType, Sample, label_text, number
from ai_provider_exporter.model.histogram import Histogram
from ai_provider_exporter.model.labels import PROBE_LABELS, Pairs, pairs_of
from ai_provider_exporter.model.observation import ProbeId
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.shard import WHOLE, Shard
from ai_provider_exporter.model.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the exporter knows of itself, besides the state."""

    config_loaded: bool = True
    config_loaded_at: float = 0.0
    shard: Shard = WHOLE
    budget_limits: dict[str, float] = field(default_factory=dict)
    budget_spent: dict[str, float] = field(default_factory=dict)
    budget_exhausted: bool | None = None
    unpriced_runs: tuple[int, int] = (0, 0)  # today's without a known price, and how many there may be


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that one scrape may see. `now` is Unix seconds."""

    state: State
    now: float
    facts: Facts = field(default_factory=Facts)

    @property
    def pages(self) -> Iterator[PageState]:
        """The pages as they can be believed now: what a stale one said of components is unknown."""
        return (page.as_of(self.now) for page in self.state.pages.values())


@dataclass(frozen=True, slots=True)
class Row:
    """One metric: its contract, and how its samples follow from a view."""

    name: str
    type: MetricType
    help: str
    labels: tuple[str, ...]
    of_view: Callable[[View], Iterable[Sample]] | None = None
    of_probe: Callable[[ProbeState], Iterable[Sample]] | None = None
    """Set where the samples of one probe follow from that probe alone."""

    def samples(self, view: View) -> Iterator[Sample]:
        if self.of_view is not None:
            yield from self.of_view(view)
        if self.of_probe is not None:
            for probe in view.state.probes.values():
                yield from self.of_probe(probe)

    def family(self, view: View) -> Family:
        return Family(self.name, self.type, self.help, self.samples(view))


@lru_cache(maxsize=4096)
def _probe(probe: ProbeId) -> str:
    return label_text(pairs_of(probe))


def per_probe(name: str, type_: MetricType, help_: str, value: Callable[[ProbeState], float | int | None]) -> Row:
    """A metric with the labels of the probe alone; None leaves the sample out."""

    def samples(probe: ProbeState) -> Iterator[Sample]:
        figure = value(probe)
        if figure is not None:
            yield Sample(_probe(probe.id), figure)

    return Row(name, type_, help_, PROBE_LABELS, of_probe=samples)


def per_probe_and(
    name: str,
    type_: MetricType,
    help_: str,
    labels: tuple[str, ...],
    values: Callable[[ProbeState], Iterable[tuple[tuple[str, ...], float | int | None]]],
) -> Row:
    """A metric with more labels than the probe's: `values` yields their values and the number."""

    def samples(probe: ProbeState) -> Iterator[Sample]:
        for more, figure in values(probe):
            if figure is not None:
                yield Sample(f"{_probe(probe.id)},{label_text(tuple(zip(labels, more, strict=True)))}", figure)

    return Row(name, type_, help_, (*PROBE_LABELS, *labels), of_probe=samples)


def per_probe_histogram(name: str, help_: str, pick: Callable[[ProbeState], Histogram | None]) -> Row:
    def samples(probe: ProbeState) -> Iterator[Sample]:
        histogram = pick(probe)
        if histogram is not None:
            yield from histogram_samples(_probe(probe.id), histogram)

    return Row(name, "histogram", help_, PROBE_LABELS, of_probe=samples)


def histogram_samples(labels: Pairs | str, histogram: Histogram) -> Iterator[Sample]:
    text = labels if isinstance(labels, str) else label_text(labels)
    before, total = f"{text}," if text else "", 0
    for bound, count in zip(_bounds(histogram.bounds), histogram.counts, strict=True):
        total += count
        yield Sample(before + bound, total, "_bucket")
    yield Sample(text, histogram.sum, "_sum")
    yield Sample(text, total, "_count")


@lru_cache
def _bounds(bounds: tuple[float, ...]) -> tuple[str, ...]:
    return tuple(label_text((("le", number(bound)),)) for bound in (*bounds, float("inf")))

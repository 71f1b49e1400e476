"""The metrics of the process and of Python's garbage collector, as prometheus-client gathers them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, cast

from ai_provider_exporter.metrics.exposition import Family, MetricType, Sample

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


@cache
def _registry() -> CollectorRegistry:
    """Made once the process is ready: the library takes long to import."""
    from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def families() -> Iterator[Family]:
    for metric in _registry().collect():
        counter = metric.type == "counter"
        name = f"{metric.name}_total" if counter else metric.name
        samples = [
            Sample(tuple(sample.labels.items()), sample.value)
            for sample in metric.samples
            if not sample.name.endswith("_created")
        ]
        yield Family(name, cast("MetricType", metric.type), metric.documentation, samples)

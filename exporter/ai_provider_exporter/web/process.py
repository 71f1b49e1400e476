"""The metrics of the process and of Python's garbage collector, as prometheus-client gathers them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector

from ai_provider_exporter.exposition import Family, MetricType, Sample

_REGISTRY = CollectorRegistry()
ProcessCollector(registry=_REGISTRY)
GCCollector(registry=_REGISTRY)


def families() -> Iterator[Family]:
    for metric in _REGISTRY.collect():
        counter = metric.type == "counter"
        name = f"{metric.name}_total" if counter else metric.name
        samples = [
            Sample(tuple(sample.labels.items()), sample.value)
            for sample in metric.samples
            if not sample.name.endswith("_created")
        ]
        yield Family(name, cast("MetricType", metric.type), metric.documentation, samples)

"""The labels of metrics that more than one place must know: those of a probe, and those that a user cannot have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache

from ai_provider_exporter.model.observation import ProbeId

PROBE_LABELS: tuple[str, ...] = tuple(field.name for field in fields(ProbeId))
"""Of every metric of a probe."""
INFO_LABELS = ("dialect", "endpoint_host", "region", "connection")
"""Of `ai_probe_info` beside them; the user's follow."""
DETAIL_LABELS = ("fault", "reason", "cause", "phase", "source", "type", "limit", "http_status", "objective")
"""Of single metrics of a probe beside its labels: with `group_left` a user's label of that name would replace it."""
PROMETHEUS_LABELS = ("job", "instance", "le", "quantile")
RESERVED_LABELS = frozenset((*PROBE_LABELS, *INFO_LABELS, *DETAIL_LABELS, *PROMETHEUS_LABELS))
RESERVED_PREFIX = "__"  # https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels, 2026-11

Pairs = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def pairs_of(probe: ProbeId) -> Pairs:
    return tuple((name, getattr(probe, name)) for name in PROBE_LABELS)


def reserved(names: Iterable[str]) -> list[str]:
    """Those among `names` that no label of a user's can have, sorted."""
    return sorted(name for name in names if name in RESERVED_LABELS or name.startswith(RESERVED_PREFIX))

"""Exchanges that belong to a run and are not what it measures: for a token, for the state of a job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement


@contextmanager
def apart(measurement: Measurement) -> Iterator[Measurement]:
    """A side exchange, with phases of its own; where it breaks down is where the run broke down."""
    side = Measurement()
    try:
        yield side
    except (OSError, wire.WireError):
        measurement.leave()
        measurement.phase = side.phase
        raise

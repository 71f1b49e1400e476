"""Exchanges that belong to a run and are not what it measures: for a token, for the state of a job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement


@contextmanager
def side_exchange(measurement: Measurement) -> Iterator[Measurement]:
    """A measurement of its own for one exchange; where that breaks down is where the run broke down."""
    side = Measurement()
    try:
        yield side
    except (OSError, wire.WireError):
        if side.phase is not None:
            measurement.enter(side.phase, side.phase_started)
        raise

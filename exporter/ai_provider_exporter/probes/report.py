"""One run of a probe for the terminal: as the object of `probe --json`, and as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ai_provider_exporter.model.labels import pairs_of
from ai_provider_exporter.model.measurement import PHASES
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.schema.types import format_usd

MILLISECOND = 0.001
_PRIVATE = re.compile(r"cookie|authori[sz]ation|authenticate|secret|password|api-?key", re.IGNORECASE)
_HIDDEN = "<secret>"


def as_json(run: ProbeObservation) -> dict[str, Any]:
    """What does not apply is None; times are seconds."""
    return {
        **{name: value or None for name, value in pairs_of(run.id)},
        "success": run.success,
        "reason": run.reason,
        "fault": run.fault,
        **run.measured_values(),
        "detail": run.detail or None,
    }


def as_text(run: ProbeObservation) -> str:
    """A verdict, then one line for each thing that was measured."""
    verdict = "ok" if run.success else f"FAILED: {run.reason} (fault: {run.fault})"
    lines = [f"{run.id.probe}: {verdict}"]
    lines += [f"  {run.detail}"] if run.detail else []
    lines += [f"  {name:<22}{value}" for name, value in _facts(run) if value]
    lines += [f"  {phase:<22}{_seconds(run.phases[phase])}" for phase in PHASES if phase in run.phases]
    return "\n".join(lines)


def as_line(run: ProbeObservation, headers: Mapping[str, str]) -> str:
    """All of it in one line, for the log of a probe that is debugged, and its response headers."""
    shown = [f"header {name}: {_HIDDEN if _PRIVATE.search(name) else value}" for name, value in headers.items()]
    lines = [" ".join(line.split()) for line in as_text(run).splitlines()]
    return "; ".join([*lines, *shown])


def _facts(run: ProbeObservation) -> list[tuple[str, str]]:
    """Name and value of each measured field, its unit taken from the name; the phases have lines of their own."""
    return [
        (re.sub("_seconds$|_usd$", "", name).replace("_", " "), _fact(name, value))
        for name, value in run.measured_values().items()
        if name != "phases"
    ]


def _fact(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {kind}" for kind, count in value.items() if count is not None)
    if value is None:
        return ""
    if name.endswith("_seconds"):
        return _seconds(value)
    return format_usd(value) if name.endswith("_usd") else str(value).lower()


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value >= 1 else f"{value / MILLISECOND:.1f} ms"

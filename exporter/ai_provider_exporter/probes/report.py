"""One run of a probe for the terminal: as the object of `probe --json`, and as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ai_provider_exporter.model.observation import PHASES, TOKEN_TYPES, ProbeObservation

MILLISECOND = 0.001
_PRIVATE = re.compile(r"cookie|authori[sz]ation|authenticate|secret|password|api-?key", re.IGNORECASE)
_HIDDEN = "<secret>"


def as_json(run: ProbeObservation) -> dict[str, Any]:
    """What does not apply is None; times are seconds."""
    return {
        "probe": run.id.probe,
        "provider": run.id.provider,
        "kind": run.id.kind,
        "model": run.id.model or None,
        "location": run.id.location or None,
        "tier": run.id.tier or None,
        "success": run.success,
        "reason": run.reason,
        "fault": run.fault,
        "http_status": run.http_status,
        "duration_seconds": run.duration_seconds,
        "phases": {phase: run.phases.get(phase) for phase in PHASES},
        "time_to_first_token_seconds": run.time_to_first_token_seconds,
        "time_to_first_answer_seconds": run.time_to_first_answer_seconds,
        "longest_stall_seconds": run.longest_stall_seconds,
        "tokens": {kind: run.tokens.get(kind) for kind in TOKEN_TYPES},
        "cost_usd": run.cost_usd,
        "answer_correct": run.answer_correct,
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
    return [
        ("http status", "" if run.http_status is None else str(run.http_status)),
        ("duration", _seconds(run.duration_seconds)),
        ("time to first token", _seconds(run.time_to_first_token_seconds)),
        ("time to first answer", _seconds(run.time_to_first_answer_seconds)),
        ("longest stall", _seconds(run.longest_stall_seconds)),
        ("tokens", ", ".join(f"{count} {kind}" for kind, count in run.tokens.items())),
        ("cost", "" if run.cost_usd is None else f"${run.cost_usd:.6f}"),
        ("answer correct", "" if run.answer_correct is None else str(run.answer_correct).lower()),
    ]


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f} s" if value >= 1 else f"{value / MILLISECOND:.1f} ms"

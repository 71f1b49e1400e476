"""Small charts as inline SVG: no script draws them, no colour is their only mark. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ai_provider_exporter.model.measurement import PHASES
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.probe_state import RECENT_SUCCESSES
from ai_provider_exporter.web.board import formatting

_STEP, _UP, _DOWN, _LEAST = 5, 17, 7, 2
_WIDTH, _HEIGHT = RECENT_SUCCESSES * _STEP, _UP + _DOWN


def runs(recent: Sequence[ProbeObservation]) -> Markup:
    """One bar a run, newest at the right: up and as high as the wait for a success, down for a failure."""
    visible = recent[-RECENT_SUCCESSES:]
    longest = max((wait(run) for run in visible if run.success), default=0.0) or 1.0
    bars: dict[str, list[str]] = {}
    for at, run in enumerate(visible, start=RECENT_SUCCESSES - len(visible)):
        height = max(_LEAST, _UP * wait(run) / longest) if run.success else -_DOWN
        kind = "ok" if run.success else f"bad {run.fault}"
        bars.setdefault(kind, []).append(f"M{at * _STEP + 2} {_UP}v{-height:.0f}")
    paths = Markup("").join(Markup('<path class="{}" d="{}"/>').format(kind, "".join(d)) for kind, d in bars.items())
    return Markup('<svg class="runs" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, _HEIGHT, _label(visible), paths
    )


def wait(run: ProbeObservation) -> float:
    """What a user waits for: the first token where there are tokens, else the whole answer."""
    return run.duration_seconds if run.time_to_first_token_seconds is None else run.time_to_first_token_seconds


def _label(visible: Sequence[ProbeObservation]) -> str:
    if not visible:
        return "no run yet"
    waits = [wait(run) for run in visible if run.success]
    range_ = f", waits {formatting.seconds(min(waits))} to {formatting.seconds(max(waits))}" if waits else ""
    return f"last {formatting.count(len(visible), 'run')}: {len(waits)} ok, {len(visible) - len(waits)} failed{range_}"


def phases(run: ProbeObservation) -> Markup:
    """Where the time of one run went, as parts of a bar that stands for its whole duration."""
    whole = max(run.duration_seconds, sum(run.phases.values())) or 1.0
    at, parts = 0.0, []
    for phase in PHASES:
        width = 100 * run.phases.get(phase, 0.0) / whole
        if width:
            parts.append(
                Markup('<rect class="{}" x="{}" width="{}" height="8"/>').format(phase, _short(at), _short(width))
            )
        at += width
    return Markup(
        '<svg class="phases" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{0}">'
        "<title>{0}</title>{1}</svg>"
    ).format(formatting.phases(run) or "no phase was reached", Markup("").join(parts))


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")

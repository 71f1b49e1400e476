"""The runs of a probe through a situation, and all metrics that the exporter would make of them."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from tests.dashboards.situations.recording import Recording, Value, latest
from tests.dashboards.situations.story import MINUTES, Probe, Situation, Trouble

DURATIONS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
TOKEN_TIMES: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
FAULTS: Final = ("provider", "ours", "network", "prober", "unknown")
OBJECTIVES: Final = {"first_token": 2.0, "duration": 10.0}
PHASES: Final = {
    "dns": 0.01,
    "connect": 0.02,
    "tls": 0.03,
    "send": 0.001,
    "headers": 0.3,
    "first_token": 0.6,
    "stream": 1.4,
}
DAY: Final = 86400


@dataclass(frozen=True)
class Run:
    """One run: the trouble that failed it, or the seconds to its first token."""

    failed: Trouble | None
    first_token: float

    @property
    def judged(self) -> bool:
        return self.failed is None or self.failed.fault == "provider"

    @property
    def slow(self) -> bool:
        return self.failed is None and self.first_token > OBJECTIVES["first_token"]


@dataclass(frozen=True)
class History:
    """All runs of a probe, one a minute; `ran` is False where the run was skipped for want of budget."""

    probe: Probe
    runs: list[Run]
    ran: list[bool] = field(default_factory=list)

    def last(self, minute: int, count: int) -> list[Run]:
        start = max(0, minute - count + 1)
        return [
            run for run, ran in zip(self.runs[start : minute + 1], self.ran[start : minute + 1], strict=True) if ran
        ]


def play(probe: Probe, situation: Situation) -> History:
    """The same for the same names: chance has a seed."""
    chance = random.Random(f"{situation.name} {probe.name} {probe.location}")  # noqa: S311  # no secret hangs on it
    runs, ran = [], []
    for minute in range(MINUTES):
        before_end = MINUTES - 1 - minute
        pace = probe.pace * chance.lognormvariate(0, 0.25)
        failed = None
        for trouble in situation.troubles:
            if trouble.concerns(probe) and trouble.begin >= before_end > trouble.end - (trouble.end == 0):
                pace *= trouble.slower
                failed = trouble if trouble.reason and chance.random() < trouble.share else failed
        runs.append(Run(failed, pace))
        ran.append(not situation.new and not situation.budget_spent_since >= before_end + 1)
    return History(probe, runs, ran)


def observed(histories: list[History], minute: int) -> int:
    """The state of a provider at a location: -1 unknown, 0 well, 2 some fail or are slow, 4 all fail."""
    recent = [[run for run in history.last(minute, 5) if run.judged] for history in histories]
    recent = [runs for runs in recent if runs]
    if not recent:
        return -1
    if all(runs[-1].failed for runs in recent):
        return 4
    some = any(run.failed for runs in recent for run in runs[-3:])
    return 2 if some or any(sum(run.slow for run in runs) >= 3 for runs in recent) else 0


def record(recording: Recording, history: History) -> None:
    labels = history.probe.labels
    counted = [run if ran else None for run, ran in zip(history.runs, history.ran, strict=True)]
    _counters(recording, labels, counted)
    record_times(recording, labels, counted)
    _last_run(recording, labels, history, counted)
    _limits(recording, labels, history.probe)
    info = {"dialect": "openai_chat", "endpoint_host": f"api.{labels['provider'].replace('_', '-')}.example"}
    recording.put("ai_probe_info", labels | info | {"connection": "reused"}, 1)
    recording.put("ai_probe_interval_seconds", labels, 60)
    for objective, seconds in OBJECTIVES.items():
        recording.put("ai_probe_objective_seconds", labels | {"objective": objective}, seconds)


def _counters(recording: Recording, labels: dict[str, str], runs: list[Run | None]) -> None:
    def total(series: str, more: dict[str, str], each: list[float]) -> None:
        recording.put(series, labels | more, list(accumulate(each)))

    total("ai_probe_attempts_total", {}, [float(run is not None) for run in runs])
    total("ai_probe_skipped_total", {"cause": "budget"}, [float(run is None) for run in runs])
    for fault in FAULTS:
        failed = [float(run is not None and run.failed is not None and run.failed.fault == fault) for run in runs]
        total("ai_probe_failures_total", {"fault": fault}, failed)
    reasons = {(run.failed.reason, run.failed.fault) for run in runs if run and run.failed}
    for reason, fault in sorted(reasons):
        each = [float(run is not None and run.failed is not None and run.failed.reason == reason) for run in runs]
        total("ai_probe_failure_reasons_total", {"reason": reason, "fault": fault}, each)
    succeeded = [run is not None and run.failed is None for run in runs]
    total("ai_probe_cost_usd_total", {}, [0.00004 * success for success in succeeded])
    for kind, tokens in (("input", 20), ("output", 48), ("reasoning", 0), ("cached", 0)):
        total("ai_probe_tokens_total", {"type": kind}, [float(tokens * success) for success in succeeded])
    odd = [float(success and minute == len(runs) - 50) for minute, success in enumerate(succeeded)]
    total("ai_probe_unknown_finish_reasons_total", {}, odd)
    slow = [float(run is not None and run.slow) for run in runs]
    total("ai_probe_slow_total", {"objective": "first_token"}, slow)
    total("ai_probe_slow_total", {"objective": "duration"}, [0.0] * len(runs))


def record_times(recording: Recording, labels: dict[str, str], runs: Sequence[Run | None]) -> None:
    """The histograms of a probe: that of the duration from the start, the others from the first success."""
    times: list[Value] = [run.first_token if run and run.failed is None else None for run in runs]
    histogram(recording, "ai_probe_duration_seconds", labels, DURATIONS, [t and t + 1.4 for t in times])
    if not any(times):
        return
    histogram(recording, "ai_probe_time_to_first_token_seconds", labels, DURATIONS, times)
    histogram(recording, "ai_probe_time_per_output_token_seconds", labels, TOKEN_TIMES, [t and 0.028 for t in times])
    if labels["provider"] == "anthropic":
        histogram(recording, "ai_probe_time_to_first_answer_seconds", labels, DURATIONS, [t and t * 2 for t in times])


def histogram(
    recording: Recording, name: str, labels: dict[str, str], bounds: tuple[float, ...], times: list[Value]
) -> None:
    """Cumulative buckets, sum and count of what was measured; zeros where nothing ever was."""
    places = [None if time is None else bisect_left(bounds, time) for time in times]
    for place, bound in enumerate((*bounds, float("inf"))):
        below = accumulate(float(at is not None and at <= place) for at in places)
        recording.put(f"{name}_bucket", labels | {"le": "+Inf" if bound == float("inf") else f"{bound:g}"}, list(below))
    recording.put(f"{name}_sum", labels, list(accumulate(time or 0.0 for time in times)))
    recording.put(f"{name}_count", labels, list(accumulate(float(time is not None) for time in times)))


def _last_run(recording: Recording, labels: dict[str, str], history: History, runs: list[Run | None]) -> None:
    """Gauges of the last run: they stay as they were while runs are skipped."""
    last: list[Run | None] = []
    for run in runs:
        last.append(run or (last[-1] if last else None))
    succeeded: list[Value] = [None if run is None else float(run.failed is None) for run in last]
    well: list[Value] = [run.first_token if run and run.failed is None else None for run in last]
    recording.put("ai_probe_success", labels, succeeded)
    recording.put("ai_probe_longest_stall_seconds", labels, [t and t * 0.4 for t in well])
    recording.put("ai_probe_output_tokens_per_second", labels, [t and 34 / (1 + t / 10) for t in well])
    recording.put("ai_probe_answer_correct", labels, [t and 1.0 for t in well])
    recording.put(
        "ai_probe_server_reported_seconds", labels | {"source": "openai-processing-ms"}, [t and t * 0.8 for t in well]
    )
    for phase, seconds in PHASES.items():
        recording.put("ai_probe_phase_seconds", labels | {"phase": phase}, [t and seconds * t for t in well])
    recording.put("ai_probe_http_status_code", labels, [_status(run) if run else None for run in last])
    _when(recording, labels, runs)
    for trouble in sorted({run.failed for run in last if run and run.failed}, key=lambda one: (one.reason, one.begin)):
        more = {"reason": trouble.reason, "fault": trouble.fault, "http_status": trouble.http}
        present: list[Value] = [1.0 if run and run.failed == trouble else None for run in last]
        recording.put("ai_probe_last_failure_info", labels | more, present)


def _status(run: Run) -> Value:
    if run.failed is None:
        return 200.0
    return float(run.failed.http) if run.failed.http else None


def _when(recording: Recording, labels: dict[str, str], runs: list[Run | None]) -> None:
    moments = recording.moments
    ran: list[Value] = [float(moment) if run else None for run, moment in zip(runs, moments, strict=True)]
    well: list[Value] = [
        float(moment) if run and run.failed is None else None for run, moment in zip(runs, moments, strict=True)
    ]
    recording.put("ai_probe_last_run_timestamp_seconds", labels, latest(ran))
    recording.put("ai_probe_last_success_timestamp_seconds", labels, latest(well))


def _limits(recording: Recording, labels: dict[str, str], probe: Probe) -> None:
    end = recording.moments[-1]
    for limit, most, left in (("requests", 500, 492), ("tokens", 30000, 12000)):
        recording.put("ai_probe_rate_limit", labels | {"limit": limit}, most)
        recording.put("ai_probe_rate_limit_remaining", labels | {"limit": limit}, left)
        recording.put("ai_probe_rate_limit_reset_timestamp_seconds", labels | {"limit": limit}, end + 20.0)
    recording.put("ai_probe_tls_certificate_expiry_timestamp_seconds", labels, end + 41.0 * DAY)
    recording.put("ai_probe_tls_leaf_certificate_expiry_timestamp_seconds", labels, end + 63.0 * DAY)
    if probe.provider == "openai" and probe.tier == "free":
        recording.put("ai_probe_retry_after_seconds", labels, 20)

"""A situation as the metrics of one exporter, six hours of them, and the crowds that stand beside it."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import Final

from tests.dashboards.situations import pages, runs
from tests.dashboards.situations.recording import Recording, Value
from tests.dashboards.situations.runs import History
from tests.dashboards.situations.story import MINUTES, PROBES, PROVIDERS, Probe, Situation

END: Final = 1_770_159_600
"""When every situation ends: 3 February 2026, 23:00 UTC."""
CATALOG: Final = Path(__file__).parents[3] / "exporter" / "ai_provider_exporter" / "catalog"
CROWD: Final = [path.stem for path in sorted(CATALOG.glob("*.yaml")) if path.stem not in PROVIDERS][:147]
"""The 147 that make 150 of the three: names of real providers, because names have their lengths."""
LATE: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
LOCATIONS: Final = ("fra1", "us-east")
WEEK: Final = 7 * 86400
HALF: Final = 2
"""The crowd is scraped every other minute: it is many."""


def moments(step: int = 1) -> list[int]:
    return [END - 60 * (MINUTES - 1 - minute) for minute in range(0, MINUTES, step)]


def recorded(situation: Situation) -> Recording:
    """All that the exporter says through a situation."""
    recording = Recording(moments())
    histories = [runs.play(probe, situation) for probe in PROBES]
    _exporter(recording, situation)
    for history in histories:
        runs.record(recording, history)
    for provider in PROVIDERS:
        pages.record(recording, situation, provider)
        for location in LOCATIONS:
            here = [one for one in histories if (one.probe.provider, one.probe.location) == (provider, location)]
            if here:
                _place(recording, situation, here)
        _models(recording, situation, provider)
        _others(recording, situation, provider)
    return recording


def a_week_earlier() -> Recording:
    """How fast everybody was in the same hours of the week before."""
    recording = Recording([moment - WEEK for moment in moments()])
    for probe in PROBES:
        history = runs.play(probe, Situation("a week earlier", "All was well.", ()))
        runs.record_times(recording, probe.labels, history.runs)
    return recording


def _place(recording: Recording, situation: Situation, histories: list[History]) -> None:
    """What probes and page together say of a provider at a location."""
    probe = histories[0].probe
    labels = {"provider": probe.provider, "location": probe.location}
    states = [-1 if situation.new else runs.observed(histories, minute) for minute in range(MINUTES)]
    page_states = pages.status(situation, probe.provider)
    recording.put("ai_provider_observed_status", labels, [float(state) for state in states])
    silent = [60.0 * (state >= 2 and page == 0) for state, page in zip(states, page_states, strict=True)]
    lonely = [60.0 * (state == 0 and page >= 2) for state, page in zip(states, page_states, strict=True)]
    recording.put(
        "ai_provider_disagreement_seconds_total", labels | {"kind": "unacknowledged"}, list(accumulate(silent))
    )
    recording.put("ai_provider_disagreement_seconds_total", labels | {"kind": "unobserved"}, list(accumulate(lonely)))
    verdict, reason = situation.verdicts.get(probe.provider, ("operational", "probes_succeed"))
    recording.put("ai_provider_verdict_info", labels | {"verdict": verdict, "reason": reason}, 1)
    _trouble(recording, situation, labels, states)


def _trouble(recording: Recording, situation: Situation, labels: dict[str, str], states: list[int]) -> None:
    first = next((minute for minute, state in enumerate(states) if state >= 2), None)
    if first is None:
        return
    began = float(recording.moments[first])
    since: list[Value] = [began if minute >= first and max(states[-5:]) >= 2 else None for minute in range(MINUTES)]
    if any(since):
        recording.put("ai_provider_trouble_started_timestamp_seconds", labels, since)
        part = {"kind": "chat", "tier": next((one.tier for one in situation.troubles if one.tier), "")}
        recording.put("ai_provider_episode_started_timestamp_seconds", labels | part, since)
    begins = [entry.begin for entry in situation.entries if entry.provider == labels["provider"]]
    if begins:
        lag = 60.0 * (MINUTES - 1 - max(begins) - first)
        late: list[Value] = [lag if minute >= MINUTES - 1 - max(begins) else None for minute in range(MINUTES)]
        recording.put("ai_provider_acknowledgement_lag_seconds", labels, late)


def _models(recording: Recording, situation: Situation, provider: str) -> None:
    if situation.new:
        return
    for model in sorted({probe.model for probe in PROBES if probe.provider == provider}):
        labels = {"provider": provider, "model": model}
        recording.put("ai_model_available", labels, float(provider != "mistral_ai"))
        recording.put("ai_model_retirement_timestamp_seconds", labels, END + 86400.0 * 64)
        halves: tuple[list[Value], list[Value]] = (
            [1.0 if minute < 200 else None for minute in range(MINUTES)],
            [1.0 if minute >= 200 else None for minute in range(MINUTES)],
        )
        for suffix, present in zip(("2025-11-06", "2026-01-21"), halves, strict=True):
            answered = {"response_model": f"{model}-{suffix}", "fingerprint": f"fp_{suffix[-2:]}"}
            recording.put("ai_model_response_info", labels | answered, present)


def _others(recording: Recording, situation: Situation, provider: str) -> None:
    """User reports, second opinions, and our own traffic as a gateway counts it."""
    labels = {"provider": provider}
    if not situation.new:
        recording.put("ai_user_reports", labels | {"source": "downdetector"}, 12.0)
        recording.put("ai_user_reports_baseline", labels | {"source": "downdetector"}, 10.0)
        recording.put("ai_second_opinion_status", labels | {"source": "llmstatus"}, 0)
        recording.put("ai_second_opinion_uptime_ratio", labels | {"source": "openrouter", "model": "all"}, 0.997)
    if provider in situation.traffic:
        recording.put("provider:ai_traffic_requests:rate5m", labels | {"source": "litellm"}, 4.2)
        recording.put("provider:ai_traffic_errors:ratio5m", labels | {"source": "litellm"}, situation.traffic[provider])
    if provider in situation.pages_alerts:
        fires: list[Value] = [1.0 if minute >= MINUTES - 20 else None for minute in range(MINUTES)]
        alert = {"alertname": "AIProviderDown", "alertstate": "firing", "severity": "critical"}
        recording.put("ALERTS", labels | alert, fires)


def _exporter(recording: Recording, situation: Situation) -> None:
    minutes = list(range(MINUTES))
    down = [situation.egress_down_since > MINUTES - 1 - minute for minute in minutes]
    spent = [situation.budget_spent_since > MINUTES - 1 - minute for minute in minutes]
    recording.put("ai_exporter_build_info", {"version": "0.1.0", "pythonversion": "3.12.4"}, 1)
    recording.put("ai_exporter_shard_info", {"shard": "0", "shards": "1"}, 1)
    recording.put("ai_exporter_probes", {}, len(PROBES))
    recording.put("ai_exporter_config_last_reload_successful", {}, 1)
    recording.put("ai_exporter_config_last_reload_success_timestamp_seconds", {}, recording.moments[0] - 600.0)
    if not situation.new:
        for location in LOCATIONS:
            recording.put("ai_exporter_egress_up", {"location": location}, [float(not closed) for closed in down])
    for period, limit in (("day", 1.0), ("month", 20.0)):
        recording.put("ai_budget_limit_usd", {"period": period}, limit)
        recording.put("ai_budget_spent_usd", {"period": period}, [limit if over else limit * 0.4 for over in spent])
    recording.put("ai_budget_exhausted", {}, [float(over) for over in spent])
    for name in ("event_loop_lag", "schedule_delay"):
        late: list[Value] = [0.0018] * MINUTES
        runs.histogram(recording, f"ai_exporter_{name}_seconds", {}, LATE, late)
    recording.put("up", {}, 1)
    recording.put("scrape_samples_scraped", {}, 1180)
    recording.put("scrape_duration_seconds", {}, 0.012)
    recording.put("process_cpu_seconds_total", {}, [0.6 * minute for minute in minutes])
    recording.put("process_resident_memory_bytes", {}, 71e6)
    recording.put("process_open_fds", {}, 41)
    recording.put("process_max_fds", {}, 1024)
    for generation in ("0", "1", "2"):
        recording.put("python_gc_collections_total", {"generation": generation}, [float(minute) for minute in minutes])


CROWDS: Final = ("crowd", "crowd-blind", "crowd-new")


def crowd(name: str) -> Recording:
    """147 providers that are all well, or of which nothing can be told, or whose exporter has only just started."""
    recording = Recording(moments(HALF))
    count = len(recording.moments)
    new = name == "crowd-new"
    blind_from = count - 20 if name == "crowd-blind" else count
    blind = [minute >= blind_from for minute in range(count)]
    recording.put("ai_exporter_build_info", {"version": "0.1.0", "pythonversion": "3.12.4"}, 1)
    recording.put("up", {}, 1)
    if not new:
        recording.put("ai_exporter_egress_up", {"location": "fra1"}, [float(not one) for one in blind])
    for number, provider in enumerate(CROWD):
        page = {"provider": provider}
        state = [-1.0] * count if new else [-1.0 if one else 0.0 for one in blind]
        recording.put("ai_provider_observed_status", page | {"location": "fra1"}, state)
        recording.put("ai_status_page_status", page, state)
        if not new:
            recording.put("ai_status_page_up", page | {"format": "statuspage"}, [float(not one) for one in blind])
            for impact in pages.IMPACTS:
                recording.put("ai_incidents_active", page | {"impact": impact}, 0)
        _one_of_many(recording, Probe(provider, provider, "small", "fra1", "paid", 0.2 + number / 150), blind, new=new)
    return recording


def _one_of_many(recording: Recording, probe: Probe, blind: list[bool], *, new: bool) -> None:
    labels, count = probe.labels, len(blind)
    attempts = [0.0] * count if new else [float(HALF * minute) for minute in range(count)]
    failed = list(accumulate(float(HALF * one) for one in blind))
    recording.put("ai_probe_attempts_total", labels, attempts)
    for fault in runs.FAULTS:
        recording.put("ai_probe_failures_total", labels | {"fault": fault}, failed if fault == "prober" else 0)
    recording.put("ai_probe_interval_seconds", labels, 60)
    if new:
        return
    recording.put("ai_probe_success", labels, [float(not one) for one in blind])
    if any(blind):
        gone = {"reason": "egress_down", "fault": "prober"}
        recording.put("ai_probe_last_failure_info", labels | gone, [1.0 if one else None for one in blind])
    times: list[Value] = [None if one else probe.pace for one in blind]
    succeeded = list(accumulate(float(HALF * (not one)) for one in blind))
    recording.put("ai_probe_duration_seconds_count", labels, succeeded)
    runs.histogram(recording, "ai_probe_time_to_first_token_seconds", labels, runs.DURATIONS, times)
    recording.put("ai_probe_last_run_timestamp_seconds", labels, [float(moment) for moment in recording.moments])

"""The metrics that dashboards and rules may rely on: {name: (type, labels between blanks)}.

Typed by hand and kept apart from the exporter's own table, so that a change of either shows as a difference.
A histogram is also read as NAME_bucket (with `le`), NAME_sum and NAME_count; Prometheus adds `job` and
`instance`.
"""

from __future__ import annotations

from typing import Final

PROBE: Final = "probe provider kind model location tier"
COMPONENT: Final = "provider component_id component group"
FAULTS: Final = ("provider", "ours", "network", "prober", "unknown")
VERDICTS: Final = (
    "down", "unreachable", "partly_down", "degraded", "wrong_answers", "refused", "reported", "unknown", "maintenance",
    "operational",
)  # fmt: skip

METRICS: Final[dict[str, tuple[str, str]]] = {
    "ai_probe_success": ("gauge", PROBE),
    "ai_probe_attempts_total": ("counter", PROBE),
    "ai_probe_failures_total": ("counter", f"{PROBE} fault"),
    "ai_probe_failure_reasons_total": ("counter", f"{PROBE} reason fault"),
    "ai_probe_unknown_finish_reasons_total": ("counter", PROBE),
    "ai_probe_skipped_total": ("counter", f"{PROBE} cause"),
    "ai_probe_duration_seconds": ("histogram", PROBE),
    "ai_probe_time_to_first_token_seconds": ("histogram", PROBE),
    "ai_probe_time_to_first_answer_seconds": ("histogram", PROBE),
    "ai_probe_time_per_output_token_seconds": ("histogram", PROBE),
    "ai_probe_objective_seconds": ("gauge", f"{PROBE} objective"),
    "ai_probe_slow_total": ("counter", f"{PROBE} objective"),
    "ai_probe_output_tokens_per_second": ("gauge", PROBE),
    "ai_probe_phase_seconds": ("gauge", f"{PROBE} phase"),
    "ai_probe_longest_stall_seconds": ("gauge", PROBE),
    "ai_probe_server_reported_seconds": ("gauge", f"{PROBE} source"),
    "ai_probe_tokens_total": ("counter", f"{PROBE} type"),
    "ai_probe_cost_usd_total": ("counter", PROBE),
    "ai_probe_answer_correct": ("gauge", PROBE),
    "ai_probe_http_status_code": ("gauge", PROBE),
    "ai_probe_rate_limit": ("gauge", f"{PROBE} limit"),
    "ai_probe_rate_limit_remaining": ("gauge", f"{PROBE} limit"),
    "ai_probe_rate_limit_reset_timestamp_seconds": ("gauge", f"{PROBE} limit"),
    "ai_probe_retry_after_seconds": ("gauge", PROBE),
    "ai_probe_tls_certificate_expiry_timestamp_seconds": ("gauge", PROBE),
    "ai_probe_tls_leaf_certificate_expiry_timestamp_seconds": ("gauge", PROBE),
    "ai_probe_last_run_timestamp_seconds": ("gauge", PROBE),
    "ai_probe_last_success_timestamp_seconds": ("gauge", PROBE),
    "ai_probe_interval_seconds": ("gauge", PROBE),
    "ai_probe_info": ("gauge", f"{PROBE} dialect endpoint_host region connection"),
    "ai_probe_last_failure_info": ("gauge", f"{PROBE} reason fault http_status"),
    "ai_model_available": ("gauge", "provider model"),
    "ai_model_retirement_timestamp_seconds": ("gauge", "provider model"),
    "ai_model_response_info": ("gauge", "provider model response_model fingerprint"),
    "ai_budget_limit_usd": ("gauge", "period"),
    "ai_budget_spent_usd": ("gauge", "period"),
    "ai_budget_exhausted": ("gauge", ""),
    "ai_status_page_up": ("gauge", "provider format"),
    "ai_status_page_status": ("gauge", "provider"),
    "ai_status_page_indicator": ("gauge", "provider"),
    "ai_status_page_failures_total": ("counter", "provider reason"),
    "ai_status_page_last_success_timestamp_seconds": ("gauge", "provider"),
    "ai_status_page_last_change_timestamp_seconds": ("gauge", "provider"),
    "ai_status_page_fetch_seconds": ("gauge", "provider"),
    "ai_status_page_bytes_total": ("counter", "provider"),
    "ai_status_page_components": ("gauge", "provider"),
    "ai_status_page_left_out": ("gauge", "provider what"),
    "ai_status_page_missing_component": ("gauge", "provider component"),
    "ai_component_status": ("gauge", f"{COMPONENT} region"),
    "ai_component_uptime_ratio": ("gauge", f"{COMPONENT} window"),
    "ai_incidents_active": ("gauge", "provider impact"),
    "ai_incidents_opened_total": ("counter", "provider impact"),
    "ai_incidents_resolved_total": ("counter", "provider impact"),
    "ai_incident_info": ("gauge", "provider incident_id name impact status url"),
    "ai_incident_started_timestamp_seconds": ("gauge", "provider incident_id"),
    "ai_incident_updated_timestamp_seconds": ("gauge", "provider incident_id"),
    "ai_incident_updates": ("gauge", "provider incident_id"),
    "ai_incident_component": ("gauge", "provider incident_id component"),
    "ai_maintenances_active": ("gauge", "provider"),
    "ai_maintenances_scheduled": ("gauge", "provider"),
    "ai_maintenance_start_timestamp_seconds": ("gauge", "provider maintenance_id name"),
    "ai_maintenance_end_timestamp_seconds": ("gauge", "provider maintenance_id name"),
    "ai_provider_observed_status": ("gauge", "provider location"),
    "ai_provider_verdict_info": ("gauge", "provider location verdict reason"),
    "ai_provider_trouble_started_timestamp_seconds": ("gauge", "provider location"),
    "ai_provider_episode_started_timestamp_seconds": (
        "gauge",
        "provider location kind model region tier endpoint_host",
    ),
    "ai_provider_wrong_answers_ratio": ("gauge", "provider location"),
    "ai_provider_disagreement_seconds_total": ("counter", "provider location kind"),
    "ai_provider_acknowledgement_lag_seconds": ("gauge", "provider location"),
    "ai_user_reports": ("gauge", "provider source"),
    "ai_user_reports_baseline": ("gauge", "provider source"),
    "ai_second_opinion_status": ("gauge", "provider source"),
    "ai_second_opinion_uptime_ratio": ("gauge", "provider source model"),
    "ai_exporter_build_info": ("gauge", "version pythonversion"),
    "ai_exporter_config_last_reload_successful": ("gauge", ""),
    "ai_exporter_config_last_reload_success_timestamp_seconds": ("gauge", ""),
    "ai_exporter_egress_up": ("gauge", "location"),
    "ai_exporter_event_loop_lag_seconds": ("histogram", ""),
    "ai_exporter_schedule_delay_seconds": ("histogram", ""),
    "ai_exporter_probes": ("gauge", ""),
    "ai_exporter_shard_info": ("gauge", "shard shards"),
}

BESIDE: Final[dict[str, tuple[str, str]]] = {
    "up": ("gauge", ""),
    "scrape_duration_seconds": ("gauge", ""),
    "scrape_samples_scraped": ("gauge", ""),
    "process_cpu_seconds_total": ("counter", ""),
    "process_max_fds": ("gauge", ""),
    "process_open_fds": ("gauge", ""),
    "process_start_time_seconds": ("gauge", ""),
    "process_resident_memory_bytes": ("gauge", ""),
    "python_gc_collections_total": ("counter", "generation"),
}
"""What Prometheus writes for every target, and what the client library exposes beside our own metrics."""

READABLE: Final = BESIDE | METRICS

SUFFIXES: Final = ("_bucket", "_sum", "_count")


def family(series: str) -> str:
    """The table's name of a series: its own, or that of the histogram it is a part of."""
    for suffix in SUFFIXES:
        stem = series.removesuffix(suffix)
        if stem != series and READABLE.get(stem, ("", ""))[0] == "histogram":
            return stem
    return series


def labels(series: str) -> frozenset[str]:
    """The labels that a series of the contract can carry once Prometheus has scraped it.

    Raises:
        KeyError: no such series can be read.
    """
    name = family(series)
    own = {*READABLE[name][1].split(), "cluster", "job", "instance"}
    return frozenset(own | {"le"} if series == f"{name}_bucket" else own)

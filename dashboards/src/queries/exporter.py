"""What the board of the exporter asks: is our own evidence any good."""

from __future__ import annotations

from typing import Final

from dashboards.src.queries.common import EXPORTER, PROBE, PROVIDER, RATE, STEP, or_calm

UP: Final = f"sum(up{{{EXPORTER}}} and on (job, instance) ai_exporter_build_info{{{EXPORTER}}})"
RELOADED: Final = f"min(ai_exporter_config_last_reload_successful{{{EXPORTER}}})"
EGRESS: Final = f'min by (location) (ai_exporter_egress_up{{{EXPORTER}, location=~"$location"}})'
PROBES: Final = f"sum(ai_exporter_probes{{{EXPORTER}}})"
STALE: Final = f"""
count((time() - max by (probe, location, tier, model) (ai_probe_last_run_timestamp_seconds{{{PROBE}}}))
  > 3 * max by (probe, location, tier, model) (ai_probe_interval_seconds{{{PROBE}}}))
or count(ai_probe_last_run_timestamp_seconds{{{PROBE}}}) * 0
"""
UNREADABLE: Final = (
    f"count(max by (provider) (ai_status_page_up{{{PROVIDER}}}) == 0) or count(ai_status_page_up{{{PROVIDER}}}) * 0"
)
BUDGET: Final = f"max(ai_budget_exhausted{{{EXPORTER}}})"

VERSIONS: Final = f"max by (instance, version, pythonversion) (ai_exporter_build_info{{{EXPORTER}}})"
RELOADED_AT: Final = (
    f"max by (instance) (ai_exporter_config_last_reload_success_timestamp_seconds{{{EXPORTER}}}) * 1000"
)
SHARDS: Final = f"max by (instance, shard, shards) (ai_exporter_shard_info{{{EXPORTER}}})"
PROBES_EACH: Final = f"max by (instance) (ai_exporter_probes{{{EXPORTER}}})"
MEMORY_NOW: Final = f"max by (instance) (process_resident_memory_bytes{{{EXPORTER}}})"


def _late(share: str, metric: str) -> str:
    return f"histogram_quantile({share}, sum by (instance, le) (rate({metric}_bucket{{{EXPORTER}}}[{RATE}]))) >= 0"


LOOP_LAG: Final = _late("0.99", "ai_exporter_event_loop_lag_seconds")
DELAY: Final = _late("0.99", "ai_exporter_schedule_delay_seconds")
OUR_FAILURES: Final = f"""
sum by (reason) (increase(ai_probe_failure_reasons_total{{{PROBE}, fault="prober"}}[{STEP}])) > 0
"""
EGRESS_OVER_TIME: Final = EGRESS

OLDEST_RUNS: Final = f"""
topk(15, (time() - max by (probe, location) (ai_probe_last_run_timestamp_seconds{{{PROBE}}}))
  / max by (probe, location) (ai_probe_interval_seconds{{{PROBE}}}))
"""
SETUP: Final = f"""
max by (probe, provider, kind, model, location, tier, dialect, endpoint_host, region, connection) (
  ai_probe_info{{{PROBE}}}
)
"""
CERTIFICATES: Final = f"""
bottomk(15, min by (probe, location) (ai_probe_tls_certificate_expiry_timestamp_seconds{{{PROBE}}}) - time())
"""
LEAF_CERTIFICATES: Final = f"""
bottomk(15, min by (probe, location) (ai_probe_tls_leaf_certificate_expiry_timestamp_seconds{{{PROBE}}}) - time())
"""

PAGES_DOWN: Final = or_calm(
    f"min by (provider, format) (ai_status_page_up{{{PROVIDER}}}) == 0",
    "provider",
    "every page was read",
    f"count(ai_status_page_up{{{PROVIDER}}})",
)
PAGE_READ_AT: Final = f"""
max by (provider) (ai_status_page_last_success_timestamp_seconds{{{PROVIDER}}}) * 1000
and on (provider) min by (provider) (ai_status_page_up{{{PROVIDER}}}) == 0
"""
PAGE_FAILURES: Final = f"sum by (reason) (increase(ai_status_page_failures_total{{{PROVIDER}}}[{STEP}])) > 0"
FETCH: Final = f"topk(8, max by (provider) (ai_status_page_fetch_seconds{{{PROVIDER}}}))"
BYTES: Final = f"topk(8, sum by (provider) (rate(ai_status_page_bytes_total{{{PROVIDER}}}[{RATE}])))"
COMPONENTS: Final = f"topk(15, max by (provider) (ai_status_page_components{{{PROVIDER}}}))"
LEFT_OUT: Final = or_calm(
    f"max by (provider, what) (ai_status_page_left_out{{{PROVIDER}}}) > 0",
    "what",
    "nothing is left out",
    f"count(ai_status_page_left_out{{{PROVIDER}}})",
)
MISSING: Final = or_calm(
    f"max by (provider, component) (ai_status_page_missing_component{{{PROVIDER}}}) == 1",
    "component",
    "none is missing",
    f"count(ai_status_page_up{{{PROVIDER}}})",
)

SERIES: Final = f"sum by (instance) (scrape_samples_scraped{{{EXPORTER}}})"
SCRAPE: Final = f"max by (instance) (scrape_duration_seconds{{{EXPORTER}}})"
MEMORY: Final = f"max by (instance) (process_resident_memory_bytes{{{EXPORTER}}})"
CPU: Final = f"sum by (instance) (rate(process_cpu_seconds_total{{{EXPORTER}}}[{RATE}]))"
COLLECTIONS: Final = f"sum by (generation) (increase(python_gc_collections_total{{{EXPORTER}}}[{STEP}]))"
FILES: Final = f"max by (instance) (process_open_fds{{{EXPORTER}}} / process_max_fds{{{EXPORTER}}})"

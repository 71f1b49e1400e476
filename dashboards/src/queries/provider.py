"""What the board of one provider asks."""

from __future__ import annotations

from typing import Final

from dashboards.src.names import TRAFFIC_ERRORS, TRAFFIC_REQUESTS
from dashboards.src.queries.common import (
    ATTEMPTS,
    FAILURES,
    PAGE,
    PATH,
    PLACE,
    PROBE,
    PROVIDER,
    RATE,
    STEP,
    failure_share,
    or_calm,
    quantile,
    strongest,
)

# Now.
OBSERVED_BY_LOCATION: Final = f"max by (location) (ai_provider_observed_status{{{PLACE}}})"
PAGE_NOW: Final = f"max({PAGE})"
INDICATOR: Final = f"max(ai_status_page_indicator{{{PROVIDER}}})"
VERDICT: Final = f"{strongest('provider', 'verdict, reason', f'ai_provider_verdict_info{{{PLACE}}} == 1')} > 0"
SINCE: Final = f"min by (location) (ai_provider_trouble_started_timestamp_seconds{{{PLACE}}}) * 1000"
RUNS: Final = f"sum(ai_probe_success{{{PROBE}}}) / count(ai_probe_success{{{PROBE}}})"
WRONG: Final = f"max by (location) (ai_provider_wrong_answers_ratio{{{PLACE}}})"
CORRECT: Final = f"avg(ai_probe_answer_correct{{{PROBE}}})"
REPORTS: Final = f"sum by (source) (ai_user_reports{{{PROVIDER}}})"
REPORTS_USUAL: Final = f"sum by (source) (ai_user_reports_baseline{{{PROVIDER}}})"
SECOND_OPINION: Final = f"max by (source) (ai_second_opinion_status{{{PROVIDER}}})"

# How slow.
TTFT: Final = "ai_probe_time_to_first_token_seconds"
FIRST_TOKEN_BUCKETS: Final = f"sum by (le) (increase({TTFT}_bucket{{{PROBE}}}[{STEP}]))"
DURATION_BUCKETS: Final = f"sum by (le) (increase(ai_probe_duration_seconds_bucket{{{PROBE}}}[{STEP}]))"
FIRST_TOKEN_P50: Final = quantile("0.5", TTFT, PATH)
FIRST_TOKEN_P95: Final = quantile("0.95", TTFT, PATH)
DURATION_P95: Final = quantile("0.95", "ai_probe_duration_seconds", PATH)
FIRST_ANSWER_P95: Final = quantile("0.95", "ai_probe_time_to_first_answer_seconds", PATH)
FIRST_TOKEN_OBJECTIVE: Final = f'min(ai_probe_objective_seconds{{{PROBE}, objective="first_token"}})'
DURATION_OBJECTIVE: Final = f'min(ai_probe_objective_seconds{{{PROBE}, objective="duration"}})'


def _a_week_earlier(metric: str) -> str:
    # Over all paths: one line to compare with, not a second thicket.
    return f"""
    histogram_quantile(0.95, sum by (le) (rate({metric}_bucket{{{PROBE}}}[{RATE}] offset 1w))) >= 0
    """


FIRST_TOKEN_A_WEEK_EARLIER: Final = _a_week_earlier(TTFT)
DURATION_A_WEEK_EARLIER: Final = _a_week_earlier("ai_probe_duration_seconds")
SLOW: Final = f"""
sum by (objective) (increase(ai_probe_slow_total{{{PROBE}}}[{STEP}]))
"""
PHASES: Final = f"avg by (phase) (ai_probe_phase_seconds{{{PROBE}}})"
STALLS: Final = f"max by ({PATH}) (ai_probe_longest_stall_seconds{{{PROBE}}})"
SERVER_REPORTED: Final = f"avg by (source) (ai_probe_server_reported_seconds{{{PROBE}}})"

# What fails.
BY_FAULT: Final = f"sum by (fault) (increase({FAILURES}[{STEP}]))"
BY_REASON: Final = f"""
sum by (reason, fault) (increase(ai_probe_failure_reasons_total{{{PROBE}}}[{STEP}])) > 0
"""
SHARE_BY_PATH: Final = failure_share("rate", RATE, PATH)
ATTEMPTS_BY_PATH: Final = f"sum by ({PATH}) (increase({ATTEMPTS}[{STEP}]))"
UNKNOWN_ENDINGS: Final = f"sum by ({PATH}) (increase(ai_probe_unknown_finish_reasons_total{{{PROBE}}}[{STEP}])) > 0"
STATUS_CODES: Final = f"max by (probe, location) (ai_probe_http_status_code{{{PROBE}}})"
# A part without a model or tier is all of them: it concerns those that are chosen too.
_ANY_PART: Final = f'{PLACE}, model=~"$model|", tier=~"$tier|"'
_PART: Final = "location, kind, model, region, tier, endpoint_host"
EPISODES: Final = or_calm(
    f"min by ({_PART}) (ai_provider_episode_started_timestamp_seconds{{{_ANY_PART}}}) * 1000",
    "kind",
    "none is open",
    f"count(ai_probe_success{{{PROBE}}})",
)
LAST_FAILURES: Final = or_calm(
    f"max by (probe, location, tier, model, reason, fault, http_status) (ai_probe_last_failure_info{{{PROBE}}}) == 1",
    "probe",
    "no probe fails",
    f"count(ai_probe_success{{{PROBE}}})",
)
LAST_SUCCESS: Final = f"""
max by (probe, location, tier, model) (ai_probe_last_success_timestamp_seconds{{{PROBE}}}) * 1000
and on (probe, location, tier, model) ai_probe_last_failure_info{{{PROBE}}} == 1
"""

# What the page says, and our own traffic.
COMPONENTS: Final = f"max by (component, group, region) (ai_component_status{{{PROVIDER}}})"
TRAFFIC: Final = f"sum by (provider) ({TRAFFIC_REQUESTS}{{{PROVIDER}}})"
TRAFFIC_SHARE: Final = f"max by (provider) ({TRAFFIC_ERRORS}{{{PROVIDER}}})"
PROBE_SHARE: Final = failure_share("rate", RATE, "provider")

# Limits.
HEADROOM: Final = f"""
min by (probe, limit) (ai_probe_rate_limit_remaining{{{PROBE}}} / (ai_probe_rate_limit{{{PROBE}}} > 0))
"""
RETRY_AFTER: Final = f"max by (probe) (ai_probe_retry_after_seconds{{{PROBE}}})"

"""What the comparison of models and paths asks."""

from __future__ import annotations

from typing import Final

from dashboards.src.queries.common import (
    MODEL,
    PATH,
    PROBE,
    RATE,
    failure_share,
    or_calm,
    quantile,
)

TTFT: Final = "ai_probe_time_to_first_token_seconds"

# Now, one row a path.
AVAILABILITY_DAY: Final = f"1 - ({failure_share('increase', '24h', PATH)})"
FIRST_TOKEN_DAY: Final = quantile("0.95", TTFT, PATH, "increase", "24h")
SPEED_NOW: Final = f"avg by ({PATH}) (ai_probe_output_tokens_per_second{{{PROBE}}})"
TOKEN_TIME_DAY: Final = quantile("0.95", "ai_probe_time_per_output_token_seconds", PATH, "increase", "24h")
COST_A_RUN: Final = f"""
1000 * sum by ({PATH}) (increase(ai_probe_cost_usd_total{{{PROBE}}}[24h]))
/ (sum by ({PATH}) (increase(ai_probe_attempts_total{{{PROBE}}}[24h])) > 0)
"""
CORRECT_NOW: Final = f"avg by ({PATH}) (ai_probe_answer_correct{{{PROBE}}})"

# Over time; of many paths the twelve slowest or worst.
_SLOWEST: Final = f"""
topk(12, sum by ({PATH}) (increase({TTFT}_sum{{{PROBE}}}[$__range] @ end()))
  / (sum by ({PATH}) (increase({TTFT}_count{{{PROBE}}}[$__range] @ end())) > 0))
"""
FIRST_TOKEN: Final = f"{quantile('0.95', TTFT, PATH)} and on ({PATH}) {_SLOWEST}"
_SLOWEST_TO_GO_ON: Final = f"""
bottomk(12, avg by ({PATH}) (avg_over_time(ai_probe_output_tokens_per_second{{{PROBE}}}[$__range] @ end())))
"""
TOKEN_TIME: Final = f"""
{quantile("0.95", "ai_probe_time_per_output_token_seconds", PATH)} and on ({PATH}) {_SLOWEST_TO_GO_ON}
"""
SPEED: Final = f"avg by ({PATH}) (ai_probe_output_tokens_per_second{{{PROBE}}}) and on ({PATH}) {_SLOWEST_TO_GO_ON}"
_WORST: Final = f"""
topk(12, sum by ({PATH}) (increase(ai_probe_failures_total{{{PROBE}, fault="provider"}}[$__range] @ end())))
"""
SHARES: Final = f"{failure_share('rate', RATE, PATH)} and on ({PATH}) {_WORST}"

# What providers say of their models.
RETIRING: Final = f"sort(max by (provider, model) (ai_model_retirement_timestamp_seconds{{{MODEL}}}) * 1000)"
MISSING: Final = or_calm(
    f"max by (provider, model) (ai_model_available{{{MODEL}}}) == 0",
    "model",
    "none is missing",
    f"count(ai_model_available{{{MODEL}}})",
)
SNAPSHOTS: Final = f"max by (provider, model, response_model, fingerprint) (ai_model_response_info{{{MODEL}}})"
REPOINTED: Final = f"""
count by (provider, model) (count by (provider, model, response_model) (
  max_over_time(ai_model_response_info{{{MODEL}}}[$__range] @ end())
))
"""
UPTIME_OF_OTHERS: Final = f"min by (provider, model, source) (ai_second_opinion_uptime_ratio{{{MODEL}}})"

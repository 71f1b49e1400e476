"""What the board of cost and limits asks."""

from __future__ import annotations

from typing import Final

from dashboards.src.queries.common import EXPORTER, PROBE, STEP

SPENT: Final = f"sum by (period) (ai_budget_spent_usd{{{EXPORTER}}})"
LIMIT: Final = f"sum by (period) (ai_budget_limit_usd{{{EXPORTER}}})"
USED: Final = f"""
max by (instance, period) (ai_budget_spent_usd{{{EXPORTER}}} / (ai_budget_limit_usd{{{EXPORTER}}} > 0))
"""
EXHAUSTED: Final = f"sum(ai_budget_exhausted{{{EXPORTER}}})"
A_MONTH: Final = f"30 * sum(increase(ai_probe_cost_usd_total{{{PROBE}}}[24h]))"

BY_PROVIDER: Final = f"sum by (provider) (increase(ai_probe_cost_usd_total{{{PROBE}}}[{STEP}])) > 0"
BY_PROBE: Final = f"topk(15, sum by (probe, model) (increase(ai_probe_cost_usd_total{{{PROBE}}}[24h])) > 0)"
TOKENS: Final = f"sum by (type) (increase(ai_probe_tokens_total{{{PROBE}}}[{STEP}]))"
SKIPPED: Final = f"sum by (cause) (increase(ai_probe_skipped_total{{{PROBE}}}[{STEP}]))"
UNPRICED: Final = f"""
count(max by (probe) (ai_probe_attempts_total{{{PROBE}, kind=~"chat|responses_background|embeddings|speech|image"}})
  unless on (probe) max by (probe) (ai_probe_cost_usd_total{{{PROBE}}}))
or count(ai_probe_attempts_total{{{PROBE}}}) * 0
"""

HEADROOM: Final = f"""
bottomk(20, min by (probe, limit) (ai_probe_rate_limit_remaining{{{PROBE}}} / (ai_probe_rate_limit{{{PROBE}}} > 0)))
"""
_LIMIT: Final = "provider, probe, tier, limit"
STATED: Final = f"max by ({_LIMIT}) (ai_probe_rate_limit{{{PROBE}}})"
REMAINING: Final = f"min by ({_LIMIT}) (ai_probe_rate_limit_remaining{{{PROBE}}})"
RESET: Final = f"max by ({_LIMIT}) (ai_probe_rate_limit_reset_timestamp_seconds{{{PROBE}}}) * 1000"
WAITS: Final = f"max by (probe) (ai_probe_retry_after_seconds{{{PROBE}}})"
LIMITED: Final = f"""
sum by (provider, reason) (
  increase(ai_probe_failure_reasons_total{{{PROBE}, reason=~"rate_limited|throttled|quota_exhausted"}}[{STEP}])
) > 0
"""

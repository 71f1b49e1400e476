"""What the board of service levels asks. It reads the counters themselves, so that it needs no recording rules.

Availability is 1 - provider failures / (attempts - failures whose fault is not the provider). Every share is asked only
where something could be judged: no data gives no answer, never 0 / 0, and a budget that is spent is 0, not less.
"""

from __future__ import annotations

from typing import Final

from dashboards.src.queries.common import PROBE, RATE, failure_share, judged

LEVEL: Final = "provider, location, tier"
ALLOWED: Final = "(1 - $objective / 100)"

FAILED: Final = f"({failure_share('increase', '$window', LEVEL)})"
AVAILABILITY: Final = f"1 - {FAILED}"
JUDGED: Final = judged("increase", "$window", LEVEL)
BUDGET_LEFT: Final = f"clamp(1 - {FAILED} / {ALLOWED}, 0, 1)"
BURN_HOUR: Final = f"({failure_share('increase', '1h', LEVEL)}) / {ALLOWED}"
BURN_SIX_HOURS: Final = f"({failure_share('increase', '6h', LEVEL)}) / {ALLOWED}"

MET: Final = f"count({AVAILABILITY} >= $objective / 100) or count({FAILED}) * 0"
MISSED: Final = f"count({AVAILABILITY} < $objective / 100) or count({FAILED}) * 0"
UNJUDGED: Final = f"""
count(count by ({LEVEL}) (ai_probe_attempts_total{{{PROBE}}}) unless on ({LEVEL}) {JUDGED})
or count(ai_probe_attempts_total{{{PROBE}}}) * 0
"""
LOWEST_BUDGET: Final = f"min({BUDGET_LEFT})"

_BURNING: Final = (
    f"topk(10, ({failure_share('increase', '$__range', LEVEL).replace('[$__range]', '[$__range] @ end()')}) > 0)"
)
BURN: Final = f"({failure_share('rate', RATE, LEVEL)}) / {ALLOWED} and on ({LEVEL}) {_BURNING}"
BUDGET_OVER_TIME: Final = f"{BUDGET_LEFT} and on ({LEVEL}) {_BURNING}"
WORST_BUDGETS: Final = f"bottomk(20, {BUDGET_LEFT})"

_SUCCESSES: Final = f"""
(
  sum by ({LEVEL}) (increase(ai_probe_attempts_total{{{PROBE}}}[$window]))
  - sum by ({LEVEL}) (increase(ai_probe_failures_total{{{PROBE}}}[$window])) > 0
)
"""
FAST_ENOUGH: Final = f"""
1 - max by ({LEVEL}) (sum by ({LEVEL}, objective) (increase(ai_probe_slow_total{{{PROBE}}}[$window]))) / {_SUCCESSES}
"""

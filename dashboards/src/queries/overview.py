"""What the Overview asks."""

from __future__ import annotations

from typing import Final

from dashboards.src.queries.common import (
    EXPORTER,
    FAILURES,
    FRESH_PROBES,
    OBSERVED,
    PAGE,
    PLACE,
    PROBE,
    PROVIDER,
    RATE,
    STEP,
    calm,
    counted,
    failure_share,
    or_calm,
    quantile,
    strongest,
)

# The headline. Each is a count, 0 when there is evidence of none, and no answer when there is no evidence.
# An episode outlasts one lucky run, and what cannot be reached is trouble too: the verdict knows both.
_VERDICTS: Final = "down|unreachable|partly_down|degraded"
_TROUBLE: Final = f"""
({OBSERVED} >= 2 or max by (provider) (ai_provider_verdict_info{{{PLACE}, verdict=~"{_VERDICTS}"}} == 1))
"""
TROUBLED: Final = counted(_TROUBLE, f"{OBSERVED} >= 0")
RED_PAGES: Final = counted(f"{PAGE} >= 2", f"{PAGE} >= 0")
SILENT_PAGES: Final = counted(f"{OBSERVED} >= 2 and on (provider) {PAGE} == 0", f"{OBSERVED} >= 0")
LONELY_PAGES: Final = counted(f"{PAGE} >= 2 and on (provider) {OBSERVED} == 0", f"{PAGE} >= 0")
BLIND: Final = counted(f"{OBSERVED} == -1 or {PAGE} == -1", f"{OBSERVED} or {PAGE}")
EGRESS: Final = f'min(ai_exporter_egress_up{{{EXPORTER}, location=~"$location"}})'
BUDGET: Final = f"max(ai_budget_exhausted{{{EXPORTER}}})"

_LAST_FAILURES: Final = f"max by (probe, provider, location, fault) (ai_probe_last_failure_info{{{PROBE}}}) == 1"
FAILING_NOW: Final = or_calm(f"count by (fault) ({_LAST_FAILURES})", "fault", "nobody", FRESH_PROBES)

# Who wants a look: in trouble for us or by its own page, or one of the two cannot be told, or some probe fails.
_NEEDS_A_LOOK: Final = f"""
(
  {OBSERVED} >= 2 or {PAGE} >= 2 or {OBSERVED} == -1 or {PAGE} == -1
  or max by (provider) (ai_probe_last_failure_info{{{PROBE}}} == 1)
  or max by (provider) (ai_provider_verdict_info{{{PLACE}, verdict!~"operational|maintenance|unknown"}} == 1)
)
"""


def _worst(state: str) -> str:
    """The state of those who want a look; where nobody does, one row that says so, if the state is known of some."""
    well = calm(_NEEDS_A_LOOK, "provider", "none in trouble", f"count({state} >= 0)")
    return f"({state} and on (provider) {_NEEDS_A_LOOK}) or {well}"


WORST: Final = _worst(OBSERVED)
WORST_PAGES: Final = _worst(PAGE)
WORST_SHARES: Final = f"{failure_share('increase', '15m', 'provider')} and on (provider) {_NEEDS_A_LOOK}"
_FIRST_TOKENS: Final = quantile("0.95", "ai_probe_time_to_first_token_seconds", "provider", "increase", "15m")
WORST_FIRST_TOKEN: Final = f"({_FIRST_TOKENS}) and on (provider) {_NEEDS_A_LOOK}"
WORST_SINCE: Final = f"""
min by (provider) (ai_provider_trouble_started_timestamp_seconds{{{PLACE}}}) * 1000 and on (provider) {_NEEDS_A_LOOK}
"""
WORST_VERDICTS: Final = strongest("provider", "verdict, reason", f"ai_provider_verdict_info{{{PLACE}}} == 1")
WORST_VERDICTS_OF_THESE: Final = f"{WORST_VERDICTS} and on (provider) {_NEEDS_A_LOOK}"
_FAILURES_OF_THESE: Final = strongest(
    "provider",
    "failure, fault",
    f"""
label_replace(ai_probe_last_failure_info{{{PROBE}}} == 1, "failure", "$1", "reason", "(.*)")
""",
)
WORST_FAILURES: Final = f"{_FAILURES_OF_THESE} and on (provider) {_NEEDS_A_LOOK}"

# The map: the worse of probes and page. Where probes exist and cannot tell, only a red page says more than unknown.
_BOTH: Final = f"""
max by (provider) (
  label_replace({OBSERVED}, "side", "probes", "", "") or label_replace({PAGE}, "side", "page", "", "")
)
"""
_STATES: Final = f"(({_BOTH} unless on (provider) {OBSERVED} == -1) or {PAGE} >= 2 or {OBSERVED})"
# All tiles have the letters of the longest name: ten of them can still be read on a tile among 150.
MAP: Final = f'sort_desc(label_replace({_STATES}, "short", "$1", "provider", "(.{{1,10}}).*"))'

# The timeline. Rows of one provider stand together, because Prometheus sorts by the names of labels first: `provider`
# comes before `side`.
_ROWS: Final = f"""
(
  max by (provider, side) (
    label_replace(ai_provider_observed_status{{{PLACE}}}, "side", "our probes $1", "location", "(.*)")
  )
  or
  max by (provider, side) (
    label_replace(ai_status_page_status{{{PROVIDER}}}, "side", "their page", "", "")
  )
)
"""
_NOW: Final = f"""
(
  max by (provider) (ai_provider_observed_status{{{PLACE}}} @ end()) >= 2
  or max by (provider) (ai_status_page_status{{{PROVIDER}}} @ end()) >= 2
  or max by (provider) (ai_provider_observed_status{{{PLACE}}} @ end()) == -1
)
"""
_EARLIER: Final = f"""
(
  max by (provider) (max_over_time(ai_provider_observed_status{{{PLACE}}}[$__range] @ end())) >= 2
  or max by (provider) (max_over_time(ai_status_page_status{{{PROVIDER}}}[$__range] @ end())) >= 2
)
"""
TIMELINE_NOW: Final = f"{_ROWS} and on (provider) {_NOW}"
TIMELINE_EARLIER: Final = f"{_ROWS} and on (provider) ({_EARLIER} unless on (provider) {_NOW})"
TIMELINE_OTHERS: Final = f"""
(
  max by (provider, side) (
    label_replace(ai_provider_observed_status{{{PLACE}, provider=~"$others"}},
      "side", "our probes $1", "location", "(.*)")
  )
  or
  max by (provider, side) (
    label_replace(ai_status_page_status{{{PROVIDER}, provider=~"$others"}}, "side", "their page", "", "")
  )
)
unless on (provider) ({_NOW} or {_EARLIER})
"""
TIMELINE_CALM: Final = calm(f"{_NOW} or {_EARLIER}", "provider", "none in trouble")

# Over time. Of many providers only the eight worst of the range are drawn.
FAULTS: Final = f"sum by (fault) (increase({FAILURES}[{STEP}]))"
_MOST_FAILURES: Final = f"""
topk(8, sum by (provider) (increase(ai_probe_failures_total{{{PROBE}, fault="provider"}}[$__range] @ end())) > 0)
"""
# What can be judged is successes and failures of the provider, so this is `failure_share` in other words: of 200 probes
# it reads 400 series, not 1,200.
_WAY: Final = "provider, location, tier"
_FAILED: Final = f'sum by ({_WAY}) (rate(ai_probe_failures_total{{{PROBE}, fault="provider"}}[{RATE}]))'
_SUCCEEDED: Final = f"sum by ({_WAY}) (rate(ai_probe_duration_seconds_count{{{PROBE}}}[{RATE}]))"
SHARES: Final = f"{_FAILED} / ({_FAILED} + {_SUCCEEDED} > 0) and on (provider) {_MOST_FAILURES}"
SHARES_CALM: Final = calm(_MOST_FAILURES, "provider", "all providers", f"count({OBSERVED} >= 0)")
_SLOWEST: Final = f"""
topk(8, sum by (provider) (increase(ai_probe_time_to_first_token_seconds_sum{{{PROBE}}}[$__range] @ end()))
  / (sum by (provider) (increase(ai_probe_time_to_first_token_seconds_count{{{PROBE}}}[$__range] @ end())) > 0))
"""
FIRST_TOKEN: Final = f"""
sum by (provider) (rate(ai_probe_time_to_first_token_seconds_sum{{{PROBE}}}[{RATE}]))
/ (sum by (provider) (rate(ai_probe_time_to_first_token_seconds_count{{{PROBE}}}[{RATE}])) > 0)
and on (provider) {_SLOWEST}
"""
DISAGREEMENT: Final = f"""
max by (provider, kind) (increase(ai_provider_disagreement_seconds_total{{{PLACE}}}[{STEP}])) > 0
"""

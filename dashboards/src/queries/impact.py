"""What the board of our own traffic asks: the recording rules for gateways, beside probes and pages."""

from __future__ import annotations

from typing import Final

from dashboards.src.names import TRAFFIC_ERRORS, TRAFFIC_REQUESTS
from dashboards.src.queries.common import OBSERVED, PAGE, PROVIDER, RATE, counted, failure_share

REQUESTS: Final = f"sum by (provider) ({TRAFFIC_REQUESTS}{{{PROVIDER}}})"
SHARE: Final = f"max by (provider) ({TRAFFIC_ERRORS}{{{PROVIDER}}})"
# Each gateway has its own requests and its own share of errors.
LOST: Final = f"""
60 * sum by (provider) (
  {TRAFFIC_REQUESTS}{{{PROVIDER}}} * on (provider, source) group_left () {TRAFFIC_ERRORS}{{{PROVIDER}}}
)
"""

ALL_REQUESTS: Final = f"sum({REQUESTS})"
ALL_LOST: Final = f"sum({LOST})"
ALL_SHARE: Final = f"sum({LOST}) / (60 * sum({REQUESTS}) > 0)"
HIT: Final = counted(f"({SHARE}) >= 0.05", SHARE)
UNEXPLAINED: Final = counted(f"({SHARE}) >= 0.05 and on (provider) {OBSERVED} == 0", SHARE)

PROBES_NOW: Final = f"{failure_share('increase', '15m', 'provider')} and on (provider) ({REQUESTS})"
OBSERVED_HERE: Final = f"{OBSERVED} and on (provider) ({REQUESTS})"
PAGE_HERE: Final = f"{PAGE} and on (provider) ({REQUESTS})"

_WORST: Final = f"topk(8, max_over_time({TRAFFIC_ERRORS}{{{PROVIDER}}}[$__range] @ end()))"
REQUESTS_OVER_TIME: Final = f"topk(10, {REQUESTS})"
SHARE_OVER_TIME: Final = f"{SHARE} and on (provider) {_WORST}"
PROBES_OVER_TIME: Final = f"{failure_share('rate', RATE, 'provider')} and on (provider) {_WORST}"
LOST_OVER_TIME: Final = f"{LOST} and on (provider) {_WORST}"

"""Names that may vary from one installation to the next, each in one place. Change them here and run `make bundle`."""

from __future__ import annotations

from typing import Final

TAG: Final = "ai-provider-exporter"
"""The tag that all boards share: their menu of links lists whatever carries it."""

TITLE_PREFIX: Final = "AI providers / "

UIDS: Final = {
    "overview": "ai-provider-overview",
    "provider": "ai-provider-detail",
    "models": "ai-provider-models",
    "incidents": "ai-provider-incidents",
    "slo": "ai-provider-slo",
    "cost": "ai-provider-cost",
    "impact": "ai-provider-impact",
    "exporter": "ai-provider-exporter",
}
"""File name without its ending to uid. Alerts link to these uids; bookmarks of users hold them."""

CLUSTER_LABEL: Final = "cluster"
"""The external label that tells one Prometheus from another; series without it are chosen too."""

ALERTS: Final = "AIProvider.*"
"""The names of our alerts, as a regular expression."""

TRAFFIC_REQUESTS: Final = "provider:ai_traffic_requests:rate5m"
TRAFFIC_ERRORS: Final = "provider:ai_traffic_errors:ratio5m"
"""What the recording rules of `alerts/rules/traffic/` make of a gateway's metrics."""

REFRESH: Final = "1m"
DEFAULT_RANGE: Final = "now-6h"

RATE_INTERVAL: Final = "5m"
"""The smallest step of a panel that draws rates: it must hold several scrapes and several runs of a probe."""

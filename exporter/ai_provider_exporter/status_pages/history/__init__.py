"""What status pages publish of their past: one module for each format that keeps a history, each of them pure."""

from __future__ import annotations

from ai_provider_exporter.status_pages.history import betterstack, gcp, incidentio, statuspage
from ai_provider_exporter.status_pages.history.history import Past

HISTORIES: dict[str, Past] = {
    "statuspage": statuspage,
    "incidentio": incidentio,
    "betterstack": betterstack,
    "gcp": gcp,
}

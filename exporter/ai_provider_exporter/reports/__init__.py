"""What users and third parties say of a provider: one module a source, off unless it is configured.

Each is a second opinion, labelled with its source. Counts are per 15 minutes; what a source does not say is None.
"""

from __future__ import annotations

from collections.abc import Mapping

from ai_provider_exporter.reports.source import Source
from ai_provider_exporter.schema.lazy import Lazily

SOURCES: Mapping[str, Source] = Lazily(
    {
        "downdetector": "ai_provider_exporter.reports.downdetector",
        "statusgator": "ai_provider_exporter.reports.statusgator",
        "isdown": "ai_provider_exporter.reports.isdown",
        "openrouter": "ai_provider_exporter.reports.openrouter",
        "reddit": "ai_provider_exporter.reports.reddit",
        "hackernews": "ai_provider_exporter.reports.hackernews",
    }
)

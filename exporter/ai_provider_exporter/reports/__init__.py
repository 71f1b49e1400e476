"""What users and third parties say of a provider: one module a source, off unless it is configured.

Each is a second opinion, labelled with its source. Counts are per 15 minutes; what a source does not say is None.
"""

from __future__ import annotations

from ai_provider_exporter.reports import downdetector, hackernews, isdown, openrouter, reddit, statusgator
from ai_provider_exporter.reports.source import Source

SOURCES: dict[str, Source] = {
    "downdetector": downdetector,
    "statusgator": statusgator,
    "isdown": isdown,
    "openrouter": openrouter,
    "reddit": reddit,
    "hackernews": hackernews,
}

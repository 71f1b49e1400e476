"""Status pages: one module a format, each of them pure; `reader` fetches what they parse.

The order is that of detection: what can be told apart most surely comes first.
"""

from __future__ import annotations

from collections.abc import Mapping

from ai_provider_exporter.schema.lazy import Lazily
from ai_provider_exporter.status_pages.format import Format

FORMATS: Mapping[str, Format] = Lazily(
    {
        "incidentio": "ai_provider_exporter.status_pages.formats.incidentio",
        "statuspage": "ai_provider_exporter.status_pages.formats.statuspage",
        "instatus": "ai_provider_exporter.status_pages.formats.instatus",
        "betterstack": "ai_provider_exporter.status_pages.formats.betterstack",
        "cstate": "ai_provider_exporter.status_pages.formats.cstate",
        "statusio": "ai_provider_exporter.status_pages.formats.statusio",
        "gcp": "ai_provider_exporter.status_pages.formats.gcp",
        "aistudio": "ai_provider_exporter.status_pages.formats.aistudio",
        "gatus": "ai_provider_exporter.status_pages.formats.gatus",
        "uptime_kuma": "ai_provider_exporter.status_pages.formats.uptime_kuma",
        "cachet": "ai_provider_exporter.status_pages.formats.cachet",
        "statuscast": "ai_provider_exporter.status_pages.formats.statuscast",
        "upptime": "ai_provider_exporter.status_pages.formats.upptime",
        "aws": "ai_provider_exporter.status_pages.formats.aws",
        "oneuptime": "ai_provider_exporter.status_pages.formats.oneuptime",
        "openstatus": "ai_provider_exporter.status_pages.formats.openstatus",
        "datadog": "ai_provider_exporter.status_pages.formats.datadog",
        "cloudflare_v3": "ai_provider_exporter.status_pages.formats.cloudflare_v3",
        "flashduty": "ai_provider_exporter.status_pages.formats.flashduty",
        "onlineornot": "ai_provider_exporter.status_pages.formats.onlineornot",
        "firehydrant": "ai_provider_exporter.status_pages.formats.firehydrant",
        "rootly": "ai_provider_exporter.status_pages.formats.rootly",
        "slack": "ai_provider_exporter.status_pages.formats.slack",
        "heroku": "ai_provider_exporter.status_pages.formats.heroku",
        "salesforce": "ai_provider_exporter.status_pages.formats.salesforce",
        "oci": "ai_provider_exporter.status_pages.formats.oci",
        "xai_rss": "ai_provider_exporter.status_pages.formats.xai_rss",
        "azure_rss": "ai_provider_exporter.status_pages.formats.azure_rss",
        "aws_rss": "ai_provider_exporter.status_pages.formats.aws_rss",
        "ibm_rss": "ai_provider_exporter.status_pages.formats.ibm_rss",
        "checkly_rss": "ai_provider_exporter.status_pages.formats.checkly_rss",
        "rss": "ai_provider_exporter.status_pages.formats.rss",
        "atom": "ai_provider_exporter.status_pages.formats.atom",
    }
)

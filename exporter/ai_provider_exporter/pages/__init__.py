"""Status pages: one module a format, each of them pure; `reader` fetches what they parse.

The order is that of detection: what can be told apart most surely comes first.
"""

from __future__ import annotations

from ai_provider_exporter.pages import (
    atom,
    aws,
    aws_rss,
    azure_rss,
    betterstack,
    checkly_rss,
    cloudflare_v3,
    cstate,
    datadog,
    firehydrant,
    flashduty,
    gcp,
    heroku,
    ibm_rss,
    incidentio,
    instatus,
    oci,
    oneuptime,
    onlineornot,
    openstatus,
    rootly,
    rss,
    salesforce,
    slack,
    statusio,
    statuspage,
    xai_rss,
)
from ai_provider_exporter.pages.format import Format

FORMATS: dict[str, Format] = {
    "incidentio": incidentio,
    "statuspage": statuspage,
    "instatus": instatus,
    "betterstack": betterstack,
    "cstate": cstate,
    "statusio": statusio,
    "gcp": gcp,
    "aws": aws,
    "oneuptime": oneuptime,
    "openstatus": openstatus,
    "xai_rss": xai_rss,
    "azure_rss": azure_rss,
    "aws_rss": aws_rss,
    "ibm_rss": ibm_rss,
    "checkly_rss": checkly_rss,
    "rss": rss,
    "atom": atom,
    "datadog": datadog,
    "cloudflare_v3": cloudflare_v3,
    "flashduty": flashduty,
    "onlineornot": onlineornot,
    "firehydrant": firehydrant,
    "rootly": rootly,
    "slack": slack,
    "heroku": heroku,
    "salesforce": salesforce,
    "oci": oci,
}

"""Status pages: one module a format, each of them pure; `reader` fetches what they parse.

The order is that of detection: what can be told apart most surely comes first.
"""

from __future__ import annotations

from ai_provider_exporter.pages import aws, betterstack, gcp, incidentio, instatus, statusio, statuspage
from ai_provider_exporter.pages.format import Format

FORMATS: dict[str, Format] = {
    "incidentio": incidentio,
    "statuspage": statuspage,
    "instatus": instatus,
    "betterstack": betterstack,
    "statusio": statusio,
    "gcp": gcp,
    "aws": aws,
}

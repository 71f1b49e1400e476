"""The region of an endpoint, as its address spells it.

AWS: https://docs.aws.amazon.com/general/latest/gr/bedrock.html (`bedrock-runtime.us-east-1.amazonaws.com`). Google:
https://cloud.google.com/vertex-ai/docs/reference/rest (`us-central1-aiplatform.googleapis.com`, or in the path
`/locations/us-central1/`). Azure: https://learn.microsoft.com/azure/ai-foundry/concepts/endpoints
(`NAME.eastus2.models.ai.azure.com`); `NAME.openai.azure.com` does not say its region. From memory, 2026-11-28.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SIDE = r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)"
_AWS = re.compile(rf"(?<![a-z0-9])([a-z]{{2}}(?:-gov)?-{_SIDE}-\d)(?![0-9])")
_GOOGLE = re.compile(
    rf"(?<![a-z0-9])((?:africa|asia|australia|europe|me|northamerica|southamerica|us)-{_SIDE}\d{{1,2}})(?![0-9])"
)
_AZURE = re.compile(r"\.([a-z]+\d?)\.(?:models\.ai|inference\.ml)\.azure\.com$")
_MAX_URL = 2048


def region_of(url: str) -> str:
    """`us-east-1`, `europe-west4` or `eastus2`; empty where the address does not say."""
    parts = urlsplit(url[:_MAX_URL])
    host = (parts.hostname or "").lower()
    if match := _AZURE.search(host):
        return match[1]
    for pattern in (_AWS, _GOOGLE):
        if match := pattern.search(f"{host}{parts.path.lower()}"):
            return match[1]
    return ""

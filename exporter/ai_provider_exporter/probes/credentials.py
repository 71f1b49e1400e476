"""How an API knows us: the headers that carry a key, a signature or an access token."""

from __future__ import annotations

from collections.abc import Callable

from ai_provider_exporter.dialects import DIALECTS
from ai_provider_exporter.dialects.base import AuthStyle, Call
from ai_provider_exporter.probes.options import Endpoint
from ai_provider_exporter.probes.tools import Tools

_STYLES: dict[AuthStyle, Callable[[str], dict[str, str]]] = {
    "bearer": lambda key: {"authorization": f"Bearer {key}"},
    "x-api-key": lambda key: {"x-api-key": key},
    "api-key": lambda key: {"api-key": key},
    "x-goog-api-key": lambda key: {"x-goog-api-key": key},
}


async def headers(options: Endpoint, call: Call, url: str, tools: Tools) -> dict[str, str]:
    """Read the secret anew, so that a rotated key is used at once."""
    if options.api_key is None:
        return {}
    style = options.auth or DIALECTS[options.dialect].AUTH
    return _STYLES[style](tools.secret(options.api_key))

"""One module a wire dialect: what to send, and a state machine over what comes back. Pure.

`DIALECTS` is the list: options, catalog, schema and reference read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from ai_provider_exporter.probes.dialects import base
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, ModelRequest
from ai_provider_exporter.schema.lazy import Lazily


class Dialect(Protocol):
    """What a module offers. `AUTH` is how a key is sent unless the configuration says otherwise."""

    @property
    def AUTH(self) -> AuthStyle: ...  # noqa: N802  # a constant of the module

    @property
    def Stream(self) -> type[base.Stream]: ...  # noqa: N802  # its class

    def build_request(self, request: ModelRequest, /) -> Call: ...


DIALECTS: Lazily[Dialect] = Lazily(
    {
        "openai_chat": "ai_provider_exporter.probes.dialects.openai_chat",
        "openai_responses": "ai_provider_exporter.probes.dialects.openai_responses",
        "anthropic": "ai_provider_exporter.probes.dialects.anthropic",
        "gemini": "ai_provider_exporter.probes.dialects.gemini",
        "bedrock": "ai_provider_exporter.probes.dialects.bedrock",
        "cohere": "ai_provider_exporter.probes.dialects.cohere",
        "ollama": "ai_provider_exporter.probes.dialects.ollama",
    }
)

if TYPE_CHECKING:
    DialectName = str
else:
    DialectName = Literal[tuple(DIALECTS)]

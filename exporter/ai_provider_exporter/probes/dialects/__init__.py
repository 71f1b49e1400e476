"""One module a wire dialect: what to send, and a state machine over what comes back. Pure."""

from __future__ import annotations

from typing import Protocol

from ai_provider_exporter.probes.dialects import (
    anthropic,
    base,
    bedrock,
    cohere,
    gemini,
    ollama,
    openai_chat,
    openai_responses,
)
from ai_provider_exporter.probes.dialects.base import AuthStyle, Call, ModelRequest


class Dialect(Protocol):
    """What a module offers. `AUTH` is how a key is sent unless the configuration says otherwise."""

    @property
    def AUTH(self) -> AuthStyle: ...  # noqa: N802  # a constant of the module

    @property
    def Stream(self) -> type[base.Stream]: ...  # noqa: N802  # its class

    def build_request(self, request: ModelRequest, /) -> Call: ...


DIALECTS: dict[str, Dialect] = {
    "openai_chat": openai_chat,
    "openai_responses": openai_responses,
    "anthropic": anthropic,
    "gemini": gemini,
    "bedrock": bedrock,
    "cohere": cohere,
    "ollama": ollama,
}

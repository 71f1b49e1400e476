"""One module a wire dialect: what to send, and a state machine over what comes back. Pure."""

from __future__ import annotations

from typing import Protocol

from ai_provider_exporter.dialects import openai_chat
from ai_provider_exporter.dialects.base import Ask, Call, Quirks, Stream


class Dialect(Protocol):
    """What a module offers. `AUTH` is how a key is sent unless the configuration says otherwise."""

    AUTH: str

    @staticmethod
    def ask(ask: Ask, /) -> Call: ...

    @staticmethod
    def Stream(quirks: Quirks | None = None, /) -> Stream: ...  # noqa: N802  # the class of that name


DIALECTS: dict[str, Dialect] = {
    "openai_chat": openai_chat,
}

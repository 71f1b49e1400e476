"""Options of the kinds that send a prompt to a model."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ai_provider_exporter.probes.dialects.base import ModelRequest
from ai_provider_exporter.probes.options import ENVELOPE_TOKENS, ApiOptions, Expect

DEFAULT_PROMPT = "Reply with exactly: OK"


class PromptOptions(ApiOptions):
    """`prompt` gets a nonce at its end, so that no cache answers it. The default prompt expects OK."""

    CHATS: ClassVar[bool] = True

    prompt: Annotated[str, Field(min_length=1)] = Field(
        default=DEFAULT_PROMPT, description="text to send; a nonce is appended, so that no cache answers"
    )
    max_output_tokens: Annotated[int, Field(ge=1)] = Field(
        default=16, description="most tokens that the answer may have"
    )
    reasoning: str = Field(default="", description="reasoning effort to request; empty: as the catalog says")
    expect: Expect = Field(default=Expect(), description="what a right answer is")

    @property
    def max_tokens(self) -> tuple[int, int]:
        """A byte of the prompt is a token at worst."""
        return len(self.prompt.encode()) + ENVELOPE_TOKENS, self.max_output_tokens

    @property
    def effort(self) -> str:
        return self.reasoning or self.quirks.reasoning

    @property
    def expected(self) -> str | None:
        """What the answer must contain, None if anything will do."""
        if self.expect.contains is None and self.prompt == DEFAULT_PROMPT:
            return "OK"
        return self.expect.contains

    def model_request(self, nonce: str) -> ModelRequest:
        return ModelRequest(
            model=self.model,
            prompt=f"{self.prompt} (probe {nonce})",
            max_output_tokens=self.max_output_tokens,
            reasoning=self.effort,
            api_version=self.api_version,
            quirks=self.quirks,
        )

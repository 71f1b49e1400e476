"""Composes the answer to a prompt: which tokens, in which chunks, ended how, counted how."""

import itertools
import re
from dataclasses import dataclass
from typing import Literal

from ai_provider_exporter.simulator import scenario
from ai_provider_exporter.simulator.truth import Tokens

# A canary ends its sentence with a full stop, and may carry a nonce in brackets behind it.
INSTRUCTION = re.compile(r"reply with exactly:\s*(.+?)\.?\s*(?:\([^()]*\)\s*)?$", re.IGNORECASE | re.DOTALL)
TOKEN = re.compile(r"\s?\S{1,6}|\s+")
FILLER = (" and", " so", " on")
BOUNDLESS = 1_000_000  # tokens: no limit
USUAL_LIMIT = 16  # tokens: of a canary
ENDLESS = 20_000  # tokens: more than a probe hears before its deadline

Finish = Literal["stop", "length", "filtered"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The chunks of an answer as a provider would stream them."""

    reasoning: tuple[str, ...]
    text: tuple[str, ...]
    finish: Finish
    tokens: Tokens

    @property
    def whole_text(self) -> str:
        return "".join(self.text)

    @property
    def whole_reasoning(self) -> str:
        return "".join(self.reasoning)


def compose(
    prompt: str, answer: scenario.ModelAnswer, *, limit: int | None, thinks: bool, failure: str | None = None
) -> Spoken:
    """Answer `prompt`; `limit` bounds visible and hidden tokens together, `thinks` allows the hidden ones."""
    limit = BOUNDLESS if limit is None or failure == "endless" else limit
    hidden = min(answer.reasoning if thinks else 0, limit)
    if failure == "answer_budget_too_small":
        hidden = limit = limit if limit < BOUNDLESS else USUAL_LIMIT
    visible = _visible(prompt, answer, failure)
    spoken = visible[: limit - hidden]
    finish: Finish = "length" if len(spoken) < len(visible) else "stop"
    if failure == "content_filtered":
        finish = "filtered"
    prompt_tokens = max(1, len(prompt) // 4)
    counted = Tokens(prompt_tokens, len(spoken), hidden, min(answer.cached, prompt_tokens))
    reasoning = [" hm"] * hidden
    return Spoken(_chunks(reasoning, answer.per_chunk), _chunks(spoken, answer.per_chunk), finish, counted)


def _visible(prompt: str, answer: scenario.ModelAnswer, failure: str | None) -> list[str]:
    if failure in ("empty_answer", "content_filtered"):
        return []
    if failure == "wrong_answer":
        return [" no"]
    instruction = INSTRUCTION.search(prompt)
    tokens = TOKEN.findall(instruction[1] if instruction else answer.text)
    missing = ENDLESS if failure == "endless" else (answer.tokens or 0) - len(tokens)
    return tokens + list(itertools.islice(itertools.cycle(FILLER), max(0, missing)))


def _chunks(tokens: list[str], size: int) -> tuple[str, ...]:
    return tuple("".join(tokens[start : start + size]) for start in range(0, len(tokens), size))

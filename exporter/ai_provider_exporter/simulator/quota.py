"""Rate limits that are true: what the headers say is what is enforced, per key and minute."""

from dataclasses import dataclass

from ai_provider_exporter.simulator.scenario import RateLimit
from ai_provider_exporter.simulator.truth import Tokens

WINDOW = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after this request, its own answer not counted yet; `exceeded`: it was one too many."""

    limit: RateLimit
    remaining_requests: int
    remaining_tokens: int
    reset_seconds: float
    exceeded: bool


class Quota:
    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._window = 0.0
        self._requests = self._tokens = 0

    def take(self, unix: float) -> Allowance:
        """Count a request at `unix` seconds; what is refused counts too."""
        window = unix - unix % WINDOW
        if window != self._window:
            self._window, self._requests, self._tokens = window, 0, 0
        self._requests += 1
        requests, tokens = self._limit.requests - self._requests, self._limit.tokens - self._tokens
        reset, exceeded = window + WINDOW - unix, requests < 0 or tokens <= 0
        return Allowance(self._limit, max(0, requests), max(0, tokens), reset, exceeded)

    def spend(self, tokens: Tokens) -> None:
        """Count the tokens of an answer."""
        self._tokens += tokens.input + tokens.output + tokens.reasoning

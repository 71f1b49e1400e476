"""Rate limits that are true: what the headers say is what is enforced, per key and minute."""

from dataclasses import dataclass

from ai_provider_exporter.simulator.scenario import RateLimit

WINDOW = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after this request; `exceeded`: it was one too many."""

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

    def take(self, tokens: int, unix: float) -> Allowance:
        """Count a request of `tokens` tokens at `unix` seconds; what is refused counts too."""
        window = unix - unix % WINDOW
        if window != self._window:
            self._window, self._requests, self._tokens = window, 0, 0
        self._requests += 1
        self._tokens += tokens
        left = self._limit.requests - self._requests, self._limit.tokens - self._tokens
        return Allowance(self._limit, max(0, left[0]), max(0, left[1]), window + WINDOW - unix, exceeded=min(left) < 0)

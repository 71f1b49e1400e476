"""How fast one answer comes: the pace of a provider as it is now, for one asker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds: from the request to the headers and to the first token, between tokens, in the queue."""

    headers: float = 0.0
    first_token: float = 0.0
    gap: float = 0.0
    queued: float = 0.0

    def until_token(self, index: int) -> float:
        """Return seconds from the request to the token with that index, from 0."""
        return max(self.headers, self.first_token + index * self.gap)

"""Whom it hits: deals failures in the shares asked for, the same way in every run."""

import hashlib
from collections.abc import Sequence

from ai_provider_exporter.simulator.scenario import Fail


class Draw:
    """Smooth weighted round-robin: after n requests no share is off by as much as one request.

    Where in the round it starts comes from a hash of `seed`, so that askers do not fail in step.
    """

    def __init__(self, fails: Sequence[Fail], seed: str) -> None:
        shares: list[tuple[Fail | None, float]] = [(fail, fail.share) for fail in fails]
        shares.append((None, 1 - sum(fail.share for fail in fails)))
        # Rounded, or an error in the last bit would make a share of nothing, or decide a tie.
        self._shares = [(fail, share) for fail, share in shares if round(share, 9) > 0]
        self._credit = [0.0] * len(self._shares)
        for _ in range(hashlib.sha256(seed.encode()).digest()[0]):
            self.next()

    def next(self) -> Fail | None:
        """Return how the next request fails; None: it does not."""
        for index, (_, share) in enumerate(self._shares):
            self._credit[index] = round(self._credit[index] + share, 9)
        chosen = self._credit.index(max(self._credit))
        self._credit[chosen] -= 1
        return self._shares[chosen][0]

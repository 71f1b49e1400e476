"""Whether a probe may run now: no pause covers it, it does not back off, and its highest cost is set aside."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from ai_provider_exporter.model.backoff import Backoff
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.runtime.cost.budget import Reservation
from ai_provider_exporter.runtime.cost.state_file import BudgetError

Refusal = Literal["paused", "backoff", "budget"]

log = logging.getLogger(__name__)


class Purse(Protocol):
    """A budget, or a share of one."""

    async def reserve(self, usd: float | None, now: float, /) -> Reservation | None: ...

    def settle(self, reservation: Reservation, usd: float | None, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave for one run; it is to be settled, however the run ends, with the budget that gave it."""

    budget: Purse
    reservation: Reservation

    def settle(self, usd: float | None) -> None:
        """Count what the run really cost; None keeps the whole reservation."""
        self.budget.settle(self.reservation, usd)


class Admission:
    """Of one probe. While refusals are laid on the provider there is no backing off: it would hide the recovery.

    `budget` is the one in force now; `max_cost` is what one run may cost at most, None if unknown.
    """

    def __init__(
        self,
        interval: float,
        *,
        budget: Callable[[], Purse],
        max_cost: Callable[[], float | None] = lambda: None,
        is_paused: Callable[[float], bool] = lambda _: False,
        is_their_outage: Callable[[], bool] = lambda: False,
        backs_off: bool = True,
    ) -> None:
        self._budget = budget
        self._max_cost = max_cost
        self._is_paused = is_paused
        self._is_their_outage = is_their_outage
        self._backs_off = backs_off
        self._backoff = Backoff(interval=interval)

    async def request(self, now: float, title: str) -> Grant | Refusal:
        """Leave to run at `now`, or why not; `title` is what the log calls the probe."""
        if self._is_paused(now):
            return "paused"
        if self._backoff.next_allowed(now) > now and not self._is_their_outage():
            return "backoff"
        budget = self._budget()
        try:
            reservation = await budget.reserve(self._max_cost(), now)
        except BudgetError as error:
            log.error("probe %s not run: %s", title, error)  # noqa: TRY400  # the sentence says it all
            return "budget"
        return "budget" if reservation is None else Grant(budget, reservation)

    def record(self, run: ProbeObservation) -> None:
        """Take in how a run ended: a refusal by a fault of ours lengthens the wait for the next."""
        if self._backs_off:
            self._backoff = self._backoff.after(run)

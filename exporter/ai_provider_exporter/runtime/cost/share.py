"""The part of a budget that one module may spend, so that who may call `/probe` cannot spend it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from ai_provider_exporter.runtime.cost.budget import Budget, Reservation


class BudgetShare:
    """A budget of `share()` times the daily budget. What was spent is counted in memory: a restart begins anew."""

    def __init__(self, budget: Callable[[], Budget], share: Callable[[], float]) -> None:
        self._budget = budget
        self._share = share
        self._day: date | None = None
        self._spent = Decimal(0)
        self._unpriced = 0
        self._open: dict[Reservation, Budget] = {}

    async def reserve(self, usd: float | None, now: float) -> Reservation | None:
        """Set `usd` aside here and in the whole budget; None if it does not fit into either.

        A run of unknown cost takes its share of the runs that may be.

        Raises:
            BudgetError: the whole budget could not be written.
        """
        day = datetime.fromtimestamp(now, UTC).date()
        if day != self._day:
            self._day, self._spent, self._unpriced = day, Decimal(0), 0
        budget = self._budget()
        if usd is None:
            return await self._reserve_unpriced(budget, now)
        limit = Decimal(repr((budget.limit("day") or 0.0) * self._share()))
        if usd and self._spent + Decimal(repr(usd)) > limit:
            return None
        self._spent += Decimal(repr(usd))  # before waiting: another request must not get the same money
        reservation = None
        try:
            reservation = await budget.reserve(usd, now)
        finally:
            if reservation is None:
                self._spent -= Decimal(repr(usd))
        if reservation is not None:
            self._open[reservation] = budget
        return reservation

    async def _reserve_unpriced(self, budget: Budget, now: float) -> Reservation | None:
        if self._unpriced + 1 > budget.unpriced_limit * self._share():
            return None
        self._unpriced += 1
        reservation = await budget.reserve(None, now)
        if reservation is None:
            self._unpriced -= 1
        else:
            self._open[reservation] = budget
        return reservation

    def settle(self, reservation: Reservation, usd: float | None) -> None:
        """Count what the run really cost; None keeps the whole reservation."""
        self._open.pop(reservation).settle(reservation, usd)
        if usd is not None and reservation.day == self._day:
            self._spent += Decimal(repr(usd)) - reservation.usd

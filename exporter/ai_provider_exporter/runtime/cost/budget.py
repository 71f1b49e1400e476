"""What probing may cost: the worst case is reserved on disk before a request and settled after it.

The state is one small JSON file: `{"version":1,"days":{"2026-11-22":"0.00123"}}`, US dollars by UTC day; beside it,
where there were any, `"unpriced":{"2026-11-22":7}`, runs of that day whose cost nobody knows.
A process killed between reserve and settle leaves the whole reservation counted, so what the file says is
never lower than what was really asked for. A settle goes to disk with the next reserve or the close: losing
one counts too much, never too little.

The file is replaced as a whole: a hundred numbers at most need no journal, no compaction and no repair of
torn lines, and a write that failed is simply done again. It takes two fsyncs, so a thread does it while the
loop that times probes goes on; reserves that meet share one write.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Literal, Self

from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.runtime.cost.state_file import Spent, StateFile

Period = Literal["day", "month"]
Days = Mapping[date, Decimal]  # UTC day -> US dollars
Runs = Mapping[date, int]  # UTC day -> runs

PERIODS: tuple[Period, ...] = ("day", "month")
_SMALLEST = Decimal("1e-12")  # a token of the cheapest model costs about 1e-8 USD
_OTHER_DAYS_KEPT = 62  # beside the present month: a clock that jumps and comes back finds its months again


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    """Money set aside for one request, on the UTC day it was asked for."""

    day: date
    usd: Decimal


class Budget:
    """Use on one event loop; `now` is Unix seconds everywhere."""

    def __init__(self, options: BudgetOptions, file: StateFile | None, spent: Spent) -> None:
        self._options = options
        self._file = file
        self._days = spent.days  # never changed, only replaced: the writing thread reads it at any moment
        self._unpriced = spent.unpriced  # of one day; replaced as well
        self._written: tuple[Days, Runs] = (self._days, self._unpriced)
        self._open: set[Reservation] = set()
        self._refused: Decimal | None = None
        self._unpriced_refused: date | None = None
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="budget")

    @classmethod
    def open(cls, options: BudgetOptions) -> Self:
        """Read what was spent and prove that it can be written. Blocks on the disk.

        Raises:
            BudgetBusy: another instance is running on this file.
            BudgetError: unreadable, not a budget state file, or not writable.
        """
        if options.state_file is None:
            return cls(options, None, Spent())
        with ExitStack() as undo:
            file = StateFile(Path(options.state_file))
            undo.callback(file.close)
            spent = file.read()
            file.replace(spent)
            undo.pop_all()
        return cls(options, file, spent)

    async def reserve(self, usd: float | None, now: float) -> Reservation | None:
        """Set `usd` aside and return once that is on disk; None if it does not fit.

        A run whose cost nobody knows (`usd` is None) takes one of `unpriced_runs_per_day`; it is not given back.

        Every reservation is to be settled, however the request ends. Cancelled in here, nothing is set aside.

        Raises:
            BudgetError: it could not be written; nothing is set aside, and no request may go out.
            ValueError: `usd` is not an amount of money.
        """
        reservation = Reservation(_utc_day(now), _amount(usd or 0.0))
        if usd is None and not self._take_unpriced(reservation.day):
            return None
        if not self._fits(reservation.usd, reservation.day):
            self._refused = reservation.usd
            return None
        with ExitStack() as undo:
            self._add(reservation.day, reservation.usd)
            undo.callback(self._add, reservation.day, -reservation.usd)
            await self._flush()
            undo.pop_all()
        self._open.add(reservation)
        return reservation

    def settle(self, reservation: Reservation, usd: float | None) -> None:
        """Count what the request really cost.

        None keeps the whole reservation: nobody knows, and a stream that was cut may be billed in full.

        Raises:
            KeyError: settled before.
            ValueError: `usd` is not an amount of money; the reservation stays open.
        """
        cost = reservation.usd if usd is None else _amount(usd)
        self._open.remove(reservation)
        self._add(reservation.day, cost - reservation.usd)

    def spent(self, period: Period, now: float) -> float:
        """US dollars settled and reserved in the UTC day or calendar month of `now`."""
        return float(self._spent(period, _utc_day(now)))

    def limit(self, period: Period) -> float | None:
        """US dollars; None if that period has no limit."""
        return self._options.daily_usd if period == "day" else self._options.monthly_usd

    @property
    def unpriced_limit(self) -> int:
        return self._options.unpriced_runs_per_day

    def unpriced_runs(self, now: float) -> int:
        """Runs in the UTC day of `now` whose cost nobody knows."""
        return self._unpriced.get(_utc_day(now), 0)

    def exhausted(self, now: float) -> bool:
        """Nothing is left, or what was refused last would be refused still."""
        day = _utc_day(now)
        return self._unpriced_refused == day or not self._fits(self._refused or _SMALLEST, day)

    def relimit(self, options: BudgetOptions) -> None:
        """Go on under other limits, as a reload of the configuration brings them, with what was spent.

        Raises:
            ValueError: another state file needs another Budget.
        """
        if options.state_file != self._options.state_file:
            raise ValueError("a budget cannot change its state file; close it and open another one")
        self._options, self._refused, self._unpriced_refused = options, None, None

    async def close(self) -> None:
        """Write what was settled last and let go of the file.

        Raises:
            BudgetError: it could not be written; the file then says too much, never too little.
        """
        try:
            await self._flush()
        finally:
            self._writer.shutdown()
            if self._file is not None:
                self._file.close()

    def _spent(self, period: Period, day: date) -> Decimal:
        if period == "day":
            return self._days.get(day, Decimal(0))
        return sum((usd for other, usd in self._days.items() if _month(other) == _month(day)), Decimal(0))

    def _fits(self, usd: Decimal, day: date) -> bool:
        limits = {period: self.limit(period) for period in PERIODS}
        return all(
            limit is None or self._spent(period, day) + usd <= Decimal(repr(limit)) for period, limit in limits.items()
        )

    def _take_unpriced(self, day: date) -> bool:
        """Count one run of unknown cost; whether there was room for it."""
        runs = self._unpriced.get(day, 0)
        if runs >= self.unpriced_limit:
            self._unpriced_refused = day
            return False
        self._unpriced = {day: runs + 1}
        return True

    def _add(self, day: date, usd: Decimal) -> None:
        total = self._days.get(day, Decimal(0)) + usd
        days = self._days if day in self._days else _without_oldest(self._days, day)
        # A settle on a day that was forgotten meanwhile must not leave less than nothing.
        self._days = {**days, day: max(total, Decimal(0))}

    async def _flush(self) -> None:
        if self._file is not None:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._write, self._file)

    def _write(self, file: StateFile) -> None:
        newest = (self._days, self._unpriced)  # whoever waits behind us finds its own change written already
        if newest != self._written:
            file.replace(Spent(days=self._days, unpriced=self._unpriced))
            self._written = newest


def _amount(usd: float) -> Decimal:
    """Rounded up: a budget may count too much, never too little."""
    if not math.isfinite(usd) or usd < 0:
        raise ValueError(f"{usd!r} is not an amount of US dollars; it must be 0 or more")
    return Decimal(repr(usd)).quantize(_SMALLEST, ROUND_CEILING)


def _utc_day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()


def _without_oldest(days: Days, present: date) -> Days:
    others = sorted(day for day in days if _month(day) != _month(present))
    forgotten = set(others[:-_OTHER_DAYS_KEPT])
    return {day: usd for day, usd in days.items() if day not in forgotten}


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month

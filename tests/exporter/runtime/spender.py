"""Spends a budget until it is killed: `python spender.py STATE_FILE`.

Each line on standard input starts a life: a forked process that asks for money, says so once that is granted,
and settles some of it, until the test kills it. A life says its pid first; `dead` is said after it.
"""

import asyncio
import os
import sys
import time
from itertools import count

from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.runtime.cost.budget import Budget

WORST, REAL = 0.003, 0.001


def say(*words: object) -> None:
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


async def spend(path: str) -> None:
    budget = Budget.open(BudgetOptions(daily_usd=1e6, state_file=path))
    for number in count():
        reservation = await budget.reserve(WORST, time.time())
        if reservation is None:
            raise SystemExit("the budget of this test is never spent")
        say("asked", number)
        if number % 3:
            say("settled", number)
            budget.settle(reservation, REAL if number % 3 == 1 else None)


def live(path: str) -> None:
    pid = os.fork()
    if not pid:
        say("pid", os.getpid())
        asyncio.run(spend(path))
    os.waitpid(pid, 0)
    say("dead")


if __name__ == "__main__":
    for _ in sys.stdin:
        live(sys.argv[1])

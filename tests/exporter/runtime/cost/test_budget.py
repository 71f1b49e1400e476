from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

import pytest
from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.runtime.cost.budget import Budget, Reservation
from ai_provider_exporter.runtime.cost.state_file import BudgetBusy, BudgetError
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.exporter.runtime import spender


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOON = at("2026-11-22T12:00:00")


def opened(path: Path | None = None, **limits: float) -> Budget:
    return Budget.open(BudgetOptions.model_validate({"daily_usd": 1.0, "state_file": path and str(path), **limits}))


async def reserve(budget: Budget, usd: float, now: float = NOON) -> Reservation:
    reservation = await budget.reserve(usd, now)
    assert reservation is not None
    return reservation


def spent_on_disk(path: Path, now: float = NOON) -> float:
    """What a new process finds once the old one is gone."""
    budget = opened(path)
    asyncio.run(budget.close())
    return budget.spent("day", now)


def die(budget: Budget) -> None:
    """What is left of a process after kill -9: the file as it is, and no lock."""
    assert budget._file is not None
    budget._file.close()
    budget._writer.shutdown()


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "budget.json"


# --- money ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usd", "spent"),
    [
        pytest.param(0.0001, 0.0001, id="what it really cost"),
        pytest.param(0.0, 0.0, id="nothing"),
        pytest.param(None, 0.25, id="nobody knows: the whole reservation"),
        pytest.param(0.4, 0.4, id="more than the worst case"),
    ],
)
def test_a_settle_replaces_the_worst_case(usd: float | None, spent: float) -> None:
    async def scene() -> None:
        budget = opened()
        reservation = await reserve(budget, 0.25)
        assert budget.spent("day", NOON) == 0.25
        budget.settle(reservation, usd)

        assert budget.spent("day", NOON) == spent

    asyncio.run(scene())


def test_a_reservation_fits_exactly_up_to_the_limit_and_not_a_millionth_further() -> None:
    async def scene() -> None:
        budget = opened(daily_usd=0.3)
        await reserve(budget, 0.1)
        await reserve(budget, 0.2)  # in binary fractions 0.1 + 0.2 is more than 0.3

        assert await budget.reserve(0.000001, NOON) is None
        assert budget.spent("day", NOON) == 0.3

    asyncio.run(scene())


def test_a_day_of_the_cheapest_tokens_loses_nothing_to_rounding() -> None:
    async def scene() -> None:
        budget = opened()
        for _ in range(1440):
            budget.settle(await reserve(budget, 0.0000011), 0.0000000375)

        assert budget.spent("day", NOON) == 0.000054

    asyncio.run(scene())


def test_less_than_the_smallest_amount_counts_as_that() -> None:
    async def scene() -> None:
        budget = opened()
        await reserve(budget, 1e-15)

        assert budget.spent("day", NOON) == 1e-12

    asyncio.run(scene())


@pytest.mark.parametrize("usd", [-0.01, float("nan"), float("inf")])
def test_what_is_no_amount_of_money_is_refused_and_the_reservation_stays(usd: float) -> None:
    async def scene() -> None:
        budget = opened()
        reservation = await reserve(budget, 0.25)
        with pytest.raises(ValueError, match="is not an amount of US dollars"):
            await budget.reserve(usd, NOON)
        with pytest.raises(ValueError, match="is not an amount of US dollars"):
            budget.settle(reservation, usd)

        assert budget.spent("day", NOON) == 0.25

    asyncio.run(scene())


def test_a_reservation_settles_once() -> None:
    async def scene() -> None:
        budget = opened()
        reservation = await reserve(budget, 0.25)
        budget.settle(reservation, 0.2)
        with pytest.raises(KeyError):
            budget.settle(reservation, 0.2)

        assert budget.spent("day", NOON) == 0.2

    asyncio.run(scene())


# --- periods ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "day", "month"),
    [
        pytest.param("2026-11-30T23:59:59", 0.5, 0.5, id="the same second"),
        pytest.param("2026-12-01T00:00:00", 0.0, 0.0, id="a new month"),
        pytest.param("2026-11-29T12:00:00", 0.0, 0.5, id="a clock set back by a day"),
        pytest.param("2027-11-30T12:00:00", 0.0, 0.0, id="the same month of another year"),
    ],
)
def test_days_and_months_begin_at_midnight_utc(later: str, day: float, month: float) -> None:
    async def scene() -> None:
        budget = opened(monthly_usd=10.0)
        await reserve(budget, 0.5, at("2026-11-30T23:59:59"))

        assert budget.spent("day", at(later)) == day
        assert budget.spent("month", at(later)) == month

    asyncio.run(scene())


def test_a_settle_after_midnight_belongs_to_the_day_of_the_request() -> None:
    async def scene() -> None:
        budget = opened()
        reservation = await reserve(budget, 0.5, at("2026-11-22T23:59:59"))
        budget.settle(reservation, 0.1)

        assert budget.spent("day", at("2026-11-22T23:59:59")) == 0.1
        assert budget.spent("day", at("2026-11-23T00:00:01")) == 0.0

    asyncio.run(scene())


def test_the_month_has_a_limit_of_its_own() -> None:
    async def scene() -> None:
        budget = opened(monthly_usd=1.5)
        await reserve(budget, 1.0, at("2026-11-21T12:00:00"))
        await reserve(budget, 0.5, NOON)

        assert await budget.reserve(0.1, NOON) is None
        assert await budget.reserve(0.1, at("2026-12-01T00:00:00")) is not None

    asyncio.run(scene())


def test_a_clock_that_leaps_for_months_and_returns_finds_what_was_spent() -> None:
    async def scene() -> None:
        budget = opened(daily_usd=0.02, monthly_usd=10.0)
        await reserve(budget, 0.02, NOON)
        for day in range(40):
            await reserve(budget, 0.01, at("2031-01-01T00:00:00") + day * 86400)

        assert await budget.reserve(0.01, NOON) is None

    asyncio.run(scene())


def test_the_file_holds_three_months_at_most_and_always_the_whole_present_one(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path, monthly_usd=100.0)
        for day in range(0, 366, 2):
            await reserve(budget, 0.01, at("2027-01-01T00:00:00") + day * 86400)
        for day in range(1, 31):  # a clock that has lost its year
            await reserve(budget, 0.01, at(f"1970-01-{day:02}T00:00:00"))
        await budget.close()

        assert budget.spent("month", at("1970-01-30T00:00:00")) == 0.3

    asyncio.run(scene())

    assert path.read_text().count(":") - 2 == 30 + 62


def test_a_settle_on_a_day_that_was_forgotten_leaves_no_debt() -> None:
    async def scene() -> None:
        budget = opened()
        reservation = await reserve(budget, 0.5, NOON)
        for day in range(100):
            await reserve(budget, 0.1, at("2031-01-01T00:00:00") + day * 86400)
        budget.settle(reservation, 0.1)

        assert budget.spent("day", NOON) == 0.0

    asyncio.run(scene())


# --- exhaustion -------------------------------------------------------------------------------------------


def test_a_budget_is_exhausted_from_the_first_refusal_until_that_would_fit() -> None:
    async def scene() -> None:
        budget = opened()
        held = await reserve(budget, 0.9)
        assert not budget.exhausted(NOON)
        await budget.reserve(0.2, NOON)
        assert budget.exhausted(NOON)
        assert not budget.exhausted(NOON + 86400)
        budget.settle(held, 0.1)

        assert not budget.exhausted(NOON)

    asyncio.run(scene())


def test_a_budget_spent_to_the_last_cent_is_exhausted_before_anybody_asks() -> None:
    async def scene() -> None:
        budget = opened()
        await reserve(budget, 1.0)

        assert budget.exhausted(NOON)

    asyncio.run(scene())


def test_a_reload_brings_new_limits_and_keeps_what_was_spent() -> None:
    async def scene() -> None:
        budget = opened()
        await reserve(budget, 0.9)
        await budget.reserve(5.0, NOON)
        budget.relimit(BudgetOptions(daily_usd=2.0, monthly_usd=5.0))

        assert (budget.limit("day"), budget.limit("month")) == (2.0, 5.0)
        assert not budget.exhausted(NOON)
        assert budget.spent("day", NOON) == 0.9

    asyncio.run(scene())


def test_a_reload_cannot_move_a_budget_to_another_file() -> None:
    with pytest.raises(ValueError, match="cannot change its state file"):
        opened().relimit(BudgetOptions(state_file="elsewhere.json"))


@pytest.mark.parametrize(
    "options",
    [{"daily_usd": -1}, {"daily_usd": float("inf")}, {"monthly_usd": "5"}, {"state_file": ""}, {"daily": 1}],
    ids=str,
)
def test_options_that_are_no_limits_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BudgetOptions.model_validate(options)


def test_a_budget_without_a_file_forgets() -> None:
    async def scene() -> None:
        budget = opened()
        await reserve(budget, 0.5)
        await budget.close()

        assert opened().spent("day", NOON) == 0.0

    asyncio.run(scene())


def test_a_budget_without_a_file_says_what_that_means() -> None:
    assert "forgotten at every restart" in BudgetOptions().notice
    assert BudgetOptions(state_file="budget.json").notice == ""


# --- the file ---------------------------------------------------------------------------------------------


def test_what_was_spent_survives_a_restart_to_the_last_digit(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path)
        budget.settle(await reserve(budget, 0.25), 0.0000123)
        await budget.close()

    asyncio.run(scene())

    assert spent_on_disk(path) == 0.0000123


def test_a_reservation_is_on_disk_before_it_is_granted(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path)
        await reserve(budget, 0.25)
        die(budget)

    asyncio.run(scene())

    assert spent_on_disk(path) == 0.25


def test_reserves_that_meet_are_all_on_disk(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path)
        granted = await asyncio.gather(*(budget.reserve(0.03, NOON) for _ in range(50)))
        die(budget)

        assert len([one for one in granted if one]) == 33

    asyncio.run(scene())

    assert spent_on_disk(path) == 0.99


def test_a_slow_disk_holds_the_request_back_but_not_the_loop(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path)
        pipe = path.with_name("budget.json.tmp")
        os.mkfifo(pipe)  # opening it to write blocks until somebody reads: a disk that takes its time
        rescue = Timer(5, lambda: os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)))  # a loop that it blocks
        rescue.start()
        waiting = asyncio.create_task(budget.reserve(0.25, NOON))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not waiting.done()
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        with pytest.raises(BudgetError, match="cannot write"):  # a pipe cannot be synced
            await waiting
        os.close(reader)
        rescue.cancel()
        pipe.unlink()
        assert budget.spent("day", NOON) == 0.0

        await reserve(budget, 0.1)
        await budget.close()

    asyncio.run(scene())

    assert spent_on_disk(path) == 0.1


def test_a_reserve_that_is_cancelled_sets_nothing_aside(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path)
        waiting = asyncio.create_task(budget.reserve(0.25, NOON))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await budget.close()

        assert waiting.cancelled()

    asyncio.run(scene())

    assert spent_on_disk(path) == 0.0


def test_a_disk_that_fails_grants_nothing_and_forgets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "disk" / "budget.json"
    path.parent.mkdir()

    async def scene() -> None:
        budget = opened(path)
        await reserve(budget, 0.25)
        shutil.rmtree(path.parent)
        answers = await asyncio.gather(*(budget.reserve(0.2, NOON) for _ in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [BudgetError] * 3
        path.parent.mkdir()
        await reserve(budget, 0.5)
        die(budget)

    asyncio.run(scene())

    assert spent_on_disk(path) == 0.75


def test_a_close_that_cannot_write_says_so_and_lets_go(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path)
        budget.settle(await reserve(budget, 0.25), 0.1)
        path.with_name("budget.json.tmp").mkdir()
        with pytest.raises(BudgetError, match="cannot write"):
            await budget.close()
        path.with_name("budget.json.tmp").rmdir()

    asyncio.run(scene())

    assert spent_on_disk(path) == 0.25


def test_a_half_written_successor_is_passed_over(path: Path) -> None:
    path.write_text('{"version":1,"days":{"2026-11-22":"0.5"}}')
    path.with_name("budget.json.tmp").write_text('{"version":1,"da')

    assert spent_on_disk(path) == 0.5


def test_a_link_leads_to_the_same_budget_and_the_same_lock(path: Path) -> None:
    link = path.with_name("link.json")
    link.symlink_to(path)
    budget = opened(link)

    with pytest.raises(BudgetBusy):
        opened(path)
    asyncio.run(budget.close())
    assert path.is_file()
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(b"", "the file", id="empty"),
        pytest.param(bytes(64), "the file", id="zeros after a power cut"),
        pytest.param(b'{"version":1,"days":{"2026-11-22":"0.5', "the file", id="cut off"),
        pytest.param(b"[]", "the file", id="something else"),
        pytest.param(b'{"version":2,"days":{}}', "version", id="of another version"),
        pytest.param(b'{"version":1}', "days", id="without days"),
        pytest.param(b'{"version":1,"days":{"2026-11-22":"-1"}}', "days.2026-11-22", id="negative"),
        pytest.param(b'{"version":1,"days":{"2026-11-22":"NaN"}}', "days.2026-11-22", id="not a number"),
        pytest.param(b'{"version":1,"days":{"yesterday":"1"}}', "days.yesterday.[key]", id="not a day"),
    ],
)
def test_a_file_that_holds_no_budget_is_an_error_and_is_left_alone(path: Path, content: bytes, place: str) -> None:
    path.write_bytes(content)

    with pytest.raises(BudgetError) as caught:
        opened(path)
    assert str(caught.value).startswith(f"budget.state_file: {path} does not hold a budget ({place}: ")
    assert str(caught.value).endswith("put a good copy back, or move it away to begin again with nothing spent")
    assert path.read_bytes() == content


def test_after_an_error_at_the_start_the_file_is_free_again(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(BudgetError):
        opened(path)
    path.unlink()

    asyncio.run(opened(path).close())


@pytest.mark.parametrize(
    ("where", "says"),
    [
        pytest.param("missing/budget.json", "cannot lock", id="no directory"),
        pytest.param("file/budget.json", "cannot lock", id="a file where the directory should be"),
        pytest.param("directory", "cannot read", id="a directory where the file should be"),
        pytest.param("taken.json", "cannot write", id="a directory in the way of the write"),
    ],
)
def test_a_place_that_cannot_be_used_is_an_error_at_the_start(tmp_path: Path, where: str, says: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    (tmp_path / "taken.json.tmp").mkdir()

    with pytest.raises(BudgetError, match=f"budget.state_file: {says} {tmp_path / where}: .*; its directory must"):
        opened(tmp_path / where)


def test_a_directory_that_may_not_be_written_is_an_error_at_the_start() -> None:
    program = (
        "import os, sys; from ai_provider_exporter.runtime.cost.budget import *\n"
        "from ai_provider_exporter.runtime.cost.state_file import BudgetError\n"
        "options = BudgetOptions(state_file=sys.argv[1])\n"
        "if os.geteuid() == 0: os.setuid(65534)  # root may write anywhere\n"
        "try: Budget.open(options)\n"
        "except BudgetError as error: print(error)"
    )
    with TemporaryDirectory() as directory:
        Path(directory).chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", program, f"{directory}/b.json"], capture_output=True, text=True, check=True
        )

    assert f"cannot lock {directory}/b.json: Permission denied; its directory must exist" in done.stdout


# --- kill -9, and two at once -----------------------------------------------------------------------------


class Spender:
    """The program of spender.py, one life after the other."""

    def __init__(self, path: Path) -> None:
        self.program = subprocess.Popen(
            [sys.executable, spender.__file__, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def _line(self) -> list[str]:
        assert self.program.stdout is not None
        return self.program.stdout.readline().decode().split()

    def live(self) -> int:
        assert self.program.stdin is not None
        self.program.stdin.write(b"\n")
        return int(self._line()[1])

    def hear(self, lines: int) -> list[list[str]]:
        return [self._line() for _ in range(lines)]

    def kill(self, pid: int) -> list[list[str]]:
        """What was said before death and not heard yet."""
        os.kill(pid, signal.SIGKILL)
        return list(iter(self._line, ["dead"]))

    def end(self) -> None:
        self.program.communicate()


@pytest.fixture(name="spending")
def _spending(path: Path) -> Iterator[Spender]:
    program = Spender(path)
    yield program
    program.end()


def really_asked_for(said: list[list[str]]) -> float:
    """At least this much was asked for: a request that was not settled may have cost all of it."""
    real = {number: spender.WORST for word, number in said if word == "asked"}
    real |= {number: spender.REAL for word, number in said if word == "settled" and int(number) % 3 == 1}
    return sum(real.values())


def test_a_kill_between_reserve_and_settle_leaves_the_reservation_spent(path: Path, spending: Spender) -> None:
    pid = spending.live()
    said = spending.hear(1)
    said += spending.kill(pid)

    assert said[0] == ["asked", "0"]
    assert spent_on_disk(path, datetime.now(UTC).timestamp()) >= spender.WORST


def test_no_kill_at_any_moment_makes_the_spent_budget_too_low(path: Path, spending: Spender) -> None:
    chance = random.Random(20260203)  # noqa: S311  # moments, not secrets
    asked = 0.0
    most = 0.0
    for _ in range(20):
        pid = spending.live()
        said = spending.hear(chance.randrange(12))
        said += spending.kill(pid)
        asked += really_asked_for(said)
        most += (1 + sum(word == "asked" for word, _ in said)) * spender.WORST
        budget = opened(path)  # and the lock of the dead is gone
        asyncio.run(budget.close())
        spent = budget.spent("month", datetime.now(UTC).timestamp())

        assert asked - 1e-9 <= spent <= most + 1e-9


def test_a_second_process_on_the_same_file_is_told_so(path: Path, spending: Spender) -> None:
    pid = spending.live()
    spending.hear(1)

    with pytest.raises(BudgetBusy) as caught:
        opened(path)
    spending.kill(pid)
    assert str(caught.value) == (
        f"budget.state_file: {path} is in use by another running instance; "
        "stop that one, or give each instance a state file of its own"
    )


# --- any sequence -----------------------------------------------------------------------------------------

_AMOUNTS = st.floats(0, 0.6).map(lambda usd: round(usd, 7))
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), _AMOUNTS),
        st.tuples(st.just("settle"), st.one_of(st.none(), st.floats(0, 1))),
        st.tuples(st.just("crash"), st.none()),
        st.tuples(st.just("restart"), st.none()),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=_STEPS)
def test_no_sequence_counts_too_little_or_passes_the_limit(steps: list[tuple[str, float | None]]) -> None:
    async def scene(path: Path) -> None:
        budget, pending, asked = opened(path), list[tuple[Reservation, float]](), 0.0
        for step, number in steps:
            if step == "reserve":
                usd = number or 0.0
                room = 1.0 - budget.spent("day", NOON)
                reservation = await budget.reserve(usd, NOON)
                assert (reservation is not None) == (usd <= room + 1e-12)
                pending += [(reservation, usd)] if reservation else []
                asked += usd if reservation else 0.0
            elif step == "settle" and pending:
                reservation, usd = pending.pop(0)
                cost = None if number is None else number * usd
                budget.settle(reservation, cost)
                asked -= 0.0 if cost is None else usd - cost
            elif step == "crash":
                die(budget)
                budget, pending = opened(path), []
            elif step == "restart":
                await budget.close()
                budget, pending = opened(path), []

            assert asked - 1e-9 <= budget.spent("day", NOON) <= 1.0
        await budget.close()

    with TemporaryDirectory() as directory:
        asyncio.run(scene(Path(directory) / "budget.json"))


# --- runs whose cost nobody knows ----------------------------------------------------------------------------


def test_runs_of_unknown_cost_are_held_to_a_number_a_day() -> None:
    async def scene() -> None:
        budget = Budget.open(BudgetOptions(unpriced_runs_per_day=2))
        granted = [await budget.reserve(None, NOON) is not None for _ in range(3)]

        assert granted == [True, True, False]
        assert (budget.unpriced_runs(NOON), budget.exhausted(NOON)) == (2, True)
        assert await budget.reserve(None, NOON + 86400) is not None
        assert budget.exhausted(NOON + 86400) is False

    asyncio.run(scene())


def test_a_run_of_known_cost_takes_none_of_them() -> None:
    async def scene() -> None:
        budget = Budget.open(BudgetOptions(unpriced_runs_per_day=0))

        assert await budget.reserve(0.01, NOON) is not None
        assert await budget.reserve(0.0, NOON) is not None
        assert await budget.reserve(None, NOON) is None

    asyncio.run(scene())


def test_what_a_run_of_unknown_cost_turns_out_to_cost_is_counted() -> None:
    async def scene() -> None:
        budget = Budget.open(BudgetOptions())
        reservation = await budget.reserve(None, NOON)
        assert reservation is not None
        budget.settle(reservation, 0.25)

        assert budget.spent("day", NOON) == 0.25

    asyncio.run(scene())


def test_a_restart_does_not_forget_the_runs_of_unknown_cost(path: Path) -> None:
    async def scene() -> None:
        budget = opened(path)
        await budget.reserve(None, NOON)
        die(budget)
        again = opened(path)

        assert again.unpriced_runs(NOON) == 1
        await again.close()

    asyncio.run(scene())

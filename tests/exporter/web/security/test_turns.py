from __future__ import annotations

import asyncio

import pytest
from ai_provider_exporter.web.security.turns import (
    MAX_WAITING,
    MAX_WAITING_PER_CLIENT,
    TooManyWaitingError,
    Turns,
    in_turn,
)

pytestmark = pytest.mark.anyio


async def _settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_client_that_sends_many_delays_another_by_one_request() -> None:
    turns, order = Turns(), list[str]()

    async def work(client: str) -> None:
        await turns.take(client)
        order.append(client)
        turns.release()

    await turns.take("present")
    async with asyncio.TaskGroup() as group:
        for _ in range(MAX_WAITING_PER_CLIENT):
            group.create_task(work("many"))
        await _settle()
        group.create_task(work("one"))
        await _settle()
        turns.release()

    assert order.index("one") == 1


async def test_a_client_may_wait_only_so_often() -> None:
    turns = Turns()
    await turns.take("many")
    waiting = [asyncio.create_task(turns.take("many")) for _ in range(MAX_WAITING_PER_CLIENT)]
    await _settle()

    with pytest.raises(TooManyWaitingError):
        await turns.take("many")
    other = asyncio.create_task(turns.take("other"))
    await _settle()

    assert not other.done()
    for task in (*waiting, other):
        task.cancel()


async def test_all_clients_together_may_wait_only_so_often() -> None:
    turns = Turns()
    await turns.take("first")
    waiting = [asyncio.create_task(turns.take(f"client {number}")) for number in range(MAX_WAITING)]
    await _settle()

    with pytest.raises(TooManyWaitingError):
        await turns.take("one more")
    for task in waiting:
        task.cancel()


async def test_a_waiter_whose_client_left_gives_up_its_place() -> None:
    turns = Turns()
    await turns.take("present")
    left = [asyncio.create_task(turns.take("left")) for _ in range(MAX_WAITING_PER_CLIENT)]
    stays = asyncio.create_task(turns.take("stays"))
    await _settle()
    for task in left:
        task.cancel()
    turns.release()  # before the cancelled ones have run again
    await _settle()

    assert stays.done()
    assert turns.waiting == 0


async def test_a_turn_that_comes_as_its_client_leaves_goes_to_the_next() -> None:
    turns = Turns()
    await turns.take("present")
    leaves, stays = asyncio.create_task(turns.take("leaves")), asyncio.create_task(turns.take("stays"))
    await _settle()
    turns.release()
    leaves.cancel()
    await _settle()

    assert stays.done()


async def test_work_that_has_begun_keeps_its_turn_until_it_ends() -> None:
    turns, work = Turns(), asyncio.get_running_loop().create_future()
    first = asyncio.create_task(in_turn(turns, "left", lambda: work))
    second = asyncio.create_task(turns.take("other"))
    await _settle()
    first.cancel()
    await _settle()
    was_early = second.done()
    work.set_result(True)
    await _settle()

    assert (was_early, second.done()) == (False, True)

import asyncio
import socket
import threading

import pytest
from ai_provider_exporter.wire.resolve import Address, _Lookups, addresses_of, is_address, system_resolver

from tests.exporter.wire.loopback import Run


def test_the_system_resolver_knows_this_machine(run: Run) -> None:
    assert ("127.0.0.1", 80) in run(system_resolver("localhost", 80, 4))


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".test"])
def test_what_is_no_name_does_not_exist(run: Run, name: str) -> None:
    with pytest.raises(socket.gaierror) as caught:
        run(system_resolver(name, 80))

    assert caught.value.errno in {socket.EAI_NONAME, socket.EAI_NODATA}


def test_a_cancelled_lookup_leaves_nothing_that_anybody_waits_for(run: Run) -> None:
    async def main() -> None:
        task = asyncio.create_task(system_resolver("localhost", 80))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_lookups_share_a_few_threads_that_never_hold_up_the_exit() -> None:
    together = threading.Barrier(2)

    def ask(host: str, port: int, _family: int) -> list[Address]:
        together.wait(5)
        return [(host, port)]

    lookups = _Lookups(threads=2, look_up=ask)
    before = set(threading.enumerate())
    futures = [lookups.submit("name", port, 0) for port in range(10)]

    assert [future.result(5) for future in futures] == [[("name", port)] for port in range(10)]
    started = set(threading.enumerate()) - before
    assert len(started) == 2
    assert all(thread.daemon for thread in started)


def test_one_question_at_a_time_needs_one_thread() -> None:
    lookups = _Lookups(threads=9, look_up=lambda host, port, _family: [(host, port)])
    before = set(threading.enumerate())
    for port in range(5):
        assert lookups.submit("name", port, 0).result(5) == [("name", port)]
        while lookups._open:
            pass

    assert len(set(threading.enumerate()) - before) == 1


def test_a_lookup_that_was_given_up_while_it_waited_is_never_made() -> None:
    go_on = threading.Event()
    asked_for: list[str] = []

    def ask(host: str, port: int, _family: int) -> list[Address]:
        go_on.wait(5)
        asked_for.append(host)
        return [(host, port)]

    lookups = _Lookups(threads=1, look_up=ask)
    first, second, third = (lookups.submit(host, 80, 0) for host in ("first", "second", "third"))
    while not first.running():
        pass
    second.cancel()
    go_on.set()

    assert third.result(5) == [("third", 80)]
    assert asked_for == ["first", "third"]


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", True), ("::1", True), ("localhost", False), ("127.1", False)]
)
def test_an_address_needs_no_resolver(run: Run, host: str, address: bool) -> None:  # noqa: FBT001
    async def never(*_: object) -> list[tuple[str, int]]:
        raise AssertionError("asked")

    assert is_address(host) == address
    if address:
        assert run(addresses_of(host, 80, 0, never)) == [(host, 80)]


def test_a_name_without_addresses_does_not_exist(run: Run) -> None:
    async def none(*_: object) -> list[tuple[str, int]]:
        return []

    with pytest.raises(socket.gaierror) as caught:
        run(addresses_of("provider.test", 80, 0, none))

    assert caught.value.errno == socket.EAI_NONAME

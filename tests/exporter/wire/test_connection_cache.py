import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import trustme
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire import ConnectionCache, Disconnected, Route, Truncated, exchange
from ai_provider_exporter.wire.connection import connect

from tests.exporter.wire.loopback import (
    PLAIN,
    Run,
    answer,
    asked,
    chunked,
    fetch,
    get,
    open_files,
    reset,
    server_context,
    serving,
    trusting,
    until,
)


class Server:
    """Answers request after request on a connection with what `says` holds for it, and counts connections.

    None closes the connection instead of answering, `reset` resets it.
    """

    def __init__(self, *says: bytes | Callable[[asyncio.StreamWriter], None] | None) -> None:
        self.says = list(says)
        self.connections = 0
        self.open: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.append(writer)
        while self.says:
            await asked(reader)
            said = self.says.pop(0)
            if said is None:
                return
            if callable(said):
                said(writer)
                return
            writer.write(said)
            await writer.drain()
        await reader.read()


async def run_of_a_probe(port: int, cache: ConnectionCache, route: Route = PLAIN, **more: Any) -> Measurement:
    measurement = Measurement()
    scheme = "http" if route.tls is None else "https"
    await fetch(get(port, scheme), route, measurement, cache=cache, **more)
    return measurement


COLD = ["dns", "connect", "send", "headers", "stream"]
WARM = ["send", "headers", "stream"]


def test_the_second_run_finds_its_connection_warm(run: Run) -> None:
    server, cache = Server(answer(b"one"), chunked(b"two"), answer(b"three")), ConnectionCache()

    async def main() -> list[Measurement]:
        async with serving(server) as port:
            runs = [await run_of_a_probe(port, cache) for _ in range(3)]
            cache.close()
            return runs

    runs = run(main())

    assert server.connections == 1
    assert [measurement.connection for measurement in runs] == ["cold", "warm", "warm"]
    assert [list(measurement.phases) for measurement in runs] == [COLD, WARM, WARM]


def test_a_warm_connection_needs_no_second_handshake(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert
) -> None:
    server, cache, route = Server(answer(b"one"), answer(b"two")), ConnectionCache(), trusting(authority)

    async def main() -> list[str]:
        async with serving(server, server_context(certificate)) as port:
            runs = [await run_of_a_probe(port, cache, route) for _ in range(2)]
            cache.close()
            return list(runs[1].phases)

    assert run(main()) == WARM


def test_without_a_connection_cache_every_connection_is_cold(run: Run) -> None:
    server = Server(answer(b"one"), answer(b"two"))

    async def main() -> None:
        async with serving(server) as port:
            for _ in range(2):
                await fetch(get(port))

    run(main())

    assert server.connections == 2


def test_a_connection_that_was_closed_meanwhile_is_replaced_before_anything_is_sent(run: Run) -> None:
    server, cache = Server(answer(b"one"), answer(b"two")), ConnectionCache()

    async def main() -> Measurement:
        async with serving(server) as port:
            await run_of_a_probe(port, cache)
            assert cache._idle is not None
            idle = cache._idle.connection
            server.open[0].close()
            await until(lambda: not idle.idle)
            measurement = await run_of_a_probe(port, cache)
            cache.close()
            return measurement

    measurement = run(main())

    assert (measurement.connection, list(measurement.phases)) == ("cold", COLD)


def test_a_connection_on_which_the_server_spoke_unasked_is_replaced(run: Run) -> None:
    server, cache = Server(answer(b"one"), answer(b"two")), ConnectionCache()

    async def main() -> Measurement:
        async with serving(server) as port:
            await run_of_a_probe(port, cache)
            assert cache._idle is not None
            idle = cache._idle.connection
            server.open[0].write(answer(b"", status=b"408 Request Timeout"))
            await until(lambda: not idle.idle)
            measurement = await run_of_a_probe(port, cache)
            cache.close()
            return measurement

    assert run(main()).connection == "cold"


@pytest.mark.parametrize("end", [None, reset], ids=["closed", "reset"])
def test_a_connection_given_up_under_the_request_is_no_outage(
    run: Run, end: Callable[[asyncio.StreamWriter], None] | None
) -> None:
    server, cache = Server(answer(b"one"), end, answer(b"two")), ConnectionCache()

    async def main() -> Measurement:
        async with serving(server) as port:
            await run_of_a_probe(port, cache)
            measurement = await run_of_a_probe(port, cache)
            cache.close()
            return measurement

    measurement = run(main())

    assert (measurement.connection, list(measurement.phases)) == ("cold", COLD)
    assert server.connections == 2


def test_a_fresh_connection_that_says_nothing_either_is_an_outage(run: Run) -> None:
    server, cache = Server(answer(b"one"), None, None), ConnectionCache()

    async def main() -> None:
        async with serving(server) as port:
            await run_of_a_probe(port, cache)
            await run_of_a_probe(port, cache)

    with pytest.raises(Disconnected):
        run(main())


@pytest.mark.parametrize(("end", "failure"), [(asyncio.StreamWriter.close, Truncated), (reset, ConnectionResetError)])
def test_an_answer_that_has_begun_on_a_warm_connection_is_not_asked_for_again(
    run: Run, end: Callable[[asyncio.StreamWriter], None], failure: type[Exception]
) -> None:
    cache, connections = ConnectionCache(), []

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await asked(reader)
        writer.write(answer(b"one"))
        await asked(reader)
        writer.write(b"HTTP/1.1 2")
        end(writer)

    async def main() -> None:
        async with serving(cut) as port:
            await run_of_a_probe(port, cache)
            await run_of_a_probe(port, cache)

    with pytest.raises(failure):
        run(main())

    assert len(connections) == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(b"one", b"connection: close"), id="the server says close"),
        pytest.param(b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", id="HTTP/1.0"),
        pytest.param(answer(b"one") + b"junk", id="junk after the answer"),
    ],
)
def test_a_connection_that_cannot_go_on_is_closed(run: Run, said: bytes) -> None:
    cache = ConnectionCache()

    async def main() -> None:
        async with serving(Server(said)) as port:
            await run_of_a_probe(port, cache)

    run(main())

    assert cache._idle is None


def test_an_answer_that_was_not_read_to_its_end_is_settled_and_the_connection_kept(run: Run) -> None:
    """Whoever reads a stream stops at its end marker; what HTTP says after it may still be under way."""
    whole = chunked(b"data: [DONE]\n\n", b": bye\n\n")
    end = whole.index(b"7\r\n: bye")
    cache = ConnectionCache()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(whole[:end])
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(whole[end:])
        await reader.read()

    async def main() -> bool:
        async with serving(handler) as port:
            async with exchange(get(port), PLAIN, Measurement(), cache=cache) as response:
                async for chunk in response.chunks():
                    if b"[DONE]" in chunk.data:
                        break
            is_kept = cache._idle is not None
            cache.close()
            return is_kept

    assert run(main())


def test_after_a_failure_in_the_block_nothing_is_kept_that_was_not_whole(run: Run) -> None:
    cache = ConnectionCache()

    async def main() -> None:
        async with (
            serving(Server(chunked(b"one")[:-5])) as port,
            exchange(get(port), PLAIN, Measurement(), cache=cache),
        ):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(main())

    assert cache._idle is None


def test_another_way_to_the_same_place_is_not_the_same_connection(run: Run) -> None:
    server, cache = Server(answer(b"one"), answer(b"two")), ConnectionCache()

    async def main() -> Measurement:
        async with serving(server) as port:
            await run_of_a_probe(port, cache)
            measurement = await run_of_a_probe(port, cache, replace(PLAIN, family=4))
            cache.close()
            return measurement

    assert run(main()).connection == "cold"


def test_a_connection_cache_never_holds_more_than_one_connection(run: Run) -> None:
    cache = ConnectionCache()

    async def main() -> int:
        before = len(open_files())
        async with serving(Server(*[answer(b"one")] * 9)) as port:
            await asyncio.gather(*(run_of_a_probe(port, cache) for _ in range(3)))
            await until(lambda: len(open_files()) <= before + 3)
            held = len(open_files()) - before
            cache.close()
            return held

    assert run(main()) == 3  # the listener and both ends of one connection


def test_bytes_on_an_idle_connection_end_it_and_are_not_kept(run: Run) -> None:
    server, cache = Server(answer(b"one"), None), ConnectionCache()

    async def main() -> bool:
        async with serving(server) as port:
            await run_of_a_probe(port, cache)
            assert cache._idle is not None
            idle = cache._idle.connection
            server.open[0].write(b"x" * 100_000)
            await until(lambda: not idle.idle)
            return idle._early == []

    assert run(main())


def test_a_server_that_speaks_before_it_is_asked_fills_no_more_than_a_buffer(run: Run) -> None:
    sent = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(bytes(64 << 10))
            await writer.drain()
            sent += 64 << 10

    async def main() -> int:
        async with serving(flood) as port:
            connection = await connect([("127.0.0.1", port)])
            before = -1
            while sent != before:
                before = sent
                await asyncio.sleep(0.05)
            buffered = sum(len(chunk.data) for chunk in connection._early)
            connection.abort()
            return buffered

    assert run(main()) <= 64 * 1024 + 256 * 1024

"""A connection on its own, for what happens between its steps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from ai_provider_exporter.wire import Disconnected
from ai_provider_exporter.wire.connection import Connection, connect
from ai_provider_exporter.wire.response_reader import ResponseReader

from tests.exporter.wire.loopback import Handler, Run, answer, reset, saying, serving, until


@asynccontextmanager
async def connected(handler: Handler) -> AsyncIterator[Connection]:
    async with serving(handler) as port:
        connection = await connect([("127.0.0.1", port)])
        try:
            yield connection
        finally:
            connection.abort()


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"busy", status=b"503 Busy"))
    await reader.read()


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def hang_up_rudely(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reset(writer)


def test_what_came_before_the_request_is_its_answer(run: Run) -> None:
    async def main() -> tuple[int, bytes]:
        async with connected(greet) as connection:
            await until(lambda: not connection.idle)
            incoming = ResponseReader(max_bytes=100)
            await connection.send(b"GET / HTTP/1.1\r\n\r\n", incoming)
            await connection.head(incoming)
            chunk = await connection.chunk(incoming)
            return incoming.status, b"" if chunk is None else chunk.data

    assert run(main()) == (503, b"busy")


@pytest.mark.parametrize(
    ("handler", "failure"),
    [
        pytest.param(hang_up, Disconnected, id="closed"),
        pytest.param(hang_up_rudely, ConnectionResetError, id="reset"),
    ],
)
def test_a_connection_that_ended_before_the_request_fails_while_sending(
    run: Run, handler: Handler, failure: type[Exception]
) -> None:
    async def main() -> None:
        async with connected(handler) as connection:
            await until(lambda: not connection.idle)
            with pytest.raises(failure):
                await connection.send(b"GET / HTTP/1.1\r\n\r\n", ResponseReader(max_bytes=100))

    run(main())


@pytest.mark.parametrize("size", [100, 64 << 20], ids=["small", "larger than the kernel takes"])
def test_a_reset_under_a_request_ends_the_exchange(run: Run, size: int) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        reset(writer)

    async def main() -> None:
        async with connected(handler) as connection:
            incoming = ResponseReader(max_bytes=100)
            with pytest.raises(ConnectionError):  # noqa: PT012  # small ones are gone before the reset comes
                await connection.send(bytes(size), incoming)
                await connection.head(incoming)

    run(main())


def test_a_connection_that_was_not_sent_its_whole_request_is_not_used_again(run: Run) -> None:
    async def main() -> bool:
        async with connected(greet) as connection:
            await until(lambda: not connection.idle)
            incoming = ResponseReader(max_bytes=100)
            await connection.send(bytes(1 << 20), incoming)
            assert incoming.complete
            return connection.release()

    assert run(main()) is False


def test_an_aborted_connection_is_not_idle(run: Run) -> None:
    async def main() -> bool:
        async with connected(saying()) as connection:
            connection.abort()
            return connection.idle

    assert run(main()) is False

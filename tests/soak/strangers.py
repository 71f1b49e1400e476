"""A server on loopback that does to its clients what strangers do: prints its port, ends with its standard input.

Each path under `/api/` is one way to fail or to attack a client, each under `/page/` one hostile status page.
What varies from answer to answer is drawn from a fixed seed and a counter.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable
from itertools import count

Writer = asyncio.StreamWriter
Behaviour = Callable[[Writer], Awaitable[None]]

HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: "
STREAM = HEAD + b"text/event-stream\r\n\r\n"
EVENT = b'data: {"model":"m","choices":[{"delta":{"content":"OK"}}]}\n\n'
DONE = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
SECONDS = 8.0  # that a client is kept at most: longer than the timeout of the probes

_numbers = count()
_random = random.Random(20260203)  # noqa: S311  # the same story each time, no secret


async def good(writer: Writer) -> None:
    writer.write(STREAM + EVENT + DONE)


async def flood(writer: Writer) -> None:
    """Tokens as fast as the client takes them."""
    writer.write(STREAM)
    while True:
        writer.write(EVENT * 500)
        await writer.drain()


async def drip(writer: Writer) -> None:
    for letter in STREAM + EVENT * 50:
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(0.01)


async def pings(writer: Writer) -> None:
    writer.write(STREAM)
    while True:
        writer.write(b": ping\n\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def headers(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: y\r\n" * 10)
        await writer.drain()
        await asyncio.sleep(0.01)


async def names(writer: Writer) -> None:
    """Another model and fingerprint in each answer, and very long ones in each event."""
    long = "n" * 4000 + str(next(_numbers))
    event = json.dumps({"model": long, "system_fingerprint": long, "choices": [{"delta": {"content": "OK"}}]})
    writer.write(STREAM + f"data: {event}\n\n".encode() * 60 + DONE)


async def deep(writer: Writer) -> None:
    writer.write(STREAM + b"data: " + b"[" * 50_000 + b"\n\n")


async def huge_error(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 500 X\r\ncontent-type: application/json\r\ncontent-length: 999999999\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def garbage(writer: Writer) -> None:
    writer.write(_random.randbytes(3000))


async def reset(writer: Writer) -> None:
    writer.write(STREAM + EVENT)
    await writer.drain()
    writer.transport.abort()


async def truncated(writer: Writer) -> None:
    writer.write(STREAM + EVENT * 3)


async def silent(_: Writer) -> None:
    await asyncio.sleep(SECONDS)


async def refused(writer: Writer) -> None:
    status, body = _random.choice([(401, "bad key"), (429, "slow down"), (503, "overloaded"), (999, ""), (402, "pay")])
    writer.write(f"HTTP/1.1 {status} X\r\nretry-after: {_random.choice(['nan', '1e9', '-1', '0'])}\r\n".encode())
    writer.write(f"content-length: {len(body)}\r\n\r\n{body}".encode())


def _json(value: object) -> bytes:
    return HEAD + b"application/json\r\n\r\n" + json.dumps(value).encode()


async def page_new_ids(writer: Writer) -> None:
    """Other components, incidents and maintenances at each read."""
    number = next(_numbers)
    ids = [f"{number}-{n}" for n in range(300)]
    incident = {
        "status": "investigating",
        "impact": "major",
        "incident_updates": [],
        "created_at": "2026-02-03T18:00:00Z",
    }
    writer.write(
        _json({
            "page": {"id": "p", "name": "P", "url": "http://127.0.0.1"},
            "status": {"indicator": "major"},
            "components": [{"id": i, "name": f"c{i}", "status": "major_outage"} for i in ids],
            "incidents": [{"id": i, "name": f"i{i}" * 50, "shortlink": "http://x/" + i, **incident} for i in ids[:80]],
        })
    )  # fmt: skip


async def page_long_labels(writer: Writer) -> None:
    component = {"status": "operational", "group_id": None}
    names_ = [f"{'x' * 20_000}{n}" for n in range(100)]
    writer.write(
        _json({
            "page": {"id": "p", "name": "P"},
            "status": {"indicator": "none"},
            "components": [{"id": name, "name": name, **component} for name in names_],
        })
    )  # fmt: skip


async def page_blanks(writer: Writer) -> None:
    """A feed whose text is made to be slow to match."""
    text = ("<strong" + " " * 30_000 + "a" + "&lt;p&gt;" * 3000).encode()
    item = (
        b"<item><title>"
        + b" " * 20_000
        + b"</title><description>"
        + text.replace(b"<", b"&lt;")
        + b"</description></item>"
    )
    writer.write(HEAD + b"application/rss+xml\r\n\r\n<rss><channel><title>P</title>" + item * 5 + b"</channel></rss>")


async def page_date(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ndate: " + b" " * 20_000 + b"\r\ncontent-type: application/json\r\n\r\n{}")


async def page_deep(writer: Writer) -> None:
    writer.write(HEAD + b"application/json\r\n\r\n" + b'{"a":' * 100_000)


async def page_flood(writer: Writer) -> None:
    writer.write(HEAD + b"application/json\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def page_garbage(writer: Writer) -> None:
    writer.write(HEAD + b"text/html\r\n\r\n" + _random.randbytes(20_000))


APIS: dict[str, Behaviour] = {
    "good": good, "flood": flood, "drip": drip, "pings": pings, "headers": headers, "names": names, "deep": deep,
    "huge_error": huge_error, "garbage": garbage, "reset": reset, "truncated": truncated, "silent": silent,
    "refused": refused,
}  # fmt: skip
PAGES: dict[str, tuple[str, Behaviour]] = {
    "new_ids": ("statuspage", page_new_ids),
    "long_labels": ("statuspage", page_long_labels),
    "blanks": ("rss", page_blanks),
    "date": ("statuspage", page_date),
    "deep": ("statuspage", page_deep),
    "flood": ("statuspage", page_flood),
    "garbage": ("statuspage", page_garbage),
}


async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            _, what, name, *_ = head.split(b" ")[1].decode("latin-1").split("/")
            await (APIS[name] if what == "api" else PAGES[name][1])(writer)
            await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, KeyError):
        pass  # the client has had enough, or asks for what is not played
    finally:
        writer.close()


async def main() -> None:
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


def quiet(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """What is cancelled at the end is no news."""


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(quiet)
        runner.run(main())

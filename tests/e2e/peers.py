"""Peers on loopback that each do one thing, and `ai-provider-exporter probe` run against them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial, reduce
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import trustme

from tests.e2e.programs import PROGRAM, environment
from tests.exporter.probes.played import Played, Step, head
from tests.exporter.wire.loopback import Handler, reset, server_context, serving

Place = Callable[[], AbstractAsyncContextManager[int]]
"""Where a probe is sent: while it is open there is something, or nothing, at the port."""

NAMELESS = "x" * 64 + ".example"  # a label has 63 letters at most: no resolver anywhere knows this name
FOREVER = 30.0


# --- what is said ---------------------------------------------------------------------------------------------


def event(document: object) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def delta(content: str, finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]})


STOP = delta("", "stop")
DONE = b"data: [DONE]\n\n"


def streaming(*steps: Step) -> Place:
    """Answers 200 with a stream of these."""
    return partial(serving, Played([head(), *steps]))


def refusing(status: int, said: object = None, content_type: str = "application/json", **headers: str) -> Place:
    body = json.dumps(said or {}).encode() if content_type == "application/json" else str(said).encode()
    return partial(serving, Played([head(status, content_type, content_length=str(len(body)), **headers), body]))


def playing(*steps: Step) -> Place:
    return partial(serving, Played(steps))


def resetting(*pieces: bytes) -> Place:
    """Says these, and breaks the connection off."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Played(pieces)(reader, writer)
        await asyncio.sleep(0.05)  # a reset overtakes what the other side has not read yet
        reset(writer)

    return partial(serving, handler)


# --- places where it does not come to that ---------------------------------------------------------------------


@asynccontextmanager
async def closed() -> AsyncIterator[int]:
    """A port that is taken, so nobody else gets it, and refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@asynccontextmanager
async def full() -> AsyncIterator[int]:
    """A port whose queue is full: whoever comes is left to wait."""
    with socket.socket() as listener, socket.socket() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]


@asynccontextmanager
async def deaf() -> AsyncIterator[int]:
    """Takes the beginning of a request and breaks the connection off before it is whole."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        await asyncio.sleep(0.1)
        reset(writer)

    async with serving(handler) as port:
        yield port


def over_tls(handler: Handler, certificate: trustme.LeafCert) -> Place:
    return partial(serving, handler, server_context(certificate))


async def failing_resolver(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """DNS over TCP that says SERVFAIL, whatever it is asked."""
    query = dns.message.from_wire(await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big")))
    reply = dns.message.make_response(query)
    reply.set_rcode(dns.rcode.SERVFAIL)
    writer.write(reply.to_wire(prepend_length=True))
    await writer.drain()


@dataclass
class Freezer:
    """Answers as it should, and stops the process that asks for `seconds` before it does."""

    seconds: float
    pid: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        os.kill(self.pid, signal.SIGSTOP)
        await asyncio.sleep(self.seconds)
        os.kill(self.pid, signal.SIGCONT)
        await Played([head(), delta("OK", "stop"), DONE])(reader, writer)


# --- the program ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Case:
    """One probe and whom it meets; `{port}` in an option or in `env` is the port of `place`, `{beyond}` of the other.

    `hosts` are those of `egress.hosts`, in which `{open}` is a port that takes connections. `froze` stops the process.
    """

    place: Place = closed
    beyond: Place = closed
    probe: Mapping[str, Any] = field(default_factory=dict)
    hosts: tuple[str, str] = ("localhost:{open}", "127.0.0.1:{open}")
    froze: Freezer | None = None
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """`said` is the object that it printed."""

    status: int
    said: dict[str, Any]
    stderr: str


CHAT = {
    "name": "p",
    "provider": "acme",
    "kind": "chat",
    "model": "m",
    "timeout": "2s",
    "price": {"per_request": 0.0},  # or each would look it up, which takes its time
    "base_url": "http://127.0.0.1:{port}/v1",
}
KEYS = {"KEY": "sk-e2e-0123456789"}
OF_A_CHAT = {"base_url", "model", "price"}


async def outcome(case: Case, directory: Path, turn: asyncio.Semaphore) -> Outcome:
    """What `probe p --json` makes of a case."""
    async with turn, case.place() as port, case.beyond() as beyond, serving(Played()) as way:
        ports = {"{port}": str(port), "{beyond}": str(beyond), "{open}": str(way)}
        config = {"egress": {"hosts": list(case.hosts), "timeout": "1s"}, "probes": [_options(case.probe)]}
        file = directory / f"{port}.yaml"
        file.write_text(_filled(json.dumps(config), ports))
        env = {name: _filled(value, ports) for name, value in case.env.items()}
        return await asyncio.to_thread(_probe, file, {**KEYS, **env}, case.froze)


def _filled(text: str, ports: Mapping[str, str]) -> str:
    return reduce(lambda filled, name: filled.replace(name, ports[name]), ports, text)


def _probe(config: Path, env: Mapping[str, str], froze: Freezer | None) -> Outcome:
    command: list[str | Path] = [PROGRAM, "probe", "p", "--config.file", config, "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment(env)) as process:
        if froze is not None:
            froze.pid = process.pid
        stdout, stderr = process.communicate(timeout=60)
    return Outcome(process.returncode, json.loads(stdout or "{}"), stderr)


def _options(changes: Mapping[str, Any]) -> dict[str, Any]:
    """A chat, or another kind, which is told nothing of chats."""
    known = CHAT if "kind" not in changes else {key: value for key, value in CHAT.items() if key not in OF_A_CHAT}
    return {**known, **changes}


def outcomes(
    cases: Mapping[str, Case], directory: Path, at_once: int = (os.cpu_count() or 1) + 1
) -> dict[str, Outcome]:
    """All of them, as many at once as there are cores and one more: most of the time a probe waits."""

    async def all_of_them() -> list[Outcome]:
        turn = asyncio.Semaphore(at_once)
        return await asyncio.gather(*(outcome(case, directory, turn) for case in cases.values()))

    return dict(zip(cases, asyncio.run(all_of_them()), strict=True))

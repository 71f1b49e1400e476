"""Prints what two hundred scrapers at once do to scrapes, to memory, and to what probes measure meanwhile.

The whole program probes a server on loopback twenty times a second: first in peace, then while each scraper scrapes
once a second, then while all of them scrape as fast as they are answered. The server writes down when a request came
and when it sent the first token; what the exporter measured beyond that is the error of its instrument, connecting
included.

Run: .venv/bin/python -m tests.bench.storm [SECONDS]
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import uvloop

from tests.e2e.programs import running

SCRAPERS = 200
PROBES = 20
PAUSE_SECONDS = 1.0
TOKEN_SECONDS = 0.05
MILLISECONDS = 1000
PROBE = (
    "  - {{name: p{n}, provider: acme, kind: chat, model: small, base_url: 'http://127.0.0.1:{port}/p{n}/v1', "
    "interval: 1s, timeout: 900ms}}\n"
)
ANSWER_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
FIRST = b'data: {"choices":[{"index":0,"delta":{"content":"OK"}}]}\n\n'
LAST = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
SCRAPE = b"GET /metrics HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n"


# --- the server that knows the truth: a process of its own ------------------------------------------------


class Truth:
    """Answers a chat with a first token after `TOKEN_SECONDS`, and tells on standard output when that really was."""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came_wall, came = time.time(), time.perf_counter()
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:  # the exporter has ended
            writer.close()
            return
        writer.write(ANSWER_HEAD)
        await asyncio.sleep(TOKEN_SECONDS)
        sent = time.perf_counter()
        writer.write(FIRST)
        writer.write(LAST)
        writer.close()
        print(json.dumps([head.split(b"/", 2)[1].decode(), came_wall, sent - came]), flush=True)

    async def serve(self) -> None:
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


@contextmanager
def truth(directory: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and the file that it writes."""
    log = directory / "truth.jsonl"
    command = [sys.executable, "-m", "tests.bench.storm", "truth"]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out) as process:
        try:
            while not (text := log.read_text().partition("\n")[0]):
                time.sleep(0.01)
            yield int(text), log
        finally:
            process.terminate()


# --- the scrapers: another process ------------------------------------------------------------------------


@dataclass
class Storm:
    """Scrapes of `SCRAPERS` connections; `pause` is the time between two scrapes of each."""

    port: int
    pause: float
    scrapes: int = 0
    failed: int = 0
    took: list[float] = field(default_factory=list)

    async def blow(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        await asyncio.gather(*(self._scrape(n, end) for n in range(SCRAPERS)))

    async def _scrape(self, number: int, end: float) -> None:
        await asyncio.sleep(self.pause * number / SCRAPERS)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                writer.write(SCRAPE)
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else -1)
                self.failed += not head.startswith(b"HTTP/1.1 200")
            except (OSError, asyncio.IncompleteReadError, ValueError):
                self.failed += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            self.scrapes += 1
            self.took.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, self.pause - (time.monotonic() - began)))
        writer.close()

    def told(self) -> str:
        return json.dumps([self.scrapes, self.failed, percentile(self.took, 0.99)])


# --- what is printed ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weather:
    """What one part of the run was like; times in seconds, `errors` one for each run of a probe."""

    name: str
    scrapes: int
    failed: int
    slowest: float
    errors: list[float]
    resident_mb: float

    def row(self) -> str:
        p50, p99 = (percentile(self.errors, share) * MILLISECONDS for share in (0.5, 0.99))
        return (
            f"{self.name:<12}{self.scrapes:>9}{self.failed:>8}{self.slowest * MILLISECONDS:>12.1f}"
            f"{len(self.errors):>7}{p50:>10.2f}{p99:>10.2f}{self.resident_mb:>12.1f}"
        )


HEADER = "              scrapes  failed  p99 scrape   runs   p50 err   p99 err  resident MB   (times in ms)"


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Watcher:
    """Collects every run of the exporter's probes from its API, and what it was off by from the server's log."""

    def __init__(self, port: int, log: Path) -> None:
        self._port, self._log = port, log
        self._seen: dict[tuple[str, float], float] = {}

    async def watch(self, seconds: float) -> list[float]:
        """The errors of the runs within the next `seconds`."""
        self._seen.clear()
        since, end = time.time(), time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(0.4)
            for probe in (await self._probes())["probes"]:
                run = probe["last_run"]
                if run is not None and run["time_to_first_token_seconds"] is not None:
                    at = datetime.fromisoformat(run["started_at"]).timestamp()
                    self._seen[probe["probe"], at] = run["time_to_first_token_seconds"]
        runs = [(name, at, measured) for (name, at), measured in self._seen.items() if at >= since]
        return [error for run in runs for error in self._errors(*run)]

    def _errors(self, name: str, at: float, measured: float) -> list[float]:
        """One error; none if the server's word is missing."""
        told = [json.loads(line) for line in self._log.read_text().splitlines()[1:] if f'"{name}"' in line]
        found = [took for who, came, took in told if who == name and 0 <= came - at < PAUSE_SECONDS / 2]
        return [measured - found[0]] if found else []

    async def _probes(self) -> Any:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)
        writer.write(b"GET /api/v1/probes HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await reader.read(-1)
        writer.close()
        return json.loads(answer.partition(b"\r\n\r\n")[2])


def resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


async def weather(name: str, watcher: Watcher, port: int, pid: int, pause: float | None, seconds: float) -> Weather:
    command = [sys.executable, "-m", "tests.bench.storm", "blow", str(port), str(pause), str(seconds)]
    if pause is None:
        return Weather(name, 0, 0, 0.0, await watcher.watch(seconds), resident_mb(pid))
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    errors = await watcher.watch(seconds)
    out, _ = await process.communicate()
    scrapes, failed, slowest = json.loads(out)
    return Weather(name, scrapes, failed, slowest, errors, resident_mb(pid))


async def storm(directory: Path, seconds: float) -> list[Weather]:
    """The weather in peace, with each scraper once a second, and with all of them flat out."""
    with truth(directory) as (target, log):
        config = directory / "config.yaml"
        config.write_text("probes:\n" + "".join(PROBE.format(n=n, port=target) for n in range(PROBES)))
        with running(directory, "serve", "--config.file", config) as exporter:
            port, pid = int(exporter.url.rpartition(":")[2]), exporter.process.pid
            watcher = Watcher(port, log)
            await asyncio.sleep(2)
            return [
                await weather(name, watcher, port, pid, pause, seconds)
                for name, pause in (("peace", None), ("once a second", PAUSE_SECONDS), ("flat out", 0.0))
            ]


def main() -> None:
    if sys.argv[1:2] == ["truth"]:
        asyncio.run(Truth().serve())
    elif sys.argv[1:2] == ["blow"]:
        blow = Storm(int(sys.argv[2]), float(sys.argv[3]))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(blow.blow(float(sys.argv[4])))
        print(blow.told())
    else:
        seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
        with tempfile.TemporaryDirectory() as directory:
            parts = asyncio.run(storm(Path(directory), seconds))
        print(HEADER)
        print("\n".join(part.row() for part in parts))


if __name__ == "__main__":
    main()

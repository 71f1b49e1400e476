"""Prints what a scrape costs: written fresh, by prometheus-client for comparison, and for a crowd of scrapers at once.

Both write the same samples in the same run; the comparison leaves out what its metric objects cost to build. The crowd
asks for the middle one of the sizes over loopback, compressed, each over a connection of its own, within a second.

Run: .venv/bin/python tests/bench/scrape.py [PROBES ...]
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ai_provider_exporter import metrics
from ai_provider_exporter.metrics import View, exposition
from ai_provider_exporter.model.observation import ProbeId
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.state import State
from ai_provider_exporter.web.context import WebContext
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from tests.exporter.samples import NOW, RUN

ROUNDS = 7
SCRAPERS = 200
MILLISECONDS = 1000


class Told(Collector):
    """Metrics that are there already."""

    def __init__(self, told: list[Metric]) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        return iter(self._told)


def view(probes: int) -> View:
    names = [replace(RUN.id, probe=f"probe-{at}") for at in range(probes)]
    return View(state=State.of(map(_ran, names)), now=NOW)


def _ran(name: ProbeId) -> ProbeState:
    return ProbeState(id=name, interval=60.0).after(replace(RUN, id=name))


def fastest(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest of a few rounds: the others had to share the machine."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best * MILLISECONDS


def row(probes: int) -> str:
    seen = view(probes)
    body = exposition.write(metrics.families(seen))
    registry = CollectorRegistry()
    registry.register(Told(list(text_string_to_metric_families(body.decode()))))
    lines = metrics.ProbeLines(metrics.TABLE)
    views = cycle([seen, half_ran(seen)])
    every = fastest(lambda: exposition.write(metrics.families(seen)))
    half = fastest(lambda: exposition.write(metrics.families(next(views), lines)))
    theirs = fastest(lambda: generate_latest(registry))
    series = sum(not line.startswith(b"#") for line in body.splitlines())
    size = len(body) / (1 << 20)
    return f"{series:8} {size:8.1f} {every:10.2f} {half:10.2f} {theirs:18.2f} {half / theirs:8.3f}"


def half_ran(seen: View) -> View:
    """The same after one half of the probes has run once more: a scrape every 30 s of probes that run every 60 s."""
    state = seen.state
    for probe in list(state.probes.values())[::2]:
        state = state.with_probe(probe.after(replace(RUN, id=probe.id)))
    return View(state=state, now=NOW)


async def scrape(port: int) -> int:
    """The bytes of one answer, head and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    return len(answer)


async def crowd(port: int) -> list[int]:
    return await asyncio.gather(*(scrape(port) for _ in range(SCRAPERS)))


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [20, 200, 2000]
    print("  series       MB     all ms    half ms  prometheus-client     half to theirs")
    for probes in sizes:
        print(row(probes), flush=True)
    seen = view(sizes[len(sizes) // 2])
    server = WebServer(application(WebContext(view=lambda: seen, config=str, ready=lambda: True)), "127.0.0.1:0", None)
    server.start()
    took = fastest(lambda: asyncio.run(crowd(server.port)))
    server.stop()
    print(f"{SCRAPERS} scrapers at once: all answered after {took:.0f} ms")


if __name__ == "__main__":
    main()

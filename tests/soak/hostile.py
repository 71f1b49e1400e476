"""Faults and hostile pages of every kind, for as long as it takes to see growth; prints what the exporter holds.

Run: .venv/bin/python -m tests.soak.hostile [MINUTES]
After a sixth of the time everything must be flat. It ends by itself, with status 1 if anything grew.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import httpx2
import uvloop
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.model.shard import WHOLE
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.web.context import WebContext
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer

from tests.soak.reload import resident_mb, samples
from tests.soak.strangers import APIS, PAGES

MINUTES = 30.0
LOOKS = 30  # spread over the time; once a minute in the long form
PROBE = (
    "  - {{name: {name}, provider: {name}, kind: chat, base_url: 'http://127.0.0.1:{port}/api/{name}', auth: none, "
    "model: m, dialect: openai_chat, interval: 5s, timeout: 3s, connection: {connection}, price: {{per_request: 0}}}}\n"
)
PAGE = "  - {{provider: page-{name}, url: 'http://127.0.0.1:{port}/page/{name}', format: {form}, interval: 5s}}\n"


@dataclass(frozen=True)
class Look:
    """What the process holds at one moment. Lag is the longest since the look before."""

    resident_mb: float
    descriptors: int
    tasks: int
    series: int
    scrape_kb: float
    lag_ms: float


SLACK = Look(resident_mb=12, descriptors=20, tasks=12, series=60, scrape_kb=60, lag_ms=float("inf"))
"""How far the last third may stand above the second sixth: connections and tasks come and go."""


@dataclass
class Soak:
    port: int
    minutes: float
    looks: list[Look] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    async def run(self, directory: Path) -> None:
        path = directory / "config.yaml"
        path.write_text(configuration(self.port))
        async with Engine.opened(load_settings(path, {}), Secrets({}), WHOLE) as engine:
            context = WebContext(view=engine.view, config=engine.config_text, ready=lambda: True)
            server = WebServer(application(context), "127.0.0.1:0", None)
            server.start()
            await engine.prepare()
            await engine.begin()
            try:
                await self._watch(server.url)
            finally:
                await asyncio.to_thread(server.stop)

    async def _watch(self, url: str) -> None:
        print("  ".join(f"{column.name:>12}" for column in fields(Look)))
        async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
            for _ in range(LOOKS):
                lag = await longest_lag(60 * self.minutes / LOOKS)
                self.looks.append(await look(client, lag))
                print("  ".join(f"{value:12.0f}" for value in vars(self.looks[-1]).values()), flush=True)

    def growth(self) -> Iterator[str]:
        """A sentence for each thing that grew."""
        begin, end = self.looks[LOOKS // 6 : LOOKS // 3], self.looks[-LOOKS // 3 :]
        for column in fields(Look):
            before, after = _upper_quartile(begin, column.name), _upper_quartile(end, column.name)
            if after > before + getattr(SLACK, column.name):
                yield f"{column.name}: {before:.0f} after a sixth, {after:.0f} at the end"


def _upper_quartile(looks: list[Look], name: str) -> float:
    """One look may meet a large page that is being read, or none: only what most of them hold is compared."""
    values: list[float] = [getattr(one, name) for one in looks]
    return quantiles(values)[2]


async def longest_lag(seconds: float) -> float:
    """Milliseconds by which this loop, which probes, was late at worst."""
    worst, until = 0.0, perf_counter() + seconds
    while perf_counter() < until:
        due = perf_counter() + 0.05
        await asyncio.sleep(0.05)
        worst = max(worst, perf_counter() - due)
    return 1000 * worst


async def look(client: httpx2.AsyncClient, lag_ms: float) -> Look:
    text = (await client.get("/metrics")).text
    for path in ("/", "/api/v1/providers"):  # the board and the API render the same state
        (await client.get(path)).raise_for_status()
    gc.collect()
    return Look(
        resident_mb=resident_mb(),
        descriptors=open_descriptors(),
        tasks=len(asyncio.all_tasks()),
        series=len(samples(text)),
        scrape_kb=len(text) / 1024,
        lag_ms=lag_ms,
    )


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def configuration(port: int) -> str:
    probes = [PROBE.format(name=name, port=port, connection="warm" if n % 2 else "cold") for n, name in enumerate(APIS)]
    pages = [PAGE.format(name=name, port=port, form=form) for name, (form, _) in PAGES.items()]
    egress = f"egress: {{hosts: ['127.0.0.1:{port}', 'localhost:{port}'], interval: 5s}}\n"
    return "".join([egress, "probes:\n", *probes, "status_pages:\n", *pages])


@contextmanager
def strangers() -> Iterator[int]:
    """The hostile server in a process of its own; gives its port."""
    command = [sys.executable, "-m", "tests.soak.strangers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield int(server.stdout.readline()) if server.stdout else 0
        finally:
            if server.stdin:
                server.stdin.close()
            server.wait(20)


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    with strangers() as port, tempfile.TemporaryDirectory() as directory:
        soak = Soak(port, minutes)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(soak.run(Path(directory)))
    growth = list(soak.growth())
    print("\n".join(growth) or "flat after a sixth of the time")
    return int(bool(growth))


if __name__ == "__main__":
    sys.exit(main())

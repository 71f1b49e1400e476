"""Reloads between two configurations while probes run and Prometheus scrapes; prints what was left behind.

Run: .venv/bin/python -m tests.soak.reload [ROUNDS]
"""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter

import httpx2
import uvloop
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.model.shard import WHOLE
from ai_provider_exporter.runtime.engine import Engine
from ai_provider_exporter.runtime.reload import Reloader
from ai_provider_exporter.web.context import WebContext
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer

from tests.e2e.programs import running

ENVIRON = {"KEY": "sim-openai-paid"}
PAUSE_SECONDS = 0.03
AS_THINGS_HAPPEN = ("ai_probe_failure_reasons_total", "ai_probe_last_failure_info", "ai_probe_skipped_total")
PROBE = (
    "  - {{name: {name}, provider: openai, kind: chat, model: gpt-6-luna, base_url: '{base}/openai/v1', "
    "api_key: {{env: KEY}}, interval: 1s, timeout: {timeout}, connection: {connection}, location: {place}, "
    "price: {{per_request: {price}}}}}\n"
)
PAGE = "  - {{provider: {name}, url: '{base}/{name}/status', format: {format}, interval: {interval}}}\n"


def configuration(base: str, *, second: bool) -> str:
    """Two settings of one world. What is called `stays` is the same in both; what is called `first` is in one."""
    place = "there" if second else "here"
    probes = [
        *(("stays", n, "900ms", "here", 0.0) for n in range(8)),
        *(("changes", n, "800ms" if second else "900ms", place, 0.0) for n in range(4)),
        *(("first", n, "900ms", place, 0.0) for n in range(0 if second else 4)),
        *(("dear", n, "800ms" if second else "900ms", place, 9.0) for n in range(2)),  # its stand-in runs
    ]
    pages = [("openai", "incidentio", "2s" if second else "1s")]
    pages += [] if second else [("anthropic", "statuspage", "1s")]
    authority = base.removeprefix("http://")
    return "".join(
        [
            f"defaults: {{location: {place}}}\n",
            f"budget: {{daily_usd: {2.0 if second else 3.0}}}\n",
            f"egress: {{hosts: ['{authority}', '127.0.0.2:{authority.rpartition(':')[2]}'], interval: 1s}}\n",
            "probes:\n",
            *(
                PROBE.format(
                    name=f"{name}-{n}",
                    base=base,
                    timeout=timeout,
                    connection="warm" if n % 2 else "cold",
                    place=where,
                    price=price,
                )
                for name, n, timeout, where, price in probes
            ),
            "status_pages:\n",
            *(PAGE.format(name=name, base=base, format=form, interval=every) for name, form, every in pages),
        ]
    )


@dataclass
class Figures:
    """What was there before the first reload and after the last, and what went wrong, as sentences."""

    rounds: int
    tasks: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    series: list[int] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    slowest_reload: float = 0.0
    seconds: float = 0.0
    scrapes: int = 0
    runs: float = 0.0
    faults: list[str] = field(default_factory=list)

    def look(self, seen: dict[str, float]) -> None:
        gc.collect()
        self.tasks.append(len(asyncio.all_tasks()))
        self.descriptors.append(sum(1 for _ in Path("/proc/self/fd").iterdir()))
        self.threads.append(threading.active_count())
        self.series.append(sum(not series.startswith(AS_THINGS_HAPPEN) for series in seen))
        self.resident_mb.append(resident_mb())

    def judge(self) -> None:
        """Nothing may be left over; what is kept warm or read ahead comes and goes, within a handful."""
        for name, slack in (("tasks", 0), ("series", 0), ("threads", 3), ("descriptors", 16), ("resident_mb", 16)):
            before, after = getattr(self, name)
            if after > before + slack:
                self.faults.append(f"{name}: {before} before, {after} after {self.rounds} reloads")


class Scraper:
    """Scrapes again and again in a thread of its own, and notes counters that went back."""

    def __init__(self, url: str, figures: Figures) -> None:
        self._url, self._figures = url, figures
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._last: dict[str, float] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._end.set()
            self._thread.join()

    def _run(self) -> None:
        with httpx2.Client(trust_env=False) as client:
            while not self._end.wait(PAUSE_SECONDS):
                counters = {
                    series: value
                    for series, value in samples(client.get(f"{self._url}/metrics").text).items()
                    if 'probe="stays-' in series and re.match(r"\w+_(total|count|sum|bucket)\b", series)
                }
                self._compare(counters)
                self._figures.scrapes += 1

    def _compare(self, counters: dict[str, float]) -> None:
        for series, value in self._last.items():
            if series not in counters:
                self._figures.faults.append(f"{series} vanished")
            elif counters[series] < value:
                self._figures.faults.append(f"{series} went back from {value} to {counters[series]}")
        self._last = counters


def samples(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, _, value in lines}


async def soak(directory: Path, *, rounds: int) -> Figures:
    figures, path, began = Figures(rounds), directory / "config.yaml", perf_counter()
    with running(directory, "simulate", "--speed", "0.001") as simulator:
        texts = [configuration(simulator.url, second=second) for second in (False, True)]
        path.write_text(texts[0])
        load = partial(load_settings, path, ENVIRON)
        async with Engine.opened(load(), Secrets(ENVIRON), WHOLE) as exporter:
            reloader = Reloader(exporter, load)
            window = WebContext(view=exporter.view, config=exporter.config_text, ready=lambda: True)
            server = WebServer(application(window), "127.0.0.1:0", None)
            server.start()
            await exporter.prepare()
            await exporter.begin()
            try:
                with Scraper(server.url, figures).running():
                    await _reload(reloader, path, texts, figures, server.url)
            finally:
                await asyncio.to_thread(server.stop)
    figures.seconds = perf_counter() - began
    figures.judge()
    return figures


async def _reload(reloader: Reloader, path: Path, texts: list[str], figures: Figures, url: str) -> None:
    """There and back again `rounds` times, once all that is to be seen is there, and with some rest at the end."""
    while not _is_complete(await _scraped(url), texts[0]):  # noqa: ASYNC110  # the figures are in its own text
        await asyncio.sleep(PAUSE_SECONDS)
    await _to(reloader, path, texts[0], figures)
    figures.look(await _scraped(url))
    for number in range(figures.rounds):
        second = number % 2 == 0
        await _to(reloader, path, texts[second], figures)
        await asyncio.sleep(PAUSE_SECONDS)
        figures.faults += ghosts(await _scraped(url), second=second)
    await _to(reloader, path, texts[0], figures)
    await asyncio.sleep(3)
    seen = await _scraped(url)
    figures.look(seen)
    figures.runs = sum(value for series, value in seen.items() if series.startswith("ai_probe_attempts_total"))


def _is_complete(seen: dict[str, float], text: str) -> bool:
    """Every probe and page of a configuration has succeeded."""
    successes = [series for series in seen if "_last_success_timestamp_seconds{" in series]
    probes, pages = re.findall(r"name: ([\w-]+)", text), re.findall(r"- {provider: (\w+), url", text)
    wanted = [*(f'{{probe="{probe}"' for probe in probes), *(f'{{provider="{page}"}}' for page in pages)]
    return all(any(label in series for series in successes) for label in wanted)


async def _to(reloader: Reloader, path: Path, text: str, figures: Figures) -> None:
    await asyncio.to_thread(path.write_text, text)
    began = perf_counter()
    mistakes = await reloader.reload()
    figures.slowest_reload = max(figures.slowest_reload, perf_counter() - began)
    if mistakes:
        figures.faults.append(mistakes)


async def _scraped(url: str) -> dict[str, float]:
    answer = await asyncio.to_thread(httpx2.get, f"{url}/metrics", trust_env=False)
    return samples(answer.text)


def ghosts(seen: dict[str, float], *, second: bool) -> list[str]:
    """Series that speak of what the settings in force do not know."""
    gone = ['probe="first-', 'provider="anthropic"', 'location="here"'] if second else ['location="there"']
    return [
        f"{series} is a ghost"
        for series in seen
        if any(label in series for label in gone) and 'probe="stays-' not in series and not _is_of_stays(series)
    ]


def _is_of_stays(series: str) -> bool:
    """What is seen of the provider from where the unchanged probes stand."""
    return series.startswith("ai_provider_") and 'location="here"' in series


def resident_mb() -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with (
        tempfile.TemporaryDirectory() as directory,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        figures = runner.run(soak(Path(directory), rounds=rounds))
    for name in ("tasks", "descriptors", "threads", "series", "resident_mb"):
        before, after = getattr(figures, name)
        print(f"{name:<16}{before:10.0f} before {after:10.0f} after")
    print(f"{rounds} reloads in {figures.seconds:.0f} s, slowest {1000 * figures.slowest_reload:.0f} ms")
    print(f"{figures.scrapes} scrapes, {figures.runs:.0f} runs of the probes that are still there")
    print("\n".join(figures.faults[:20]) or "nothing leaked, no counter went back, no ghost")
    return int(bool(figures.faults))


if __name__ == "__main__":
    sys.exit(main())

"""Prints what a process of the exporter needs for N chat probes, and what that makes of larger installations.

Run: .venv/bin/python -m tests.bench.size

The probes run against a server on loopback, each often enough that together they make RUNS_A_SECOND. CPU is that of the
exporter and its children, in user and kernel mode, and holds all that a run brings about; memory is what they keep
resident once every probe has run. What is computed from it assumes a run a minute and a scrape every 15 s.
"""

from __future__ import annotations

import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.start import attempts, cpu_seconds, exporter, resident_mb
from tests.bench.storm import truth

RUNS_A_SECOND = 50
SIZES = (50, 500, 2000)
SECONDS = 20
PROBE_INTERVAL, SCRAPE_INTERVAL = 60, 15
COMPUTED = (100, 500, 2000, 10_000)
PROBE = (
    "  - {{name: p{n}, provider: acme-{page}, kind: chat, model: small, interval: {interval}s, timeout: 900ms, "
    "base_url: 'http://127.0.0.1:{port}/p{n}/v1'}}\n"
)


@dataclass(frozen=True)
class Cost:
    """Of one process with that many probes; a run and a scrape in CPU seconds."""

    probes: int
    run: float
    scrape: float
    series: int
    resident_mb: float


def config(probes: int, port: int) -> str:
    interval = probes // RUNS_A_SECOND
    rows = (PROBE.format(n=n, page=n % 20, interval=max(1, interval), port=port) for n in range(probes))
    return "probes:\n" + "".join(rows)


def family(pid: int) -> list[int]:
    """The process and its children, whose children are none."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def cpu(pid: int) -> float:
    return sum(map(cpu_seconds, family(pid)))


def scrape(url: str) -> str:
    with urllib.request.urlopen(f"{url}/metrics") as answer:  # noqa: S310  # loopback
        text: str = answer.read().decode()
    return text


def measured(probes: int, port: int, path: Path) -> Cost:
    path.write_text(config(probes, port))
    with exporter(path) as (pid, url, _):
        time.sleep(max(1, probes // RUNS_A_SECOND) + 2)
        before, runs = cpu(pid), attempts(url)
        time.sleep(SECONDS)
        run = (cpu(pid) - before) / (attempts(url) - runs)
        before, runs = cpu(pid), attempts(url)
        text = [scraped_a_second_later(url) for _ in range(SECONDS)][-1]
        scrapes = cpu(pid) - before - run * (attempts(url) - runs)
        series = sum(not line.startswith("#") for line in text.splitlines())
        return Cost(probes, run, scrapes / SECONDS, series, sum(map(resident_mb, family(pid))))


def scraped_a_second_later(url: str) -> str:
    time.sleep(1)
    return scrape(url)


def rows(costs: list[Cost]) -> list[str]:
    """A process for each number of probes, on the line through the smallest and the largest that was measured."""
    small, large = costs[0], costs[-1]
    made = []
    for probes in COMPUTED:
        share = (probes - small.probes) / (large.probes - small.probes)
        series, scrape_cpu, memory = (
            getattr(small, name) + share * (getattr(large, name) - getattr(small, name))
            for name in ("series", "scrape", "resident_mb")
        )
        cores = large.run * probes / PROBE_INTERVAL + scrape_cpu / SCRAPE_INTERVAL
        made.append(f"| {probes:,} | {series:,.0f} | {cores:.2f} | {memory:.0f} MB |")
    return made


def main() -> None:
    costs = []
    with TemporaryDirectory() as name, truth(Path(name)) as (port, _):
        for probes in SIZES:
            cost = measured(probes, port, Path(name, "config.yaml"))
            costs.append(cost)
            cpu_times = f"{cost.run * 1000:.2f} ms CPU a run, {cost.scrape * 1000:.1f} ms CPU a scrape"
            print(
                f"{probes:5} probes: {cpu_times}, {cost.series} series, {cost.resident_mb:.0f} MB resident", flush=True
            )
    print("| probes in a process | series | cores | memory |")
    print("| --- | --- | --- | --- |")
    print("\n".join(rows(costs)))


if __name__ == "__main__":
    main()

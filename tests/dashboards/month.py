"""Thirty days of 200 probes, for measuring how long the Overview's queries take on a long past.

python -m tests.dashboards.month [MINUTES]      prints them, with a sample every so many minutes
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Final

import httpx2

from tests.dashboards.boards import TARGETS, everything
from tests.dashboards.grafana import Window, filled, times
from tests.dashboards.situations import runs
from tests.dashboards.situations.recording import Recording, create_blocks
from tests.dashboards.situations.story import Probe
from tests.dashboards.situations.world import END
from tests.tools.monitoring import Prometheus, prometheus

DAYS: Final = 30
PROVIDERS: Final = 100
LOCATIONS: Final = ("fra1", "us-east")
WIDTH: Final = 780


def record(recording: Recording) -> None:
    """What the Overview reads over time: each provider fails a little, one in ten for some hours."""
    count = len(recording.moments)
    for number in range(PROVIDERS):
        provider = {"provider": f"provider-{number:02}"}
        bad = [number % 10 == 0 and place % 300 < 20 for place in range(count)]
        recording.put("ai_status_page_status", provider, [2.0 * one for one in bad])
        recording.put("ai_status_page_up", provider | {"format": "statuspage"}, 1)
        for location in LOCATIONS:
            _place(recording, provider | {"location": location}, bad)
            _probe(recording, Probe(provider["provider"], provider["provider"], "m", location, "paid", 0.5), bad)


def _place(recording: Recording, place: dict[str, str], bad: list[bool]) -> None:
    recording.put("ai_provider_observed_status", place, [4.0 * one for one in bad])
    recording.put("ai_provider_verdict_info", place | {"verdict": "operational", "reason": "probes_succeed"}, 1)
    for kind in ("unacknowledged", "unobserved"):
        seconds = list(accumulate(60.0 * one for one in bad))
        recording.put("ai_provider_disagreement_seconds_total", place | {"kind": kind}, seconds)


def _probe(recording: Recording, probe: Probe, bad: list[bool]) -> None:
    failed = list(accumulate(map(float, bad)))
    attempts = [float(place) for place in range(len(bad))]
    recording.put("ai_probe_attempts_total", probe.labels, attempts)
    for fault in runs.FAULTS:
        recording.put("ai_probe_failures_total", probe.labels | {"fault": fault}, failed if fault == "provider" else 0)
    for part, factor in (("sum", 0.5), ("count", 1.0)):
        recording.put(f"ai_probe_time_to_first_token_seconds_{part}", probe.labels, [factor * one for one in attempts])
    recording.put("ai_probe_duration_seconds_count", probe.labels, list(accumulate(1.0 - one for one in bad)))
    recording.put("ai_probe_success", probe.labels, [1.0 - one for one in bad])
    recording.put("ai_probe_interval_seconds", probe.labels, 60)
    recording.put("ai_probe_last_run_timestamp_seconds", probe.labels, [float(one) for one in recording.moments])


@contextmanager
def month(directory: Path, minutes: int) -> Iterator[Prometheus]:
    """A Prometheus that has scraped every so many minutes."""
    recording = Recording(range(END - DAYS * 86400, END + 1, 60 * minutes))
    record(recording)
    text = directory / "month.om"
    recording.write(text)
    create_blocks(text, directory / "prometheus", "month")
    text.unlink()
    with prometheus(directory, {}) as server:
        yield server


def costs(server: Prometheus) -> dict[str, float]:
    """CPU seconds that each query of the Overview costs over the thirty days, the least of three times."""
    window = Window(END, DAYS * 86400.0, WIDTH)
    least = {}
    for target in TARGETS:
        if target.board == "overview":
            chosen = everything("overview") | times(target.panel, target.query, window)
            expression, step = filled(target.expression, chosen), window.step(target.panel, target.query)
            least[target.name] = min(_took(server, expression, step, instant=target.query["instant"]) for _ in range(3))
    return least


def _took(server: Prometheus, expression: str, step: float, *, instant: bool) -> float:
    # Of CPU, because other work on the machine makes no query dearer.
    before = _cpu(server)
    if instant:
        server.instant(expression, END)
    else:
        server.range(expression, END // step * step - DAYS * 86400, END // step * step, step)
    return _cpu(server) - before


def _cpu(server: Prometheus) -> float:
    """CPU seconds of Prometheus until now, in hundredths."""
    text = httpx2.get(f"{server.url}/metrics", trust_env=False).text
    (line,) = (line for line in text.splitlines() if line.startswith("process_cpu_seconds_total "))
    return float(line.split()[1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, month(Path(place), int([*sys.argv, "30"][1])) as running:
        for name, seconds in sorted(costs(running).items(), key=lambda one: -one[1]):
            print(f"{name}: {1000 * seconds:.0f} ms")  # noqa: T201

"""The program as a user starts it: a subprocess of the console script, on a port that the kernel picks."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.tools.monitoring import until

PROGRAM = Path(sys.executable).with_name("ai-provider-exporter")


@dataclass(frozen=True)
class Running:
    """`log` is all that the program has said so far."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://").replace("localhost", "127.0.0.1")

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(f"http://{self.host}{path}", trust_env=False)

    def metrics(self) -> dict[str, float]:
        """Series as written -> value."""
        lines = self.get("/metrics").text.splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {series: float(value) for series, _, value in samples}

    def metric(self, name: str, /, **labels: str) -> float | None:
        """The one series of that name with these labels among its own; None if there is none."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        found = [
            value
            for series, value in self.metrics().items()
            if series.partition("{")[0] == name and all(label in series for label in wanted)
        ]
        assert len(found) < 2, f"{name}{wanted} is {len(found)} series"
        return found[0] if found else None


def run(*arguments: str | Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=60, env=environment(env)
    )


@contextmanager
def running(
    directory: Path,
    verb: str,
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    under: Sequence[str] = (),
    address: str = "127.0.0.1:0",
) -> Iterator[Running]:
    """`serve` or `simulate`, from the line that says where it listens until the end of the block.

    `under` is a command that runs another one, such as prlimit(1).
    """
    log_file = directory / f"{verb}.log"
    command = [*under, PROGRAM, verb, *arguments, "--web.listen-address", address]
    with (
        log_file.open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment(env)) as process,
    ):
        try:
            yield Running(until(lambda: _url(process, log_file)), process, log_file)
        finally:
            process.terminate()
            process.wait(10)


def _url(process: subprocess.Popen[bytes], log_file: Path) -> str:
    log = log_file.read_text()
    assert process.poll() is None, f"the program has ended:\n{log}"
    found = re.search(r"https?://[\w.\[\]:]+:\d+", log)
    return found[0] if found else ""


def environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Nothing of the machine's but its path: no key and no proxy may leak into a test."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **(extra or {})}

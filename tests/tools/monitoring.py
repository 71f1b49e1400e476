"""A real Prometheus and a real Alertmanager on loopback, for as long as a `with` block lasts.

    with exposition(lambda: "up_to_me 1\\n") as target, prometheus(directory, {"job": [target]}) as server:
        until(lambda: server.value("up_to_me"))

The programs listen on ports that the kernel picks, and tell them in their logs: runs side by side never meet.
"""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TOOLS: Final = Path(__file__).parents[2] / ".tools"
PATIENCE_SECONDS: Final = 20.0
PAUSE_SECONDS: Final = 0.05

Answer = TypeVar("Answer")


def tool(name: str) -> Path:
    """The program that tests/tools/install has fetched; without it a test fails, it never skips.

    Raises:
        FileNotFoundError: it is not there; the message says what to run.
    """
    path = TOOLS / "bin" / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run make tools")
    return path


def run(name: str, *arguments: str | Path, text: str = "", seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs a tool to its end, within `seconds`, with `text` on its stdin; the caller judges exit status and output."""
    command = [tool(name), *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=seconds)


def until(question: Callable[[], Answer], seconds: float = PATIENCE_SECONDS) -> Answer:
    """Asks until the answer is true, and returns it.

    Raises:
        TimeoutError: it never was; the message holds the last answer.
    """
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not true within {seconds} s; the last answer was {answer!r}")
        time.sleep(PAUSE_SECONDS)
    return answer


def hasten(document: str, factor: int) -> str:
    """The same rules or routes in a hurry: every duration divided by `factor`, to the millisecond.

    Thresholds stay as they are, so a rule that compares seconds is another rule afterwards.
    """
    units = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

    def shorter(match: re.Match[str]) -> str:
        return f"{int(match[1]) * units[match[2]] // factor}ms"

    return re.sub(r"(?<=[\[: ])(\d+)(ms|s|m|h|d)(?=[\]:\s]|$)", shorter, document)


@dataclass(frozen=True)
class Sample:
    """One series of an answer: its labels, and its values as (Unix seconds, value)."""

    labels: dict[str, str]
    values: list[tuple[float, float]]

    @property
    def last(self) -> float:
        return self.values[-1][1]


@dataclass(frozen=True)
class Prometheus:
    url: str

    def instant(self, expression: str, at: float | None = None) -> list[Sample]:
        moment = {} if at is None else {"time": at}
        return self._samples("query", query=expression, **moment)

    def range(self, expression: str, start: float, end: float, step: float) -> list[Sample]:
        return self._samples("query_range", query=expression, start=start, end=end, step=step)

    def value(self, expression: str) -> float | None:
        """The value of the only series of an answer, None if there is none.

        Raises:
            ValueError: there are several.
        """
        samples = self.instant(expression)
        if len(samples) > 1:
            raise ValueError(f"{expression} gave {len(samples)} series where one was due: {samples}")
        return samples[0].last if samples else None

    def alerts(self) -> list[dict[str, Any]]:
        """Pending and firing alerts as {"labels", "annotations", "state", "activeAt", "value"}."""
        found: list[dict[str, Any]] = self._get("alerts")["alerts"]
        return found

    def targets(self) -> list[dict[str, Any]]:
        """Scraped targets with "health" up, down or unknown, and "lastError"."""
        found: list[dict[str, Any]] = self._get("targets")["activeTargets"]
        return found

    def label_values(self, label: str, selector: str, start: float, end: float) -> list[str]:
        found: list[str] = self._get(f"label/{label}/values", **{"match[]": selector}, start=start, end=end)
        return found

    def _samples(self, path: str, **parameters: str | float) -> list[Sample]:
        answer = self._get(path, **parameters)
        if answer["resultType"] == "scalar":
            return [_sample({"metric": {}, "value": answer["result"]})]
        return [_sample(series) for series in answer["result"]]

    def _get(self, path: str, **parameters: str | float) -> Any:
        response = _client().get(f"{self.url}/api/v1/{path}", params=parameters)
        body = response.json()
        if body["status"] != "success":
            raise ValueError(f"{parameters.get('query', path)}: {body['error']}")
        return body["data"]


@cache
def _client() -> httpx2.Client:
    """One for all questions: each new one reads the machine's certificates, a tenth of a second for nothing."""
    return httpx2.Client(trust_env=False, timeout=60)


def _sample(series: dict[str, Any]) -> Sample:
    points = series.get("values") or [series["value"]]
    return Sample(series["metric"], [(float(moment), float(value)) for moment, value in points])


@dataclass(frozen=True)
class Alertmanager:
    url: str

    def alerts(self) -> list[dict[str, Any]]:
        """Alerts that it holds, with "status": {"state", "inhibitedBy", "silencedBy"} and "receivers"."""
        found: list[dict[str, Any]] = httpx2.get(f"{self.url}/api/v2/alerts", trust_env=False).json()
        return found


@contextmanager
def prometheus(
    directory: Path,
    jobs: Mapping[str, Sequence[str]],
    *,
    rules: Sequence[Path] = (),
    notifier: Alertmanager | None = None,
    every: str = "1s",
    more: Sequence[str] = (),
) -> Iterator[Prometheus]:
    """Prometheus with its data and log below `directory`.

    Args:
        directory: an empty place of its own.
        jobs: job name to HOST:PORT of its targets, read at /metrics.
        rules: rule files.
        notifier: where alerts go.
        every: how often it scrapes and evaluates.
        more: further arguments of the program.
    """
    config = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": list(targets)}]} for job, targets in jobs.items()
        ],
        "rule_files": [str(path) for path in rules],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": _hosts(notifier)}]}]},
    }
    path = _written(directory, "prometheus.yaml", config)
    arguments = [
        f"--config.file={path}",
        f"--storage.tsdb.path={directory / 'prometheus'}",
        "--storage.tsdb.retention.time=1y",
        # An alert that fires before the notifier is discovered, 5 s after the start, is lost: repeat it.
        "--rules.alert.resend-delay=1s",
        "--web.listen-address=127.0.0.1:0",
        *more,
    ]
    with _running("prometheus", arguments, directory) as url:
        yield Prometheus(url)


@contextmanager
def alertmanager(directory: Path, config: Mapping[str, Any]) -> Iterator[Alertmanager]:
    """Alertmanager with its data and log below `directory`; `config` is what its file would hold."""
    path = _written(directory, "alertmanager.yaml", config)
    arguments = [
        f"--config.file={path}",
        f"--storage.path={directory / 'alertmanager'}",
        "--web.listen-address=127.0.0.1:0",
        "--cluster.listen-address=",
    ]
    with _running("alertmanager", arguments, directory) as url:
        yield Alertmanager(url)


@contextmanager
def _running(name: str, arguments: Sequence[str], directory: Path) -> Iterator[str]:
    log = directory / f"{name}.log"
    with (
        log.open("w") as output,
        subprocess.Popen([tool(name), *arguments], stdout=output, stderr=output, cwd=TOOLS) as process,
    ):
        try:
            yield until(lambda: _ready(process, log))
        finally:
            process.terminate()


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    text = log.read_text()
    if process.poll() is not None:
        raise ChildProcessError(f"it ended at once:\n{text}")
    listening = re.search(r'msg="Listening on" .*?address=(\S+)', text)
    url = f"http://{listening[1]}" if listening else ""
    return url if url and httpx2.get(f"{url}/-/ready", trust_env=False).is_success else ""


def _written(directory: Path, name: str, config: Mapping[str, Any]) -> Path:
    path = directory / name
    path.write_text(yaml.safe_dump(dict(config)))
    return path


def _hosts(notifier: Alertmanager | None) -> list[str]:
    return [notifier.url.removeprefix("http://")] if notifier else []

"""The past of a status page as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`.

Each moment is rendered by the rows that render a scrape, so that names and labels are those of the live metrics. Of
these only what a page said at a moment of its past has a place here. Left out is what was never published (the
page's own indicator), what is about our reading it (up, failures, bytes, last success), and counters: they count
what happened while somebody watched. Maintenances are told while they are on: when they were announced, nobody says.

A series is written at each change and every `EVERY` seconds between, which is as long as Prometheus looks back; its
end shows as late as that, for a text has no word for a series that ends.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.metrics import TABLE, View
from ai_provider_exporter.metrics.exposition import MetricType, escape_help, label_text, number
from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.state import State
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.schema.types import suggestion
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.history.history import History
from ai_provider_exporter.status_pages.history.reader import read_history
from ai_provider_exporter.status_pages.options import Source
from ai_provider_exporter.status_pages.parsing import prepared
from ai_provider_exporter.status_pages.times import format_time
from ai_provider_exporter.wire import event_loop

EVERY = 300.0
MOST_SAMPLES = 5_000_000  # about 600 MB of text
METRICS = (
    "ai_status_page_status",
    "ai_component_status",
    "ai_incidents_active",
    "ai_incident_info",
    "ai_incident_started_timestamp_seconds",
    "ai_incident_updated_timestamp_seconds",
    "ai_incident_updates",
    "ai_incident_component",
    "ai_maintenances_active",
)
_ROWS = tuple(row for row in TABLE if row.name in METRICS)


class NothingToWrite(Exception):  # noqa: N818  # the sentence is for a user
    """There is no past to write, or too much of it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A value that did not change from `begins` until `ends`, Unix seconds."""

    begins: float
    ends: float
    value: float

    def moments(self) -> Iterator[float]:
        yield self.begins
        step = math.floor(self.begins / EVERY) + 1
        while step * EVERY < self.ends:
            yield step * EVERY
            step += 1

    @property
    def samples(self) -> int:
        return 1 + max(0, math.ceil(self.ends / EVERY) - 1 - math.floor(self.begins / EVERY))


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The series of one page, by metric and then by labels."""

    begins: float
    ends: float
    series: dict[str, dict[str, list[Stretch]]] = field(default_factory=lambda: {name: {} for name in METRICS})

    @property
    def samples(self) -> int:
        return sum(stretch.samples for _, stretches in self._all() for stretch in stretches)

    @property
    def summary(self) -> str:
        incidents = len(self.series["ai_incident_started_timestamp_seconds"])
        times = f"from {format_time(self.begins)} to {format_time(self.ends)}"
        return f"{self.samples} samples of {incidents} incident{'s' * (incidents != 1)}, {times}"

    def lines(self) -> Iterator[str]:
        """The text: each metric in one piece, each series in order of time."""
        for row in _ROWS:
            if self.series[row.name]:
                yield from _title(row.name, row.type, row.help)
            for labels, stretches in self.series[row.name].items():
                for stretch in stretches:
                    value = number(stretch.value)
                    for moment in stretch.moments():
                        yield f"{row.name}{{{labels}}} {value} {moment:.3f}\n"
        yield "# EOF\n"

    def write(self, path: Path) -> None:
        """Raises OSError if the file cannot be written."""
        with path.open("w", encoding="utf-8") as file:
            file.writelines(self.lines())

    def _all(self) -> Iterator[tuple[str, list[Stretch]]]:
        for by_labels in self.series.values():
            yield from by_labels.items()


def past_of(provider: str, history: History, source: Source, since: float, now: float) -> Past:
    """What the page of `provider` said from `since`, or from where its history begins, until `now`; Unix seconds.

    Raises:
        NothingToWrite: its history begins later, or would be too long.
    """
    begins = max(since, history.since)
    if begins >= now:
        raise NothingToWrite(f"the page of {provider} lists no incident of the past; there is nothing to write")
    past = Past(begins=begins, ends=now)
    changes = sorted({begins, now, *(change for change in history.changes if begins < change < now)})
    for start, end in pairwise(changes):
        page = prepared(history.page_at(start), source.components, source.regions).page
        for name, labels, value in _samples(provider, page, start):
            _extend(past.series[name].setdefault(labels, []), Stretch(start, end, value))
    if past.samples > MOST_SAMPLES:
        problem = f"{past.samples} samples are more than the {MOST_SAMPLES} that one run writes"
        raise NothingToWrite(f"{problem}; write a shorter --since, or name components in the configuration")
    return past


def _samples(provider: str, page: PageStatus, at: float) -> Iterable[tuple[str, str, float]]:
    read = PageState(provider=provider, interval=EVERY, page=page, page_at=at)
    view = View(state=State().with_page(read), now=at)
    for row in _ROWS:
        for sample in row.samples(view):
            labels = sample.labels if isinstance(sample.labels, str) else label_text(sample.labels)
            yield row.name, labels, sample.value


def _extend(stretches: list[Stretch], new: Stretch) -> None:
    """Append, or make the last one longer if nothing has changed."""
    last = stretches[-1] if stretches else None
    if last and last.ends == new.begins and last.value == new.value:
        stretches[-1] = Stretch(last.begins, new.ends, last.value)
    else:
        stretches.append(new)


def _title(name: str, type_: MetricType, help_: str) -> Iterator[str]:
    yield f"# HELP {name} {escape_help(help_)}\n"
    yield f"# TYPE {name} {type_}\n"


async def read_past(settings: Settings, provider: str, since: float) -> Past:
    """What a provider's status page said over the last `since` seconds.

    Raises:
        LookupError: no status page of that provider is configured.
        PageFailure: its history was not read.
        NothingToWrite: there is none, or too much.
    """
    options = next((page for page in settings.pages if page.provider == provider), None)
    if options is None:
        raise LookupError(provider)
    async with page_client() as client:
        source, history = await read_history(options, client)
    now = time.time()
    return past_of(provider, history, source, now - since, now)


def main(arguments: argparse.Namespace) -> int:
    """The verb `backfill`."""
    try:
        settings = load_settings(arguments.config, os.environ)
        past = event_loop.run(read_past(settings, arguments.provider, arguments.since))
        if arguments.output != "-":
            past.write(Path(arguments.output))
    except LookupError:
        providers = suggestion(arguments.provider, (page.provider for page in settings.pages))
        return _refuse(f"no status page of {arguments.provider!r} is configured; {providers}", 2)
    except ConfigErrors as error:
        return _refuse(error, 2)
    except (PageFailure, NothingToWrite) as error:
        return _refuse(error, 1)
    except OSError as error:
        return _refuse(f"{arguments.output}: {error.strerror or error}; name a file that can be written", 1)
    if arguments.output == "-":
        sys.stdout.writelines(past.lines())
    print(past.summary, file=sys.stderr)
    return 0


def _refuse(sentence: object, status: int) -> int:
    print(sentence, file=sys.stderr)
    return status

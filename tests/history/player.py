"""Plays a story through the real jobs, schedule, backoff, fold, verdict, board and exposition, on a clock of its own.

What is played in place of the network: how each run ends, and what a read of the page shows. An HTTP refusal goes
through the exporter's own blame, so that a story gives status and body, not a reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import cast

import yaml
from ai_provider_exporter import catalog, metrics
from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.metrics import View, exposition
from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    PageStatus,
    ProbeObservation,
    Status,
)
from ai_provider_exporter.model.reasons import OK, fault_of
from ai_provider_exporter.model.state import State
from ai_provider_exporter.model.verdict import Judgement, judge
from ai_provider_exporter.probes.blame import refusal
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.runtime.admission import Admission
from ai_provider_exporter.runtime.cost.budget import Budget
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.jobs import PageJob, ProbeJob
from ai_provider_exporter.runtime.schedule import Clock, ScheduledJob, Scheduler
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.reader import PageReader, Read
from ai_provider_exporter.web.api import routes
from ai_provider_exporter.web.board import sentences
from ai_provider_exporter.web.board.verdict import provider_verdicts
from ai_provider_exporter.web.context import WebContext

from tests.history.clock import StoryClock
from tests.history.story import Fail, Says, Story, Trouble

START = 1_750_000_000.0 // 3600 * 3600
MINUTE = 60.0
STICKY = 10 * MINUTE
USUAL_SECONDS, USUAL_FIRST_TOKEN = 0.9, 0.4


@dataclass(frozen=True)
class Frame:
    """What is said at one minute."""

    minute: float
    state: State
    judgements: dict[tuple[str, str], Judgement]
    headline: str
    board: dict[str, str]
    json: dict[str, str]


@dataclass(repr=False)  # it is long, and asyncio writes the result of a task down
class Played:
    story: Story
    frames: list[Frame] = field(default_factory=list)
    series: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def scrapes(self) -> int:
        return len(self.frames)


class Player:
    def __init__(self, story: Story, *, with_series: bool = False) -> None:
        self.story = story
        self.settings = _settings(story)
        self.clock = StoryClock(START)
        self.store = Store()
        self._with_series = with_series
        self._counts: dict[str, int] = {}
        self._context = WebContext(
            view=self._view,
            config=lambda: "",
            ready=lambda: True,
            titles={name: provider.title for name, provider in catalog.shipped().items()},
        )

    @property
    def minute(self) -> float:
        return (self.clock.now - START) / MINUTE

    async def play(self) -> Played:
        """A frame at each minute, and each sample of the exposition where series are wanted."""
        played = Played(self.story)
        scheduler = Scheduler(Clock(wall=self.clock.time, monotonic=self.clock.time, sleep=self.clock.sleep), _ignore)
        for job in self._jobs():
            scheduler.start(job)
        for at in range(1, self.story.minutes + 1):
            self._check_egress()
            await self.clock.play(START + at * MINUTE)
            frame = self._frame()
            played.frames.append(frame)
            if self._with_series:
                self._scrape(played, at - 1)
        await scheduler.stop_all()
        return played

    def _jobs(self) -> Iterator[ScheduledJob]:
        budget = Budget.open(BudgetOptions(daily_usd=1e9))
        health = HostHealth(wall=self.clock.time)
        context = ProbeContext(secret=lambda _: "")
        for options in self.settings.probes:
            admission = Admission(
                options.interval,
                budget=lambda: budget,
                max_cost=lambda: 0.0,
                is_their_outage=partial(self._is_failing, options.id.place),
            )
            job = ProbeJob(
                options, context=context, health=health, store=self.store, admission=admission, run=self._run
            )
            job.begin()
            yield ScheduledJob(name=f"probe/{options.name}", interval=options.interval, run=job.tick)
        for page in self.settings.pages:
            reader = cast("PageReader", StoryPage(page, self))
            page_job = PageJob(page, reader, health=health, store=self.store, is_egress_down=self._is_egress_down)
            page_job.begin()
            yield ScheduledJob(name=f"page/{page.provider}", interval=page.interval, run=page_job.tick, soon=True)

    # --- what the network would have shown ---------------------------------------------------------------

    async def _run(self, options: ProbeOptions, _: ProbeContext, __: HostHealth) -> ProbeObservation:
        number = self._counts[options.name] = self._counts.get(options.name, 0) + 1
        reason, trouble = OK, None
        for candidate in self._troubles(options):
            trouble = candidate
            reason = self._ending(candidate, options, number)
        if self._is_egress_down():
            reason = "egress_down"
        factor = trouble.slow if trouble else 1.0
        is_wrong = trouble is not None and _draw(self.story.name, options.name, "wrong", number) < trouble.wrong
        is_ok = reason == OK
        return ProbeObservation(
            id=options.id,
            started_at=self.clock.now,
            duration_seconds=USUAL_SECONDS * factor if is_ok else min(options.timeout, USUAL_SECONDS),
            reason=reason,
            fault=fault_of(reason),
            detail="" if is_ok else "as the story has it",
            time_to_first_token_seconds=USUAL_FIRST_TOKEN * factor if is_ok and options.model_label else None,
            phases=MappingProxyType({}),
            answer_correct=not is_wrong if is_ok and options.kind == "chat" else None,
        )

    def _troubles(self, options: ProbeOptions) -> Iterator[Trouble]:
        labels = {"kind": options.kind, "model": options.model_label, "location": options.location}
        labels |= {"tier": options.tier, "region": options.region, "probe": options.name}
        for trouble in self.story.trouble:
            is_meant = trouble.provider == options.provider and trouble.since <= self.minute < trouble.until
            if is_meant and all(labels[name] == value for name, value in trouble.only.items()):
                yield trouble

    def _ending(self, trouble: Trouble, options: ProbeOptions, number: int) -> str:
        drawn = _draw(self.story.name, options.name, "fail", number)
        stuck = _draw(self.story.name, options.name, "sticky", int(self.clock.now // STICKY))
        threshold = 0.0
        for fail in trouble.fail:
            threshold += fail.share
            if (stuck if fail.sticky else drawn) < threshold:
                return _reason(fail, options)
        return OK

    def _is_egress_down(self) -> bool:
        return any(since <= self.minute < until for since, until in self.story.egress_down)

    def _is_failing(self, place: tuple[str, str]) -> bool:
        return self.store.state.is_failing(place)

    def _check_egress(self) -> None:
        self.store.record_egress(self.settings.defaults.location, up=not self._is_egress_down())

    # --- what the exporter says ---------------------------------------------------------------------------

    def _view(self) -> View:
        return View(state=self.store.state, now=self.clock.now)

    def _frame(self) -> Frame:
        view = self._view()
        verdicts = provider_verdicts(view, self._context)
        answered = routes.providers(view, self._context).providers
        return Frame(
            minute=self.minute,
            state=view.state,
            judgements={place: judge(view.state, place, view.now) for place in view.state.places},
            headline=sentences.headline(verdicts, dict(view.state.egress)),
            board={judged.provider: judged.verdict for judged in verdicts},
            json={provider.provider: provider.verdict for provider in answered},
        )

    def _scrape(self, played: Played, number: int) -> None:
        for line in exposition.write(metrics.families(self._view())).decode().splitlines():
            if not line.startswith("#"):
                key, _, value = line.rpartition(" ")
                played.series.setdefault(key, {})[number] = value


class StoryPage:
    """Stands where `PageReader` stands."""

    def __init__(self, options: PageOptions, player: Player) -> None:
        self.provider = options.provider
        self.format = "statuspage"
        self._player = player

    async def read(self) -> Read:
        page = self._player.story.pages[self.provider]
        if self._player._is_egress_down():
            raise PageFailure("connect_timeout", "our egress is down")
        said = [says for says in page.says if says.at <= self._player.minute]
        now = said[-1] if said else Says(at=0.0)
        if now.unreadable:
            raise PageFailure(now.unreadable, "as the story has it")
        statuses = {**dict.fromkeys(page.components, "operational"), **now.components}
        return Read(
            page=PageStatus(
                components=tuple(Component(id=n, name=n, status=_STATUS[s]) for n, s in statuses.items()),
                incidents=tuple(_incident(key, *incident) for key, incident in now.incidents.items()),
            ),
            format=self.format,
        )


_STATUS = {status.word: status for status in Status}


def _incident(key: str, name: str, impact: str, components: list[str]) -> Incident:
    return Incident(
        id=key,
        name=name,
        status=IncidentStatus.INVESTIGATING,
        impact=Impact(impact),
        components=tuple(components),
    )


def _reason(fail: Fail, options: ProbeOptions) -> str:
    if fail.http is None:
        return fail.reason or OK
    headers = {"content-type": "application/json", **fail.headers}
    return refusal(fail.http, headers, fail.body.encode(), options.dialect_label).reason


def _draw(*seed: object) -> float:
    """A number in [0, 1) that depends on the words alone."""
    digest = hashlib.sha256("\0".join(map(str, seed)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _settings(story: Story) -> Settings:
    file = {
        "defaults": {"interval": "60s", "timeout": "15s", "location": "fra1"},
        "egress": {"hosts": ["a.example:443", "b.example:443"]},
        "status_pages": [{"provider": name, "url": f"https://{name}.example"} for name in story.pages],
        **story.config,
    }
    with TemporaryDirectory() as directory:
        path = Path(directory) / "config.yaml"
        path.write_text(yaml.safe_dump(file))
        return load_settings(path, {})


def _ignore(_: float) -> None:
    """How late a run began says nothing on this clock."""

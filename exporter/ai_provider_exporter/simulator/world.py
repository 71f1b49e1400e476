"""The state of the played world. Steps fold into it; a request asks it for its fate."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ai_provider_exporter.simulator.draw import Draw
from ai_provider_exporter.simulator.pages.state import PageState
from ai_provider_exporter.simulator.reports import Reports
from ai_provider_exporter.simulator.scenario import Fail, Pace, Provider, Scenario, Step, check_step
from ai_provider_exporter.simulator.tempo import Tempo


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks what: what a step can narrow itself to."""

    provider: str
    tier: str
    location: str
    operation: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a step hits; None: whoever."""

    provider: str
    tier: str | None
    location: str | None
    operation: str | None

    @classmethod
    def of(cls, step: Step) -> "Scope":
        return cls(step.provider, step.tier, step.location, step.operation)

    @property
    def narrowing(self) -> dict[str, str]:
        words = {"tier": self.tier, "location": self.location, "operation": self.operation}
        return {name: word for name, word in words.items() if word is not None}

    def hits(self, caller: Caller) -> bool:
        return caller.provider == self.provider and all(
            getattr(caller, name) == word for name, word in self.narrowing.items()
        )

    def covers(self, other: "Scope") -> bool:
        return other.provider == self.provider and self.narrowing.items() <= other.narrowing.items()


@dataclass(slots=True)
class Trouble:
    """What is in force for a scope until a later step for the same scope changes it."""

    fail: tuple[Fail, ...] | None = None
    pace: Pace = field(default_factory=Pace)
    draws: dict[Caller, Draw] = field(default_factory=dict)

    def draw(self, caller: Caller, seed: str) -> Fail | None:
        if caller not in self.draws:
            place = f"{seed}/{caller.provider}/{caller.tier}/{caller.location}/{caller.operation}"
            self.draws[caller] = Draw(self.fail or (), place)
        return self.draws[caller].next()


class World:
    """Times: `seconds` of the scenario; `unix` seconds, by which pages date what they tell."""

    def __init__(self, scenario: Scenario, unix: float, speed: float) -> None:
        self.scenario, self._speed = scenario, speed
        self.pages: dict[str, PageState] = {}
        self.reports: dict[str, Reports] = {}
        for name, provider in scenario.providers.items():
            if provider.page:
                self.pages[name] = PageState.of(provider.page, unix)
            if provider.reports:
                self.reports[name] = Reports.of(provider.reports)
        self._troubles: dict[Scope, Trouble] = {}
        self._coming = sorted(scenario.timeline, key=lambda step: step.at)

    def due(self, seconds: float) -> list[Step]:
        """Take out of the timeline, in order, what has happened by now."""
        due = [step for step in self._coming if step.at <= seconds]
        self._coming = self._coming[len(due) :]
        return due

    def apply(self, step: Step, unix: float) -> None:
        """Make `step` true.

        Raises:
            StepError: it speaks of a provider, page or component that there is not.
        """
        check_step(self.scenario, step)
        scope = Scope.of(step)
        if step.recover:
            for covered in [earlier for earlier in self._troubles if scope.covers(earlier)]:
                del self._troubles[covered]
        if step.fail is not None or step.pace is not None:
            self._trouble(scope, step)
        if step.page is not None:
            self.pages[step.provider].apply(step.page, unix, self._speed)
        if step.reports is not None:
            self.reports[step.provider].apply(step.reports, unix)

    def _trouble(self, scope: Scope, step: Step) -> None:
        trouble = self._troubles.pop(scope, Trouble())  # and to the end: the latest counts
        if step.fail is not None:
            trouble.fail, trouble.draws = step.fail, {}
        if step.pace is not None:
            trouble.pace = _over(trouble.pace, step.pace)
        self._troubles[scope] = trouble

    def fate(self, caller: Caller) -> Fail | None:
        """Draw how this request fails: the narrowest scope decides, of equals the latest."""
        failing = [each for each in self._hitting(caller) if each.fail is not None]
        return failing[-1].draw(caller, self.scenario.name) if failing else None

    def tempo(self, caller: Caller) -> Tempo:
        """Return how fast this request is answered."""
        pace = self.scenario.providers[caller.provider].pace
        for trouble in self._hitting(caller):
            pace = _over(pace, trouble.pace)
        return Tempo(**pace.model_dump(exclude_none=True))

    def _hitting(self, caller: Caller) -> Iterable[Trouble]:
        """Return what hits `asker`, what decides last."""
        scopes = [scope for scope in self._troubles if scope.hits(caller)]
        return [self._troubles[scope] for scope in sorted(scopes, key=lambda scope: len(scope.narrowing))]

    def describe(self) -> dict[str, Any]:
        """Return what is in force now, as JSON; keys are left out."""
        return {name: self._describe(name, provider) for name, provider in self.scenario.providers.items()}

    def _describe(self, name: str, provider: Provider) -> dict[str, Any]:
        page, reports = self.pages.get(name), self.reports.get(name)
        return {
            "apis": provider.apis,
            "troubles": [
                scope.narrowing
                | {"fail": [fail.model_dump(exclude_defaults=True) for fail in trouble.fail or ()]}
                | {"pace": trouble.pace.model_dump(exclude_none=True)}
                for scope, trouble in self._troubles.items()
                if scope.provider == name
            ],
            "page": page.describe() if page else None,
            "reports": reports.now if reports else None,
        }


def _over(pace: Pace, change: Pace) -> Pace:
    return pace.model_copy(update=change.model_dump(exclude_none=True))

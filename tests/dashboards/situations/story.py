"""What a situation is made of: who fails, who admits what, and what of our own is broken, in minutes before its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

MINUTES: Final = 370
"""How long a situation lasts: six hours and what a rate needs before them."""

STATUS: Final = {"unknown": -1, "operational": 0, "maintenance": 1, "minor": 2, "major": 3, "critical": 4}


@dataclass(frozen=True)
class Probe:
    name: str
    provider: str
    model: str
    location: str
    tier: str
    pace: float  # seconds to the first token on a good day

    @property
    def labels(self) -> dict[str, str]:
        return {
            "probe": self.name,
            "provider": self.provider,
            "kind": "chat",
            "model": self.model,
            "location": self.location,
            "tier": self.tier,
        }


PROBES: Final = (
    *(Probe("openai-paid", "openai", "gpt-6-luna", where, "paid", 0.45) for where in ("fra1", "us-east")),
    *(Probe("openai-free", "openai", "gpt-6-luna", where, "free", 0.60) for where in ("fra1", "us-east")),
    *(Probe("anthropic", "anthropic", "claude-sonnet-5", where, "paid", 0.70) for where in ("fra1", "us-east")),
    Probe("mistral", "mistral_ai", "mistral-small-4", "fra1", "paid", 0.30),
)
PROVIDERS: Final = ("anthropic", "mistral_ai", "openai")


@dataclass(frozen=True)
class Trouble:
    """Runs that fail or are slow, from `begin` to `end` minutes before the end of the situation."""

    reason: str
    fault: str
    begin: int
    end: int = 0
    provider: str = ""
    location: str = ""
    tier: str = ""
    share: float = 1.0
    slower: float = 1.0
    http: str = ""

    def concerns(self, probe: Probe) -> bool:
        wanted = (("provider", self.provider), ("location", self.location), ("tier", self.tier))
        return all(not value or getattr(probe, name) == value for name, value in wanted)


@dataclass(frozen=True)
class Entry:
    """What a page says from `begin` to `end` minutes before the end: an incident, or a maintenance."""

    provider: str
    impact: str
    name: str
    begin: int
    end: int = 0
    component: str = "Chat completions"
    url: str = "https://status.example/incidents/1"

    @property
    def identity(self) -> str:
        return f"{self.provider}-{self.begin}"


@dataclass(frozen=True)
class Situation:
    """One of the situations that every board must show; `says` are sentences that the Overview must have in sight."""

    name: str
    description: str
    says: tuple[str, ...]
    says_alone: tuple[str, ...] = ()
    """What it must have in sight besides where no crowd of other exporters stands beside it."""
    troubles: tuple[Trouble, ...] = ()
    entries: tuple[Entry, ...] = ()
    unreadable: tuple[str, ...] = ()
    unreadable_since: int = 0
    egress_down_since: int = 0
    budget_spent_since: int = 0
    new: bool = False
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    traffic: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PROVIDERS, 0.004))
    crowd: str = "crowd"
    """Which of the recorded crowds stands beside it where there are 150 providers."""
    a_week_earlier: bool = False
    """Whether the same hours of the week before, when all was well, are on record too."""
    pages_alerts: tuple[str, ...] = ()
    """Providers for which an alert that pages fires at the end."""

    @property
    def focus(self) -> str:
        """The provider to look at on the Provider board."""
        failing = [trouble.provider for trouble in self.troubles if trouble.provider]
        admitting = [entry.provider for entry in self.entries]
        return [*failing, *admitting, *self.unreadable, "openai"][0]

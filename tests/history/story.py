"""A story: what a provider did to its callers, what its page said, and what the exporter must say of it.

Times are minutes from the beginning. What is not known of an incident stands under `assumptions`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from ai_provider_exporter.model.reasons import REASONS
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

DIRECTORY = Path(__file__).with_name("stories")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(reason: str) -> str:
    if reason not in REASONS:
        raise ValueError(f"{reason!r} is not a reason")
    return reason


class Fail(Part):
    """A share of the runs: an HTTP answer that blame must understand, or a reason where no answer came."""

    share: float = 1.0
    http: int | None = None
    body: str = ""
    headers: dict[str, str] = {}
    reason: Annotated[str, AfterValidator(_known)] | None = None
    sticky: bool = False  # the same callers for ten minutes, as where a share of the servers is broken


class Trouble(Part):
    """`only` narrows whom it hits, by labels of the probe, its region or its name; `wrong`: share of wrong answers."""

    since: float
    until: float
    provider: str
    only: dict[str, str] = {}
    fail: list[Fail] = []
    wrong: float = 0.0
    slow: float = 1.0  # factor on how long an answer takes


class Says(Part):
    """The page from here on. `incident` is `id: [name, impact, status, components]`; a resolved one is gone."""

    at: float
    components: dict[str, str] = {}
    incidents: dict[str, tuple[str, str, list[str]]] = {}
    unreadable: str = ""


class Page(Part):
    components: list[str]
    says: list[Says] = []


class Expect(Part):
    """What holds at each minute from `since` to `until`; what is left out is not looked at."""

    since: float
    until: float
    provider: str
    location: str = "fra1"
    verdict: list[str] = []
    never: list[str] = []
    reason: list[str] = []
    parts: list[str] = []
    headline: str = ""
    lag_minutes: tuple[float, float] | Literal["absent"] | None = None
    trouble_since: tuple[float, float] | Literal["absent"] | None = None
    unacknowledged: bool | None = None


class Alert(Part):
    """Fires within `within` minutes after `since` and until `until`, with these labels."""

    alert: str
    labels: dict[str, str] = {}
    since: float
    within: float = 10.0
    until: float | None = None


class Story(Part):
    name: str
    what: str
    sources: list[str]
    certainty: Literal["certain", "high", "medium", "low", "what-if"]
    assumptions: list[str] = []
    begins: float = Field(default=10.0, description="minute of the first failure")
    minutes: int
    config: dict[str, Any]
    pages: dict[str, Page] = {}
    egress_down: list[tuple[float, float]] = []
    trouble: list[Trouble]
    expect: list[Expect]
    alerts: list[Alert] = []
    no_alerts: list[str] = []


@cache
def stories() -> dict[str, Story]:
    paths = sorted(DIRECTORY.glob("*.yaml"))
    return {path.stem: Story.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in paths}

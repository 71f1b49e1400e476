"""Hours in which a probe shall not run: a maintenance of ours, a plan that pays by the day, a quiet weekend."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from ai_provider_exporter.model.observation import ProbeId
from ai_provider_exporter.schema.types import Many, Options

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        raise ValueError(f"{name!r} is no time zone known here; write one such as Europe/Zurich or UTC") from None
    return name


def _clock(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text!r} is no time of day; write one in quotes, such as "22:30"') from None
    return text


TimeOfDay = Annotated[str, AfterValidator(_clock)]


class Pause(Options):
    """Probes that match one glob of `probes` or `providers` do not run while it holds.

    Left out, `weekdays` are all days and `start` to `end` is the whole day. An `end` before `start` is on the
    next day; the weekday is that of the start. `start` belongs to the pause, `end` does not.
    """

    probes: Many[str] = Field(default=(), description="globs over names of probes")
    providers: Many[str] = Field(default=(), description="globs over names of providers")
    weekdays: Many[Weekday] = Field(default=WEEK, description="days on which the pause starts")
    start: TimeOfDay = Field(default="00:00", description="time of day, in quotes; belongs to the pause")
    end: TimeOfDay = Field(
        default="00:00", description="time of day, in quotes; an end before the start is on the next day"
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="time zone of the IANA database, such as `Europe/Zurich`"
    )

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.probes and not self.providers:
            raise ValueError('pauses no probe; write probes or providers, such as providers: [openai] or probes: ["*"]')
        return self

    def concerns(self, probe: ProbeId) -> bool:
        return any(fnmatchcase(probe.probe, glob) for glob in self.probes) or any(
            fnmatchcase(probe.provider, glob) for glob in self.providers
        )

    def holds(self, now: float) -> bool:
        """Whether it is one of these hours at `now`, Unix seconds."""
        local = datetime.fromtimestamp(now, ZoneInfo(self.zone))
        start, end, clock = time.fromisoformat(self.start), time.fromisoformat(self.end), local.time()
        today, yesterday = WEEK[local.weekday()], WEEK[local.weekday() - 1]
        if start < end:
            return today in self.weekdays and start <= clock < end
        return (today in self.weekdays and clock >= start) or (yesterday in self.weekdays and clock < end)


def is_paused(pauses: Iterable[Pause], probe: ProbeId, now: float) -> bool:
    return any(pause.concerns(probe) and pause.holds(now) for pause in pauses)

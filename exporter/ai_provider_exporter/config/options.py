"""The top of the user's file, and the blocks that belong to no probe, page or source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import field_validator, model_validator

from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.config.mute_times import Pause
from ai_provider_exporter.metrics.otel.options import OtelOptions
from ai_provider_exporter.probes.tcp import split_address
from ai_provider_exporter.schema.types import Options, PositiveDuration


class Defaults(Options):
    """What each probe has unless it says otherwise; `interval` holds for status pages too."""

    interval: PositiveDuration = 60.0
    timeout: PositiveDuration = 30.0
    location: str = ""


class EgressCheck(Options):
    """How to tell our own outage from theirs: it is ours when none of `hosts` can be reached."""

    hosts: tuple[str, ...] = ("one.one.one.one:443", "dns.google:443", "www.wikipedia.org:443")
    interval: PositiveDuration = 30.0
    timeout: PositiveDuration = 5.0

    @field_validator("hosts")
    @classmethod
    def _have_ports(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            split_address(host)
        return hosts

    @model_validator(mode="after")
    def _at_least_two(self) -> Self:
        if len(set(self.hosts)) < 2:  # noqa: PLR2004  # one host down must not look like us being cut off
            raise ValueError("needs two different hosts at least; write a list such as [a.example:443, b.example:443]")
        return self


class File(Options):
    """The top of the file; probes and pages are checked one by one, against the options of their kind."""

    defaults: Defaults = Defaults()
    budget: BudgetOptions = BudgetOptions()
    egress: EgressCheck = EgressCheck()
    probes: tuple[dict[str, Any], ...] = ()
    status_pages: tuple[dict[str, Any], ...] = ()
    reports: tuple[dict[str, Any], ...] = ()
    pauses: tuple[Pause, ...] = ()
    modules: Mapping[str, dict[str, Any]] = {}
    otel: OtelOptions = OtelOptions()

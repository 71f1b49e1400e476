"""The top of the user's file, and the blocks that belong to no probe, page or source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.config.mute_times import Pause
from ai_provider_exporter.metrics.otel.options import OtelOptions
from ai_provider_exporter.probes.address import split_address
from ai_provider_exporter.probes.egress_options import ProxyOptions
from ai_provider_exporter.probes.options import Objectives
from ai_provider_exporter.schema.types import Options, PositiveDuration


class Defaults(Options):
    """What each probe has unless it says otherwise; `interval` holds for status pages too."""

    interval: PositiveDuration = Field(
        default=60.0, description="time between two runs of a probe and between two reads of a status page"
    )
    timeout: PositiveDuration = Field(
        default=30.0, description="longest duration of one run; no longer than the interval"
    )
    confirm_interval: PositiveDuration | None = Field(
        default=None,
        description="time to the next run after a failure, three times at most; null: a quarter of the interval",
    )
    objectives: Objectives = Field(default=Objectives(), description="what counts as fast enough")
    location: str = Field(
        default="", description="where this exporter runs, such as `fra1`; a label, and the name of its egress"
    )


class EgressCheck(ProxyOptions):
    """The egress of everything, and how to tell our own outage: none of `hosts` can be reached through it."""

    from_environment: bool = Field(
        default=False, description="true: take the proxy from HTTPS_PROXY, ALL_PROXY or HTTP_PROXY, and NO_PROXY"
    )

    hosts: tuple[str, ...] = Field(
        default=("one.one.one.one:443", "dns.google:443", "www.wikipedia.org:443"),
        description="`HOST:PORT` each; the egress is down when none of them accepts a connection; two at least",
    )
    interval: PositiveDuration = Field(default=30.0, description="time between two checks")
    timeout: PositiveDuration = Field(default=5.0, description="longest wait for one connection")

    @field_validator("hosts")
    @classmethod
    def _have_ports(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            split_address(host)
        return hosts

    @field_validator("hosts")
    @classmethod
    def _are_two(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(hosts)) < 2:  # noqa: PLR2004  # one host down must not look like our own outage
            raise ValueError("needs two different hosts at least; write a list such as [a.example:443, b.example:443]")
        return hosts


class File(Options):
    """The top of the file; probes and pages are checked one by one, against the options of their kind."""

    defaults: Defaults = Field(
        default=Defaults(), description="what each probe and status page has unless it says otherwise"
    )
    budget: BudgetOptions = Field(default=BudgetOptions(), description="what probing may cost")
    egress: EgressCheck = Field(
        default=EgressCheck(),
        description="how everything leaves this network, and how to tell our own outage",
    )
    probes: tuple[Any, ...] = Field(default=(), description="what to probe")
    status_pages: tuple[Any, ...] = Field(default=(), description="status pages to read")
    reports: tuple[Any, ...] = Field(
        default=(), description="what others report about a provider; none is read unless it is listed"
    )
    pauses: tuple[Pause, ...] = Field(default=(), description="hours in which probes do not run")
    modules: Mapping[str, Any] = Field(
        default={},
        description="probes without a target, for `/probe?module=NAME&target=URL`",
    )
    otel: OtelOptions = Field(
        default=OtelOptions(),
        description="pushes the measurements to a Collector too; needs the extra `otel`",
    )

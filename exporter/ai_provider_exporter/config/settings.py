"""What is in force: the whole of the user's configuration, checked and complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.config.mute_times import Pause
from ai_provider_exporter.config.options import Defaults, EgressCheck
from ai_provider_exporter.metrics.otel.options import OtelOptions
from ai_provider_exporter.model.shard import Shard
from ai_provider_exporter.probes.module import Module
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.schema.errors import ConfigError
from ai_provider_exporter.status_pages.options import PageOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    defaults: Defaults
    budget: BudgetOptions
    egress: EgressCheck
    probes: tuple[ProbeOptions, ...]
    pages: tuple[PageOptions, ...]
    reports: tuple[ReportsOptions, ...] = ()
    pauses: tuple[Pause, ...] = ()
    modules: Mapping[str, Module] = field(default_factory=lambda: MappingProxyType({}))
    otel: OtelOptions = field(default_factory=OtelOptions)
    warnings: tuple[ConfigError, ...] = field(default=(), compare=False)

    def of(self, shard: Shard) -> Settings:
        """What of it one shard runs; what it is asked for, each of them can answer."""
        return replace(
            self,
            probes=tuple(probe for probe in self.probes if shard.owns(probe.provider)),
            pages=tuple(page for page in self.pages if shard.owns(page.provider)),
            reports=tuple(reports for reports in self.reports if shard.owns(reports.provider)),
        )

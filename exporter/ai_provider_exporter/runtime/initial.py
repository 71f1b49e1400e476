"""What is known of probes, pages and sources before they were asked for the first time."""

from __future__ import annotations

from types import MappingProxyType

from ai_provider_exporter.model.state import PageState, ProbeState, ReportsState
from ai_provider_exporter.probes import models
from ai_provider_exporter.probes.options import ApiOptions, Endpoint, ProbeOptions
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.status_pages.options import PageOptions


def probe(options: ProbeOptions) -> ProbeState:
    """Its info labels are what the contract names, then the user's."""
    info = {
        "dialect": options.dialect_label,
        "endpoint_host": options.endpoint_host,
        "connection": options.connection_label,
        **options.labels,
    }
    return ProbeState(id=options.id, interval=options.interval, info=MappingProxyType(info))


def page(options: PageOptions) -> PageState:
    return PageState(provider=options.provider, interval=options.interval, url=options.places[0].url)


def reports(options: ReportsOptions) -> ReportsState:
    return ReportsState(provider=options.provider, source=options.source, interval=options.interval)


def fallback_probe(options: ProbeOptions) -> ProbeOptions | None:
    """The probe that stands in when there is no money left: it reads the model list at the same endpoint."""
    if not isinstance(options, ApiOptions) or options.dialect not in models.PATHS:
        return None
    said = options.model_dump(include=set(Endpoint.model_fields) - {"kind"})
    return models.ModelsOptions.model_validate(said, strict=False)

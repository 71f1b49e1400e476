"""The JSON API: `/api/v1/providers`, `/api/v1/probes`, `/api/v1/incidents`, and targets for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ai_provider_exporter.metrics import View
from ai_provider_exporter.model import observation
from ai_provider_exporter.model.agreement import Agreement
from ai_provider_exporter.model.observation import PageStatus, ProbeObservation
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.reports_state import ReportsState
from ai_provider_exporter.probes import report
from ai_provider_exporter.web.api import schemas
from ai_provider_exporter.web.board import formatting, verdict
from ai_provider_exporter.web.board.verdict import ProbeVerdict, ProviderVerdict
from ai_provider_exporter.web.context import WebContext


def providers(view: View, context: WebContext) -> schemas.Providers:
    return schemas.Providers(providers=[_provider(judged) for judged in verdict.provider_verdicts(view, context)])


def probes(view: View, context: WebContext) -> schemas.Probes:
    return schemas.Probes(probes=[_probe(probe) for named in _named(view, context) for probe in _with_fallback(named)])


def incidents(view: View, _: WebContext) -> schemas.Incidents:
    return schemas.Incidents(
        incidents=[
            _incident(page, incident)
            for page in view.pages
            for incident in (page.page.open_incidents if page.page else ())
        ]
    )


def targets(view: View, context: WebContext, address: str, path: str, scheme: str) -> list[schemas.TargetGroup]:
    """One group for each configured probe, all pointing at this exporter: `address` is where we were asked.

    What is not there leaves no series to alert on. Prometheus keeps this list while the exporter is away: with the
    probe's name relabelled from `__meta_ai_probe_name`, and every sample dropped by `metric_relabel_configs`, each
    probe leaves one `up{probe=...}`, and `up == 0` names every probe that nobody runs. Without relabelling all
    groups are one target to Prometheus: this exporter, discovered.
    Format: https://prometheus.io/docs/prometheus/latest/http_sd/, 2026-11.
    """
    return [
        schemas.TargetGroup(
            targets=[address],
            labels={"__scheme__": scheme, "__metrics_path__": path, **_meta(probe)},
        )
        for probe in _named(view, context)
    ]


def _meta(probe: ProbeVerdict) -> dict[str, str]:
    identity = probe.state.id
    meta = {
        "name": identity.probe,
        "provider": identity.provider,
        "kind": identity.kind,
        "model": identity.model,
        "location": identity.location,
        "tier": identity.tier,
        "interval_seconds": f"{probe.state.interval:g}",
        "endpoint_host": probe.state.info.get("endpoint_host", ""),
    }
    return {f"__meta_ai_probe_{name}": value for name, value in meta.items() if value}


def _named(view: View, context: WebContext) -> Iterator[ProbeVerdict]:
    for judged in verdict.provider_verdicts(view, context):
        yield from judged.probes


def _with_fallback(probe: ProbeVerdict) -> Iterator[ProbeVerdict]:
    yield probe
    if probe.fallback is not None:
        yield probe.fallback


def _provider(judged: ProviderVerdict) -> schemas.Provider:
    return schemas.Provider(
        provider=judged.provider,
        title=judged.title,
        verdict=judged.verdict,
        since=_time(judged.since),
        reason=judged.reason or None,
        verdict_reason=judged.judgement.reason,
        parts=list(judged.judgement.parts),
        explanation=list(judged.judgement.sentences),
        observed=judged.observed.word,
        official=judged.official.word,
        locations=[_place(place) for place in judged.places],
        probes=[probe.state.id.probe for probe in judged.probes],
        page=_page(judged.page) if judged.page else None,
        incidents=[incident.id for incident in judged.incidents],
        reports=[_reports(reports, judged.now) for reports in judged.reports],
    )


def _reports(reports: ReportsState, now: float) -> schemas.Reports:
    current = reports.as_of(now)
    values = current or observation.Reports()
    return schemas.Reports(
        source=reports.source,
        count=values.count,
        baseline=values.baseline,
        status=None if values.status is None else values.status.word,
        uptimes=dict(values.uptimes),
        stale=current is None and reports.reports is not None,
        heard_at=_time(reports.reports_at),
        reason=reports.last.reason if reports.last else None,
    )


def _place(place: verdict.Place) -> schemas.Place:
    agreement = place.agreement or Agreement()
    return schemas.Place(
        location=place.location or None,
        verdict=place.judgement.verdict,
        verdict_reason=place.judgement.reason,
        observed=place.observed.word,
        failing_since=_time(agreement.failing_since),
        admitted_since=_time(agreement.admitted_since),
        acknowledgement_lag_seconds=agreement.lag_seconds,
        disagreement=agreement.kind,
        disagreement_seconds=dict(agreement.seconds),
    )


def _page(page: PageState) -> schemas.Page:
    status = page.page or PageStatus()
    return schemas.Page(
        url=formatting.web_address(status.page_url or page.url) or None,
        format=page.last.format or None if page.last else None,
        up=page.last.up if page.last else None,
        reason=page.last.reason if page.last else None,
        status=page.status.word,
        indicator=None if status.indicator is None else status.indicator.word,
        stale=page.stale,
        read_at=_time(page.page_at),
        changed_at=_time(page.changed_at),
        interval_seconds=page.interval,
        components=[_component(component) for component in status.components],
        maintenances=[_maintenance(maintenance) for maintenance in status.pending_maintenances],
    )


def _component(component: observation.Component) -> schemas.Component:
    return schemas.Component(
        id=component.id,
        name=component.name,
        group=component.group or None,
        region=component.region or None,
        status=component.status.word,
    )


def _maintenance(maintenance: observation.Maintenance) -> schemas.Maintenance:
    return schemas.Maintenance(
        id=maintenance.id,
        name=maintenance.name,
        status=maintenance.status,
        starts_at=_time(maintenance.starts_at),
        ends_at=_time(maintenance.ends_at),
        url=formatting.web_address(maintenance.url) or None,
        components=list(maintenance.components),
    )


def _incident(page: PageState, incident: observation.Incident) -> schemas.Incident:
    return schemas.Incident(
        provider=page.provider,
        id=incident.id,
        name=incident.name,
        status=incident.status,
        impact=incident.impact,
        started_at=_time(incident.started_at),
        updated_at=_time(incident.updated_at),
        url=formatting.web_address(incident.url) or None,
        components=list(incident.components),
        regions=list(incident.regions),
        updates=incident.updates,
        page_read_at=_time(page.page_at),
        stale=page.stale,
    )


def _probe(probe: ProbeVerdict) -> schemas.Probe:
    state = probe.state
    return schemas.Probe(
        probe=state.id.probe,
        provider=state.id.provider,
        kind=state.id.kind,
        model=state.id.model or None,
        location=state.id.location or None,
        tier=state.id.tier or None,
        stands_in=probe.is_fallback,
        labels=dict(state.info),
        verdict=probe.verdict,
        stale=probe.is_stale,
        backs_off=probe.backs_off,
        interval_seconds=state.interval,
        next_run_at=_time(probe.next_run_at),
        failing_since=_time(probe.failing_since),
        last_success_at=_time(state.last_success_at),
        attempts=state.attempts,
        failures=dict(state.failures),
        skipped=dict(state.skipped),
        cost_usd=state.cost_usd,
        last_run=_run(probe.last) if probe.last else None,
    )


def _run(run: ProbeObservation) -> schemas.Run:
    """The same words as `probe --json` prints."""
    printed = report.as_json(run)
    fields = {name: printed[name] for name in schemas.Run.model_fields if name in printed}
    return schemas.Run(started_at=datetime.fromtimestamp(run.started_at, UTC), **fields)


def _time(at: float | None) -> datetime | None:
    """Whole milliseconds: more would be noise."""
    return None if at is None else datetime.fromtimestamp(round(at, 3), UTC)

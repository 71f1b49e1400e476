"""The JSON API: `/api/v1/providers`, `/api/v1/probes`, `/api/v1/incidents`, and targets for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ai_provider_exporter.metrics import View
from ai_provider_exporter.model import observation
from ai_provider_exporter.model.agreement import Agreement
from ai_provider_exporter.model.observation import PageStatus, ProbeObservation
from ai_provider_exporter.model.state import PageState, ReportsState
from ai_provider_exporter.probes import report
from ai_provider_exporter.web.api import schemas as answers
from ai_provider_exporter.web.board import sentences as words
from ai_provider_exporter.web.board import verdict as standing
from ai_provider_exporter.web.board.verdict import ProbeStanding, Standing
from ai_provider_exporter.web.context import Window


def providers(view: View, window: Window) -> answers.Providers:
    return answers.Providers(providers=[_provider(found) for found in standing.standings(view, window)])


def probes(view: View, window: Window) -> answers.Probes:
    return answers.Probes(probes=[_probe(probe) for found in _named(view, window) for probe in _with_stand_in(found)])


def incidents(view: View, _: Window) -> answers.Incidents:
    return answers.Incidents(
        incidents=[
            _incident(page, incident)
            for page in view.pages
            for incident in (page.page.open_incidents if page.page else ())
        ]
    )


def targets(view: View, window: Window, address: str, path: str, scheme: str) -> list[answers.TargetGroup]:
    """One group for each configured probe, all pointing at this exporter: `address` is where we were asked.

    What is not there leaves no series to alert on. Prometheus keeps this list while the exporter is away: with the
    probe's name relabelled from `__meta_ai_probe_name`, and every sample dropped by `metric_relabel_configs`, each
    probe leaves one `up{probe=...}`, and `up == 0` names every probe that nobody runs. Without relabelling all
    groups are one target to Prometheus: this exporter, discovered.
    Format: https://prometheus.io/docs/prometheus/latest/http_sd/, 2026-11.
    """
    return [
        answers.TargetGroup(
            targets=[address],
            labels={"__scheme__": scheme, "__metrics_path__": path, **_meta(probe)},
        )
        for probe in _named(view, window)
    ]


def _meta(probe: ProbeStanding) -> dict[str, str]:
    said = probe.state.id
    meta = {
        "name": said.probe,
        "provider": said.provider,
        "kind": said.kind,
        "model": said.model,
        "location": said.location,
        "tier": said.tier,
        "interval_seconds": f"{probe.state.interval:g}",
        "endpoint_host": probe.state.info.get("endpoint_host", ""),
    }
    return {f"__meta_ai_probe_{name}": value for name, value in meta.items() if value}


def _named(view: View, window: Window) -> Iterator[ProbeStanding]:
    for found in standing.standings(view, window):
        yield from found.probes


def _with_stand_in(probe: ProbeStanding) -> Iterator[ProbeStanding]:
    yield probe
    if probe.stand_in is not None:
        yield probe.stand_in


def _provider(found: Standing) -> answers.Provider:
    return answers.Provider(
        provider=found.provider,
        title=found.title,
        verdict=found.verdict,
        since=_time(found.since),
        reason=found.reason or None,
        observed=found.observed.word,
        official=found.official.word,
        locations=[_place(place) for place in found.places],
        probes=[probe.state.id.probe for probe in found.probes],
        page=_page(found.page) if found.page else None,
        incidents=[incident.id for incident in found.incidents],
        reports=[_reports(reports, found.now) for reports in found.reports],
    )


def _reports(reports: ReportsState, now: float) -> answers.Reports:
    found = reports.as_of(now)
    said = found or observation.Reports()
    return answers.Reports(
        source=reports.source,
        count=said.count,
        baseline=said.baseline,
        status=None if said.status is None else said.status.word,
        uptimes=dict(said.uptimes),
        stale=found is None and reports.reports is not None,
        heard_at=_time(reports.reports_at),
        reason=reports.last.reason if reports.last else None,
    )


def _place(place: standing.Place) -> answers.Place:
    agreement = place.agreement or Agreement()
    return answers.Place(
        location=place.location or None,
        observed=place.observed.word,
        failing_since=_time(agreement.failing_since),
        admitted_since=_time(agreement.admitted_since),
        acknowledgement_lag_seconds=agreement.lag_seconds,
        disagreement=agreement.kind,
        disagreement_seconds=dict(agreement.seconds),
    )


def _page(page: PageState) -> answers.Page:
    said = page.page or PageStatus()
    return answers.Page(
        url=words.web_address(said.page_url or page.url) or None,
        format=page.last.format or None if page.last else None,
        up=page.last.up if page.last else None,
        reason=page.last.reason if page.last else None,
        status=page.status.word,
        indicator=None if said.indicator is None else said.indicator.word,
        stale=page.stale,
        read_at=_time(page.page_at),
        changed_at=_time(page.changed_at),
        interval_seconds=page.interval,
        components=[_component(component) for component in said.components],
        maintenances=[_maintenance(maintenance) for maintenance in said.pending_maintenances],
    )


def _component(component: observation.Component) -> answers.Component:
    return answers.Component(
        id=component.id,
        name=component.name,
        group=component.group or None,
        region=component.region or None,
        status=component.status.word,
    )


def _maintenance(maintenance: observation.Maintenance) -> answers.Maintenance:
    return answers.Maintenance(
        id=maintenance.id,
        name=maintenance.name,
        status=maintenance.status,
        starts_at=_time(maintenance.starts_at),
        ends_at=_time(maintenance.ends_at),
        url=words.web_address(maintenance.url) or None,
        components=list(maintenance.components),
    )


def _incident(page: PageState, incident: observation.Incident) -> answers.Incident:
    return answers.Incident(
        provider=page.provider,
        id=incident.id,
        name=incident.name,
        status=incident.status,
        impact=incident.impact,
        started_at=_time(incident.started_at),
        updated_at=_time(incident.updated_at),
        url=words.web_address(incident.url) or None,
        components=list(incident.components),
        regions=list(incident.regions),
        updates=incident.updates,
        page_read_at=_time(page.page_at),
        stale=page.stale,
    )


def _probe(probe: ProbeStanding) -> answers.Probe:
    state = probe.state
    return answers.Probe(
        probe=state.id.probe,
        provider=state.id.provider,
        kind=state.id.kind,
        model=state.id.model or None,
        location=state.id.location or None,
        tier=state.id.tier or None,
        stands_in=probe.stands_in,
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


def _run(run: ProbeObservation) -> answers.Run:
    """The same words as `probe --json` prints."""
    said = report.as_json(run)
    told = {name: said[name] for name in answers.Run.model_fields if name in said}
    return answers.Run(started_at=datetime.fromtimestamp(run.started_at, UTC), **told)


def _time(at: float | None) -> datetime | None:
    """Whole milliseconds: more would be noise."""
    return None if at is None else datetime.fromtimestamp(round(at, 3), UTC)

"""What status pages say, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from ai_provider_exporter.metrics.exposition import MetricType, Sample
from ai_provider_exporter.metrics.row import Row, View
from ai_provider_exporter.model.labels import Pairs
from ai_provider_exporter.model.observation import Component, Impact, Incident, LeftOut, Maintenance, Status
from ai_provider_exporter.model.page_state import PageState

COMPONENT = ("provider", "component_id", "component", "group", "region")

Values = Iterable[tuple[tuple[str, ...], float | int | None]]


def _per_page(name: str, type_: MetricType, help_: str, value: Callable[[PageState], float | int | None]) -> Row:
    return _per_page_and(name, type_, help_, (), lambda page: [((), value(page))])


def _per_page_and(
    name: str,
    type_: MetricType,
    help_: str,
    labels: tuple[str, ...],
    values: Callable[[PageState], Values],
) -> Row:
    """A metric of each page with more labels: `values` yields the values of those labels and the number."""

    def samples(view: View) -> Iterator[Sample]:
        for page in view.pages:
            for more, figure in values(page):
                if figure is not None:
                    pairs: Pairs = (("provider", page.provider), *zip(labels, more, strict=True))
                    yield Sample(pairs, figure)

    return Row(name, type_, help_, ("provider", *labels), samples)


def _up(page: PageState) -> Values:
    if page.last is not None:
        yield (page.last.format,), page.last.up


def _status(page: PageState) -> Values:
    yield (), page.status


def _indicator(page: PageState) -> Values:
    yield (), page.page.indicator if page.page else Status.UNKNOWN


def _failures(page: PageState) -> Values:
    for reason, count in page.failures.items():
        yield (reason,), count


def _component_labels(component: Component) -> tuple[str, ...]:
    return (component.id, component.name, component.group, component.region)


def _listed(page: PageState) -> tuple[Component, ...]:
    return page.page.components if page.page else ()


def _component_count(page: PageState) -> int | None:
    return len(page.page.components) + page.page.left_out.get("components", 0) if page.page else None


def _left_out(page: PageState) -> Values:
    if page.page is not None:
        for what in get_args(LeftOut):
            yield (what,), page.page.left_out.get(what, 0)


def _components(page: PageState) -> Values:
    for component in _listed(page):
        yield _component_labels(component), component.status


def _uptimes(page: PageState) -> Values:
    for component in _listed(page):
        for window, ratio in component.uptime.items():
            yield (component.id, component.name, component.group, window), ratio


def _missing(page: PageState) -> Values:
    for name in page.last.missing_components if page.last else ():
        yield (name,), 1


def _open(page: PageState) -> tuple[Incident, ...]:
    return page.page.open_incidents if page.page else ()


def _active(page: PageState) -> Values:
    """A page that was never read says nothing; one that was read says all four impacts."""
    if page.page is not None:
        for impact in Impact:
            yield (impact,), sum(incident.impact is impact for incident in page.page.open_incidents)


def _incident_info(page: PageState) -> Values:
    for incident in _open(page):
        yield (incident.id, incident.name, incident.impact, incident.status, incident.url), 1


def _of_incident(value: Callable[[Incident], float | int | None]) -> Callable[[PageState], Values]:
    def values(page: PageState) -> Values:
        for incident in _open(page):
            yield (incident.id,), value(incident)

    return values


def _incident_components(page: PageState) -> Values:
    for incident in _open(page):
        for name in dict.fromkeys(incident.components):
            yield (incident.id, name), 1


def _pending(page: PageState) -> tuple[Maintenance, ...]:
    return page.page.pending_maintenances if page.page else ()


def _of_maintenance(value: Callable[[Maintenance], float | None]) -> Callable[[PageState], Values]:
    def values(page: PageState) -> Values:
        for maintenance in _pending(page):
            yield (maintenance.id, maintenance.name), value(maintenance)

    return values


PAGE_ROWS: tuple[Row, ...] = (
    _per_page_and("ai_status_page_up", "gauge", "1 if the last read of the status page was whole.", ("format",), _up),
    _per_page_and(
        "ai_status_page_status",
        "gauge",
        "Worst of indicator, open incidents and components: -1 unknown, 0 operational to 4 major outage.",
        (),
        _status,
    ),
    _per_page_and(
        "ai_status_page_indicator",
        "gauge",
        "What the page itself says of itself, same numbers.",
        (),
        _indicator,
    ),
    _per_page_and(
        "ai_status_page_failures_total",
        "counter",
        "Reads of the page that were not whole, by reason.",
        ("reason",),
        _failures,
    ),
    _per_page(
        "ai_status_page_last_success_timestamp_seconds",
        "gauge",
        "When the page was last read whole, Unix time.",
        lambda page: page.page_at,
    ),
    _per_page(
        "ai_status_page_last_change_timestamp_seconds",
        "gauge",
        "When the page last said something new, Unix time.",
        lambda page: page.changed_at,
    ),
    _per_page(
        "ai_status_page_fetch_seconds",
        "gauge",
        "How long the last read took.",
        lambda page: page.last.fetch_seconds if page.last else None,
    ),
    _per_page(
        "ai_status_page_bytes_total",
        "counter",
        "Bytes received from the page.",
        lambda page: page.bytes_received,
    ),
    _per_page(
        "ai_status_page_components",
        "gauge",
        "How many components the page showed when last read whole.",
        _component_count,
    ),
    _per_page_and(
        "ai_status_page_left_out",
        "gauge",
        "What the page has beyond the 500 components, 50 open incidents, 50 pending maintenances and 500 components of "
        "incidents that are exposed.",
        ("what",),
        _left_out,
    ),
    _per_page_and(
        "ai_status_page_missing_component",
        "gauge",
        "1 if the component is configured but the page does not have it.",
        ("component",),
        _missing,
    ),
    _per_page_and(
        "ai_component_status",
        "gauge",
        "-1 unknown, 0 operational, 1 under maintenance, 2 degraded, 3 partial outage, 4 major outage.",
        COMPONENT[1:],
        _components,
    ),
    _per_page_and(
        "ai_component_uptime_ratio",
        "gauge",
        "Uptime that the page publishes for the component.",
        ("component_id", "component", "group", "window"),
        _uptimes,
    ),
    _per_page_and("ai_incidents_active", "gauge", "Open incidents by impact.", ("impact",), _active),
    _per_page_and(
        "ai_incidents_opened_total",
        "counter",
        "Incidents that opened while we watched.",
        ("impact",),
        lambda page: [((impact,), count) for impact, count in page.opened.items()],
    ),
    _per_page_and(
        "ai_incidents_resolved_total",
        "counter",
        "Incidents that ended while we watched.",
        ("impact",),
        lambda page: [((impact,), count) for impact, count in page.resolved.items()],
    ),
    _per_page_and(
        "ai_incident_info",
        "gauge",
        "1 while the incident is open; its name cut to 120 characters.",
        ("incident_id", "name", "impact", "status", "url"),
        _incident_info,
    ),
    _per_page_and(
        "ai_incident_started_timestamp_seconds",
        "gauge",
        "When the incident began, Unix time.",
        ("incident_id",),
        _of_incident(lambda incident: incident.started_at),
    ),
    _per_page_and(
        "ai_incident_updated_timestamp_seconds",
        "gauge",
        "When the page last wrote about the incident, Unix time.",
        ("incident_id",),
        _of_incident(lambda incident: incident.updated_at),
    ),
    _per_page_and(
        "ai_incident_updates",
        "gauge",
        "How many updates the page shows for the incident.",
        ("incident_id",),
        _of_incident(lambda incident: incident.updates),
    ),
    _per_page_and(
        "ai_incident_component",
        "gauge",
        "1; a component that the incident touches.",
        ("incident_id", "component"),
        _incident_components,
    ),
    _per_page(
        "ai_maintenances_active",
        "gauge",
        "Maintenances under way.",
        lambda page: sum(m.is_active for m in _pending(page)) if page.page else None,
    ),
    _per_page(
        "ai_maintenances_scheduled",
        "gauge",
        "Maintenances announced and not begun.",
        lambda page: sum(not m.is_active for m in _pending(page)) if page.page else None,
    ),
    _per_page_and(
        "ai_maintenance_start_timestamp_seconds",
        "gauge",
        "When the maintenance begins, Unix time.",
        ("maintenance_id", "name"),
        _of_maintenance(lambda maintenance: maintenance.starts_at),
    ),
    _per_page_and(
        "ai_maintenance_end_timestamp_seconds",
        "gauge",
        "When the maintenance is due to end, Unix time.",
        ("maintenance_id", "name"),
        _of_maintenance(lambda maintenance: maintenance.ends_at),
    ),
)

"""How much of a page is kept: what is beyond these bounds is counted, and neither stored nor exposed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import TypeVar, get_args

from ai_provider_exporter.model.observation import (
    Component,
    Incident,
    LeftOut,
    Maintenance,
    MaintenanceStatus,
    PageStatus,
)
from ai_provider_exporter.schema.text import cut
from ai_provider_exporter.status_pages.text import web_link

MAX_COMPONENTS = 500
MAX_INCIDENTS = 50  # open ones, and as many that are over
MAX_MAINTENANCES = 50  # pending ones, and as many that are over
MAX_INCIDENT_COMPONENTS = 500  # that open incidents name, of all of them together
MAX_NAMES = 50  # of components or regions that one incident or maintenance names
MAX_WINDOWS = 4  # of uptime of one component
MAX_ID = 256  # characters, each of at most four bytes; an ARN of AWS has about 150
MAX_NAME = 120  # characters

MAX_SERIES = (
    100  # of the page itself
    + MAX_COMPONENTS * (1 + MAX_WINDOWS)
    + MAX_INCIDENTS * 4
    + MAX_INCIDENT_COMPONENTS
    + MAX_MAINTENANCES * 2
)
"""The most series that the page of one provider can cause."""

T = TypeVar("T")


def bounded(page: PageStatus) -> PageStatus:
    """The page within the bounds: the worst rows stay, text is cut, and `left_out` says what is missing."""
    components = _first(page.components, MAX_COMPONENTS, by=_harmlessness)
    open_ = _first(page.open_incidents, MAX_INCIDENTS, by=lambda incident: (-incident.impact.status, *_age(incident)))
    closed = _first((i for i in page.incidents if not i.is_open), MAX_INCIDENTS, by=_age)
    completed = (work for work in page.maintenances if work.status is MaintenanceStatus.COMPLETED)
    works = [*islice(page.pending_maintenances, MAX_MAINTENANCES), *islice(completed, MAX_MAINTENANCES)]
    named = tuple(_incidents(open_))
    return replace(
        page,
        page_id=cut(page.page_id, MAX_ID),
        page_name=cut(page.page_name, MAX_NAME),
        page_url=web_link(page.page_url),
        components=tuple(map(_component, components)),
        incidents=(*named, *_incidents(closed)),
        maintenances=tuple(map(_maintenance, works)),
        left_out=_counted(
            components=len(page.components) - len(components),
            incidents=len(page.open_incidents) - len(open_),
            maintenances=len(page.pending_maintenances) - MAX_MAINTENANCES,
            incident_components=_named(open_) - _named(named),
        ),
    )


def _counted(**left_out: int) -> Mapping[LeftOut, int]:
    return MappingProxyType({kind: left_out[kind] for kind in get_args(LeftOut) if left_out[kind] > 0})


def _first(rows: Iterable[T], limit: int, by: Callable[[T], object]) -> list[T]:
    """All rows in the order of the page; where there are too many, the first by a key."""
    rows = list(rows)
    return rows if len(rows) <= limit else sorted(rows, key=by)[:limit]  # type: ignore[arg-type]  # all keys are alike


def _harmlessness(component: Component) -> float:
    """Unknown is worse than operational, which it may not be."""
    return -component.status if component.status >= 0 else -0.5


def _age(incident: Incident) -> tuple[float]:
    return (-(incident.updated_at or incident.started_at or 0.0),)


def _component(component: Component) -> Component:
    return replace(
        component,
        id=cut(component.id, MAX_ID),
        name=cut(component.name, MAX_NAME),
        group=cut(component.group, MAX_NAME),
        region=cut(component.region, MAX_ID),
        uptime=MappingProxyType(
            {cut(key, MAX_ID): component.uptime[key] for key in islice(component.uptime, MAX_WINDOWS)}
        ),
    )


def _incidents(incidents: Iterable[Incident]) -> Iterator[Incident]:
    room = MAX_INCIDENT_COMPONENTS
    for incident in incidents:
        components = _names(incident.components, min(room, MAX_NAMES))
        room -= len(components)
        yield replace(
            incident,
            id=cut(incident.id, MAX_ID),
            name=cut(incident.name, MAX_NAME),
            url=web_link(incident.url),
            components=components,
            regions=_names(incident.regions, MAX_NAMES),
        )


def _maintenance(work: Maintenance) -> Maintenance:
    return replace(
        work,
        id=cut(work.id, MAX_ID),
        name=cut(work.name, MAX_NAME),
        url=web_link(work.url),
        components=_names(work.components, MAX_NAMES),
    )


def _names(names: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(cut(name, MAX_NAME) for name in islice(dict.fromkeys(filter(None, names)), limit))


def _named(incidents: Iterable[Incident]) -> int:
    return sum(len(set(filter(None, incident.components))) for incident in incidents)

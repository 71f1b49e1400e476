"""What many formats do to make a page of their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from ai_provider_exporter.model.observation import Component, Incident, IncidentStatus, Status
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

T = TypeVar("T")

_IDENTIFIED = re.compile(r"(?<!not )(?<!not yet )identified")


def worst_of_each(components: Iterable[Component]) -> tuple[Component, ...]:
    """Each component of each region once, as bad as the worst that is said of it."""
    worst: dict[tuple[str, str], Component] = {}
    for component in components:
        place = component.id, component.region
        previous = worst.setdefault(place, component)
        worst[place] = replace(previous, status=max(previous.status, component.status))
    return tuple(worst.values())


def stage_in_text(text: str) -> IncidentStatus:
    """How far people got with an open incident, where nothing but their own words tells."""
    return IncidentStatus.IDENTIFIED if _IDENTIFIED.search(text.lower()) else IncidentStatus.INVESTIGATING


def all_operational(incidents: Iterable[Incident], unknown: UnknownValues) -> Status | None:
    """What a page of nothing but incidents says by having none that are open; None while it has, or is not clear."""
    is_quiet = unknown.count == 0 and not any(incident.is_open for incident in incidents)
    return Status.OPERATIONAL if is_quiet else None


def required(components: Iterable[T]) -> tuple[T, ...]:
    """All of them.

    Raises:
        PageFailure: components_vanished if there are none.
    """
    listed = tuple(components)
    if not listed:
        raise PageFailure("components_vanished", "the page lists no components; has it moved?")
    return listed

"""What a status page says that concerns a kind of probe: a video product's incident is no admission for chat. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from ai_provider_exporter.model.observation import Component, Incident, PageStatus, Status

Statement = tuple[str, str]
"""What a page says, by which it is known again: ("incident", id), ("component", id) or ("indicator", "")."""
Concerns = Mapping[str, tuple[str, ...]]
"""Kind of probe -> globs over names, `group/name` and ids of components; `default` is for all other kinds."""

DEFAULT = "default"
MAX_STATEMENTS = 500


def globs_of(concerns: Concerns, kinds: Iterable[str]) -> tuple[str, ...]:
    """The components that stand for these kinds; empty: every component may."""
    chosen = [concerns.get(kind, concerns.get(DEFAULT, ())) for kind in kinds]
    return tuple(dict.fromkeys(glob for globs in chosen for glob in globs)) if all(chosen) else ()


def statements(page: PageStatus, globs: tuple[str, ...] = ()) -> tuple[Statement, ...]:
    """Everything that the page now says of trouble, as far as it concerns the components of `globs`.

    An open incident counts whatever its impact: with impact `none` it is a word of theirs, though not a red one.
    """
    return tuple(_statements(page, globs))[:MAX_STATEMENTS]


def _statements(page: PageStatus, globs: tuple[str, ...]) -> Iterator[Statement]:
    for incident in page.open_incidents:
        if _concerns_incident(incident, page, globs):
            yield "incident", incident.id
    for component in page.components:
        if component.status >= Status.DEGRADED_PERFORMANCE and _matches(component, globs):
            yield "component", component.id
    if (
        not globs
        and not page.is_filtered
        and page.indicator is not None
        and page.indicator >= Status.DEGRADED_PERFORMANCE
    ):
        yield "indicator", ""


def _concerns_incident(incident: Incident, page: PageStatus, globs: tuple[str, ...]) -> bool:
    if not globs or not incident.components:
        return True
    if any(fnmatchcase(incident.name.casefold(), glob.casefold()) for glob in globs):
        return True
    named = [component for component in page.components if component.name in incident.components]
    return any(_matches(component, globs) for component in named) or any(
        fnmatchcase(name.casefold(), glob.casefold()) for name in incident.components for glob in globs
    )


def _matches(component: Component, globs: tuple[str, ...]) -> bool:
    if not globs:
        return True
    names = (component.name, f"{component.group}/{component.name}", component.id)
    return any(fnmatchcase(name.casefold(), glob.casefold()) for name in names for glob in globs)


def first_said(
    page: PageStatus, before: Mapping[Statement, float], at: float, *, is_first_read: bool
) -> dict[Statement, float]:
    """When each statement that stands now was first seen, Unix seconds; what is no longer said is forgotten.

    What the first read shows may be old: only an incident says since when.
    """
    began = {("incident", incident.id): incident.started_at or 0.0 for incident in page.open_incidents}
    fresh = began if is_first_read else {}
    return {s: before.get(s, fresh.get(s, 0.0 if is_first_read else at)) for s in statements(page)}

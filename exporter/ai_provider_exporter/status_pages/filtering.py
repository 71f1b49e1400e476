"""Keeps, of all that a page says, what the configuration names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from ai_provider_exporter.model.observation import Component, Incident, Maintenance, PageStatus

Globs = tuple[str, ...]


def filter_page(page: PageStatus, components: Globs = (), regions: Globs = ()) -> tuple[PageStatus, tuple[str, ...]]:
    """The page with only what `components` and `regions` match, and those of `components` that match nothing.

    `components` match ids, names and `group/name`, in any case. What names no component or no region is about
    all of them and stays. Where a format lists only trouble, nothing can be missing.
    """
    wanted = tuple(component for component in page.components if _is_wanted(component, components, regions))
    listed, names = {c.name for c in page.components}, {c.name for c in wanted}

    def concerns(item: Incident | Maintenance) -> bool:
        """A component that the page does not list is judged by the name that the item calls it."""
        named = (name in names or (name not in listed and _matches(components, name)) for name in item.components)
        return not item.components or any(named)

    filtered = replace(
        page,
        components=wanted,
        incidents=tuple(i for i in page.incidents if concerns(i) and _is_in(i.regions, regions)),
        maintenances=tuple(work for work in page.maintenances if concerns(work)),
        is_filtered=bool(components or regions),
    )
    missing = () if page.lists_only_trouble else _missing(page.components, components)
    return filtered, missing


def _is_wanted(component: Component, components: Globs, regions: Globs) -> bool:
    return _matches(components, *_callings(component)) and _is_in(filter(None, [component.region]), regions)


def _is_in(places: Iterable[str], regions: Globs) -> bool:
    named = tuple(places)
    return not named or _matches(regions, *named)


def _missing(listed: Iterable[Component], globs: Globs) -> tuple[str, ...]:
    callings = [calling for component in listed for calling in _callings(component)]
    return tuple(glob for glob in globs if not callings or not _matches((glob,), *callings))


def _matches(globs: Globs, *names: str) -> bool:
    """Whether a glob matches a name; no globs match everything."""
    return not globs or any(fnmatchcase(name.lower(), glob.lower()) for glob in globs for name in names)


def _callings(component: Component) -> tuple[str, ...]:
    return component.id, component.name, f"{component.group}/{component.name}"

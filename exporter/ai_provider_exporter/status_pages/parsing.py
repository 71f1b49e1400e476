"""From the documents of a page to what is kept of it: pure, so that it can run in another process."""

from __future__ import annotations

from dataclasses import dataclass

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.bounds import bounded
from ai_provider_exporter.status_pages.filtering import Globs, filter_page
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.identity import with_distinct_ids
from ai_provider_exporter.status_pages.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """`page` is filtered and bounded; `lists_components` is about the whole page."""

    page: PageStatus
    missing_components: tuple[str, ...] = ()
    lists_components: bool = False


def parse_page(
    format_name: str, payloads: tuple[Payload, ...], components: Globs = (), regions: Globs = ()
) -> ParsedPage:
    """Raises PageFailure, as `Format.parse`."""
    return prepared(FORMATS[format_name].parse(*payloads), components, regions)


def prepared(page: PageStatus, components: Globs = (), regions: Globs = ()) -> ParsedPage:
    """What is kept of a page: each row under an id of its own, filtered, and within the bounds."""
    distinct = with_distinct_ids(page)
    filtered, missing = filter_page(distinct, components, regions)
    return ParsedPage(page=bounded(filtered), missing_components=missing, lists_components=bool(distinct.components))

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
    page = with_distinct_ids(FORMATS[format_name].parse(*payloads))
    filtered, missing = filter_page(page, components, regions)
    return ParsedPage(page=bounded(filtered), missing_components=missing, lists_components=bool(page.components))

"""The choice of a route: from which source and documents, in which format, the page is read.

The best route is taken: sources in their order, and at each the document sets of its format in theirs. What it shows,
ids and all, differs from what the next best does, so it is not left for a single failure.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ai_provider_exporter.status_pages.errors import OF_THE_HOST, OF_THE_PAGE, PageFailure, most_specific
from ai_provider_exporter.status_pages.format import DocumentSet
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.options import Source

PATIENCE = 3  # failures in a row until a route that was good is left, and a format is detected anew
BEST_AGAIN = 60  # reads until the better routes are tried again

_FEEDS = (".atom", ".rss", ".xml", "/feed")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Route:
    """Documents that are read together, in one format, and the source that they belong to."""

    source: Source
    format: str
    urls: DocumentSet


class Detection(Protocol):
    async def __call__(self, url: str, *, without: Sequence[str]) -> str: ...


class RouteChoice:
    def __init__(self, sources: Sequence[Source], detect: Detection, *, prefer_feed: bool = False) -> None:
        self.current: Route | None = None
        self._sources, self._detect, self._prefer_feed = sources, detect, prefer_feed
        self._passed: list[PageFailure] = []  # on routes that were tried before the current one
        self._reads = self._failures = 0
        self._verdicts: dict[tuple[str, ...], str | PageFailure] = {}

    async def take(self, read: Callable[[Route], Awaitable[T]]) -> T:
        """What `read` makes of the best route that it can read.

        Raises:
            PageFailure: it can read none; of several failures, what says most.
        """
        try:
            result = await self._take(read)
        except PageFailure:
            self._failures += 1
            if self._failures % PATIENCE == 0:
                self._verdicts.clear()  # the page may have moved to another platform
            raise
        finally:
            self._reads += 1
        self._failures = 0
        return result

    async def _take(self, read: Callable[[Route], Awaitable[T]]) -> T:
        is_time_to_look = self._reads % BEST_AGAIN == 0 and self._passed
        if self.current and self._failures < PATIENCE and not is_time_to_look:
            return await read(self.current)
        self._passed = []
        for source in self._sources:
            result = await self._at(source, read)
            if result is not None:
                return result
        raise most_specific(self._passed)

    async def _at(self, source: Source, read: Callable[[Route], Awaitable[T]]) -> T | None:
        """Read the page at one source, in its format or in each that is detected there; None if that fails."""
        tried: list[str] = []
        while (name := await self._format(source, tried)) is not None:
            tried.append(name)
            for urls in self._document_sets(name, source.url):
                route = Route(source, name, urls)
                try:
                    result = await read(route)
                except PageFailure as failure:
                    self._passed.append(_bare(failure))
                    if failure.reason in OF_THE_HOST | OF_THE_PAGE:
                        return None
                else:
                    self.current = route
                    return result
        return None

    async def _format(self, source: Source, tried: Sequence[str]) -> str | None:
        if source.format:
            return None if tried else source.format
        try:
            return await self._detected(source.url, tried)
        except PageFailure as failure:
            if not tried:
                self._passed.append(_bare(failure))
            return None

    async def _detected(self, url: str, tried: Sequence[str]) -> str:
        """The verdict on this URL, good or bad; it stands until the page has failed several times."""
        key = (url, *tried)
        if key not in self._verdicts:
            try:
                self._verdicts[key] = await self._detect(url, without=tried)
            except PageFailure as failure:
                if failure.reason in OF_THE_HOST:
                    raise  # it took one request, and may be over at the next read
                self._verdicts[key] = _bare(failure)
        verdict = self._verdicts[key]
        if isinstance(verdict, PageFailure):
            raise _bare(verdict)
        return verdict

    def _document_sets(self, name: str, url: str) -> list[DocumentSet]:
        sets = list(FORMATS[name].documents(url))
        return sorted(sets, key=lambda urls: not urls[0].endswith(_FEEDS)) if self._prefer_feed else sets


def _bare(failure: PageFailure) -> PageFailure:
    """A copy to remember: the frames of the one that was raised hold the documents that it was raised over."""
    return PageFailure(failure.reason, failure.detail, retry_after_seconds=failure.retry_after_seconds)

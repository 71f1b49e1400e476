"""Reads one status page again and again: where it is, in which format, and whether it is still the same page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.schema.types import format_duration
from ai_provider_exporter.status_pages.detect import detect
from ai_provider_exporter.status_pages.errors import OF_THE_HOST, OF_THE_PAGE, PageFailure, most_specific
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.fetch import Fetched, fetch
from ai_provider_exporter.status_pages.filtering import filter_page
from ai_provider_exporter.status_pages.format import Way
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.options import REGIONAL, PageOptions, Source
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import safe_url
from ai_provider_exporter.status_pages.validation import check_fresh, check_identity, check_unchanged

PATIENCE = 3  # failures in a row until a road that was good is left, and a format is detected anew
BEST_AGAIN = 60  # reads until the better roads are tried again
LONGEST_PAUSE = 3600.0  # seconds, whatever a server asks for

_FEEDS = (".atom", ".rss", ".xml", "/feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one read has shown. `not_modified`: the server says that nothing has changed since the last read."""

    page: PageStatus
    format: str
    bytes_received: int = 0
    not_modified: bool = False
    missing_components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pause:
    """Until when, on the clock of the reader, a server asked to be left alone, and in which failure it did."""

    until: float
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Road:
    """One way to read the page, and the source that it belongs to."""

    source: Source
    format: str
    way: Way


class PageReader:
    """Remembers which road was good, what its documents said, and whose page it was.

    The best road is taken: sources in their order, and at each the ways of its format in theirs. Its documents,
    ids and all, differ from those of the next best, so it is not left for a single failure.
    """

    def __init__(
        self,
        options: PageOptions,
        client: httpx2.AsyncClient,
        *,
        now: Callable[[], float] = time.time,
        any_region: bool = False,
    ) -> None:
        self._any_region = any_region
        self.provider = options.provider
        self._options, self._client, self._now = options, client, now
        self._good: _Road | None = None
        self._passed: list[PageFailure] = []  # on roads that were tried before the good one
        self._reads = self._failures = 0
        self._verdicts: dict[str, str | PageFailure] = {}
        self._documents: dict[str, Fetched] = {}
        self._pages: dict[_Road, PageStatus] = {}
        self._answers: dict[str, Fetched | PageFailure] = {}
        self._pause: _Pause | None = None

    @property
    def format(self) -> str:
        """The format that was read last, before the first read the configured one; empty if it is not known."""
        return self._good.format if self._good else self._options.places[0].format or ""

    async def read(self) -> Read:
        """Read the page within its timeout.

        Raises:
            PageFailure: it was not read; of several ways and sources, what says most.
        """
        if self._pause and self._now() < self._pause.until:
            raise PageFailure(self._pause.reason, self._pause.detail)
        try:
            read = await self._in_time()
        except PageFailure as failure:
            self._note(failure)
            raise
        finally:
            self._reads += 1
            self._answers.clear()
        self._failures = 0
        return read

    def _note(self, failure: PageFailure) -> None:
        self._failures += 1
        if self._failures % PATIENCE == 0:
            self._verdicts.clear()  # the page may have moved to another platform
        if failure.retry_after_seconds is not None:
            until = self._now() + min(failure.retry_after_seconds, LONGEST_PAUSE)
            self._pause = _Pause(until, failure.reason, f"{failure.detail} and asked us to stay away for a while")

    async def _in_time(self) -> Read:
        try:
            async with asyncio.timeout(self._options.timeout):
                return await self._best()
        except TimeoutError:
            problem = f"the page was not read after {format_duration(self._options.timeout)}"
            raise PageFailure("total_timeout", problem) from None

    async def _best(self) -> Read:
        is_time_to_look = self._reads % BEST_AGAIN == 0 and self._passed
        if self._good and self._failures < PATIENCE and not is_time_to_look:
            return await self._along(self._good)
        self._passed = []
        for source in self._options.places:
            read = await self._at(source)
            if read:
                return read
        raise most_specific(self._passed)

    async def _at(self, source: Source) -> Read | None:
        """Read the page at one source, by the first way that leads there; None if none does."""
        try:
            name = source.format or await self._detected(source.url)
        except PageFailure as failure:
            self._passed.append(failure)
            return None
        for way in self._ways(name, source.url):
            try:
                return await self._along(_Road(source, name, way))
            except PageFailure as failure:
                self._passed.append(failure)
                if failure.reason in OF_THE_HOST | OF_THE_PAGE:
                    break
        return None

    def _ways(self, name: str, url: str) -> list[Way]:
        ways = FORMATS[name].documents(url)
        return sorted(ways, key=lambda way: not way[0].endswith(_FEEDS)) if self._options.prefer_feed else list(ways)

    async def _detected(self, url: str) -> str:
        """The verdict on this address, good or bad; it stands until the page has failed several times."""
        if url not in self._verdicts:
            try:
                self._verdicts[url] = await detect(url, self._payload)
            except PageFailure as failure:
                if failure.reason in OF_THE_HOST:
                    raise  # it took one request, and may be over at the next read
                self._verdicts[url] = failure
        verdict = self._verdicts[url]
        if verdict in REGIONAL and not self._any_region:
            # What goes wrong anywhere in the world would stand against this provider.
            raise PageFailure("format_unknown", f"{safe_url(url)} has the format {verdict}: write it, and its regions")
        if isinstance(verdict, PageFailure):
            raise PageFailure(verdict.reason, verdict.detail, retry_after_seconds=verdict.retry_after_seconds)
        return verdict

    async def _along(self, road: _Road) -> Read:
        fetched = {url: await self._get(url) for url in road.way}
        before = self._pages.get(road)
        not_modified = before is not None and all(document.not_modified for document in fetched.values())
        if before is None or not not_modified:
            page = FORMATS[road.format].parse(*(document.payload for document in fetched.values()))
        else:
            page = before
        self._check(page, before, road, found=fetched[road.way[0]].url)
        self._remember(road, page, fetched)
        filtered, missing = filter_page(as_of(page, self._now()), road.source.components, road.source.regions)
        return Read(
            page=filtered,
            format=road.format,
            bytes_received=self._received(),
            not_modified=not_modified,
            missing_components=missing,
        )

    def _remember(self, road: _Road, page: PageStatus, fetched: Mapping[str, Fetched]) -> None:
        """Only what was read whole: a server that says `not modified` must not bring back a broken document."""
        self._good = road
        self._pages[road] = page
        for url, document in fetched.items():
            self._documents.pop(url, None)
            if document.conditions:
                self._documents[url] = document

    def _received(self) -> int:
        return sum(answer.bytes_received for answer in self._answers.values() if isinstance(answer, Fetched))

    def _check(self, page: PageStatus, before: PageStatus | None, road: _Road, *, found: str) -> None:
        """Raise PageFailure for a page that was read, but is not to be believed."""
        check_identity(page, asked=road.source.url, found=found, also=road.source.identity)
        if before is not None:
            check_unchanged(page, before)
        check_fresh(page, self._now())

    async def _payload(self, url: str) -> Payload:
        return (await self._get(url)).payload

    async def _get(self, url: str) -> Fetched:
        """A document, fetched at most once in a read."""
        if url not in self._answers:
            self._answers[url] = await self._fetched(url)
        answer = self._answers[url]
        if isinstance(answer, PageFailure):
            raise answer
        return answer

    async def _fetched(self, url: str) -> Fetched | PageFailure:
        timeout, allow_http = self._options.timeout, self._options.allow_http
        known = self._documents.get(url)
        try:
            return await fetch(self._client, url, timeout=timeout, allow_http=allow_http, known=known)
        except PageFailure as failure:
            return failure

"""Reads one status page again and again, within its timeout, and checks that it is still the same page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

import httpx2

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.schema.types import format_duration
from ai_provider_exporter.status_pages.detect import detect
from ai_provider_exporter.status_pages.documents import DocumentCache
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.isolation import Run, run_here
from ai_provider_exporter.status_pages.options import REGIONAL, PageOptions
from ai_provider_exporter.status_pages.parsing import ParsedPage, parse_page
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.routes import Route, RouteChoice
from ai_provider_exporter.status_pages.text import safe_url
from ai_provider_exporter.status_pages.validation import check_fresh, check_identity, check_unchanged

MAX_PAUSE = 3600.0  # seconds, whatever a server asks for

P = ParamSpec("P")
T = TypeVar("T")


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
    """Until when, on the clock of the reader, the page is left alone, and for which failure."""

    until: float
    reason: str
    detail: str


class PageReader:
    """Remembers what the page was at each route, and how long it is to be left alone."""

    def __init__(
        self,
        options: PageOptions,
        client: httpx2.AsyncClient,
        *,
        run: Run = run_here,
        now: Callable[[], float] = time.time,
        any_region: bool = False,
    ) -> None:
        self.provider = options.provider
        self._options, self._run, self._now, self._any_region = options, run, now, any_region
        self._documents = DocumentCache(options, client)
        self._choice = RouteChoice(options.places, self._detect, prefer_feed=options.prefer_feed)
        self._pages: dict[Route, ParsedPage] = {}
        self._pause: _Pause | None = None
        self._deadline = asyncio.timeout(None)

    @property
    def format(self) -> str:
        """The format that was read last, before the first read the configured one; empty if it is not known."""
        return self._choice.current.format if self._choice.current else self._options.places[0].format or ""

    async def read(self) -> Read:
        """Read the page within its timeout, which stands still while the page is parsed.

        Raises:
            PageFailure: it was not read; of several routes, what says most.
        """
        if self._pause and self._now() < self._pause.until:
            raise PageFailure(self._pause.reason, self._pause.detail)
        try:
            async with asyncio.timeout(self._options.timeout) as self._deadline:
                return await self._choice.take(self._along)
        except TimeoutError:
            problem = f"the page was not read after {format_duration(self._options.timeout)}"
            raise PageFailure("total_timeout", problem) from None
        except PageFailure as failure:
            self._heed(failure)
            raise
        finally:
            self._documents.end_read()

    def _heed(self, failure: PageFailure) -> None:
        if failure.retry_after_seconds is not None:
            until = self._now() + min(failure.retry_after_seconds, MAX_PAUSE)
            self._pause = _Pause(until, failure.reason, f"{failure.detail}; it is left alone for a while")

    async def _detect(self, url: str, *, without: Sequence[str]) -> str:
        name = await detect(url, self._payload, without=without, run=self._parse)
        if name in REGIONAL and not self._any_region:
            # What goes wrong anywhere in the world would stand against this provider.
            problem = f"{safe_url(url)} has the format {name}: write it, and its regions"
            raise PageFailure("format_unknown", problem)
        return name

    async def _along(self, route: Route) -> Read:
        documents = [await self._documents.get(url) for url in route.urls]
        before = self._pages.get(route)
        not_modified = before is not None and all(document.not_modified for document in documents)
        if before is not None and not_modified:
            parsed = before
        else:
            payloads = tuple(document.payload for document in documents)
            parsed = await self._parse(
                parse_page, route.format, payloads, route.source.components, route.source.regions
            )
        self._check(parsed, before, route, final_url=documents[0].url)
        self._pages[route] = parsed
        self._documents.keep(route.urls)
        return Read(
            page=as_of(parsed.page, self._now()),
            format=route.format,
            bytes_received=self._documents.bytes_received,
            not_modified=not_modified,
            missing_components=parsed.missing_components,
        )

    def _check(self, parsed: ParsedPage, before: ParsedPage | None, route: Route, *, final_url: str) -> None:
        """Raise PageFailure for a page that was read, but cannot be trusted."""
        check_identity(parsed.page, requested=route.source.url, final=final_url, also=route.source.identity)
        if before is not None:
            check_unchanged(parsed.page, before.page, lists_components=parsed.lists_components)
        check_fresh(parsed.page, self._now())

    async def _payload(self, url: str) -> Payload:
        return (await self._documents.get(url)).payload

    async def _parse(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Parse within the deadline of `run`: its start, and the pages before this one, are no delay of this page."""
        loop = asyncio.get_running_loop()
        remaining = cast("float", self._deadline.when()) - loop.time()
        self._deadline.reschedule(None)
        try:
            return await self._run(function, *args, **kwargs)
        finally:
            self._deadline.reschedule(loop.time() + remaining)


def read_saved(payload: Payload, format_name: str | None, now: float) -> Read:
    """What a saved document says, as its page would be read at `now`; the format is None if none was recognized.

    Raises:
        PageFailure: format_unknown, or as `Format.parse`.
    """
    if format_name is None:
        raise PageFailure("format_unknown", "no format was recognized; write its --format if you know it")
    return Read(page=as_of(parse_page(format_name, (payload,)).page, now), format=format_name)

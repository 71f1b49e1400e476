"""The documents of one page: each is fetched at most once in a read, and then only if it has changed."""

from __future__ import annotations

from collections.abc import Iterable

import httpx2

from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.fetch import MAX_BYTES, Document, fetch
from ai_provider_exporter.status_pages.options import PageOptions


class DocumentCache:
    def __init__(self, options: PageOptions, client: httpx2.AsyncClient) -> None:
        self._options, self._client = options, client
        self._of_this_read: dict[str, Document | PageFailure] = {}
        self._read_whole: dict[str, Document] = {}

    def end_read(self) -> None:
        """Let go of what only this read needed: some pages send megabytes."""
        self._of_this_read.clear()

    async def get(self, url: str) -> Document:
        """Raises PageFailure, the same one again for the rest of the read."""
        if url not in self._of_this_read:
            self._of_this_read[url] = await self._fetch(url)
        document = self._of_this_read[url]
        if isinstance(document, PageFailure):
            raise document
        return document

    def keep(self, urls: Iterable[str]) -> None:
        """Ask for these only whether they have changed, from now on; for all others anew.

        Only what was read whole may be kept: a server that says `not modified` must not bring back a broken document.
        """
        documents = {url: self._of_this_read[url] for url in urls}
        self._read_whole = {url: document for url, document in documents.items() if isinstance(document, Document)}
        if sum(len(document.payload.body) for document in self._read_whole.values()) > MAX_BYTES:
            self._read_whole.clear()

    @property
    def bytes_received(self) -> int:
        """In this read."""
        return sum(one.bytes_received for one in self._of_this_read.values() if isinstance(one, Document))

    async def _fetch(self, url: str) -> Document | PageFailure:
        timeout, allow_http = self._options.timeout, self._options.allow_http
        before = self._read_whole.get(url)
        try:
            return await fetch(self._client, url, timeout=timeout, allow_http=allow_http, before=before)
        except PageFailure as failure:
            return failure

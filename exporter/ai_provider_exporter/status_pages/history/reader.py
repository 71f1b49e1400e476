"""Reads what a page publishes of its past, once."""

from __future__ import annotations

import httpx2

from ai_provider_exporter.status_pages.detect import detect
from ai_provider_exporter.status_pages.errors import PageFailure, most_specific
from ai_provider_exporter.status_pages.fetch import fetch
from ai_provider_exporter.status_pages.history import HISTORIES
from ai_provider_exporter.status_pages.history.history import History
from ai_provider_exporter.status_pages.options import PageOptions, Source
from ai_provider_exporter.status_pages.payload import Payload


async def read_history(options: PageOptions, client: httpx2.AsyncClient) -> tuple[Source, History]:
    """The history of the page, and the first source that has one.

    Raises:
        PageFailure: none does; of several failures, what says most.
    """

    async def get(url: str) -> Payload:
        return (await fetch(client, url, timeout=options.timeout, allow_http=options.allow_http)).payload

    failures: list[PageFailure] = []
    for source in options.places:
        name = source.format or await detect(source.url, get)
        if name not in HISTORIES:
            problem = (
                f"pages of the format {name} publish no history that is read; those that do: {', '.join(HISTORIES)}"
            )
            failures.append(PageFailure("format_unknown", problem))
            continue
        for urls in HISTORIES[name].documents(source.url):
            try:
                return source, HISTORIES[name].parse(*[await get(url) for url in urls])
            except PageFailure as failure:
                failures.append(failure)
    raise most_specific(failures)

"""Which format does the page at an address have? One request for each document that could tell, until one does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import zip_longest

from ai_provider_exporter.status_pages.errors import OF_THE_HOST, PageFailure, most_specific
from ai_provider_exporter.status_pages.format import Detectable
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import safe_url, split_url


async def detect(base: str, get: Callable[[str], Awaitable[Payload]]) -> str:
    """The name of the first format, in the order of `FORMATS`, that is sure of a document.

    Every document is shown to every format: many of them have documents of the same name.

    Raises:
        PageFailure: what `get` raised, if nothing at all could be read; else format_unknown.
    """
    failures: list[PageFailure] = []
    has_answered = False
    for url in candidates(base):
        try:
            payload = await get(url)
        except PageFailure as failure:
            if failure.reason in OF_THE_HOST:
                raise
            failures.append(failure)
            continue
        has_answered = True
        name = recognize(payload)
        if name:
            return name
    if has_answered:
        raise PageFailure("format_unknown", f"no format was recognized at {safe_url(base)}; write it if you know it")
    telling = most_specific(failures)
    if telling.reason == "endpoint_not_found":
        problem = f"no format has its document at {safe_url(base)}; write the address of the page itself"
        raise PageFailure(telling.reason, problem)
    raise telling


def candidates(base: str) -> list[str]:
    """What to ask for: the best document of each format, then the second best; first `base`, if it is a document.

    Nobody but the host itself is asked: the name of an internal page is no business of a third party.
    """
    best_of_each = [[way[0] for way in known.documents(base)] for known in _detectable().values()]
    ranked = dict.fromkeys(url for rank in zip_longest(*best_of_each) for url in rank if url)
    of_the_host = (url for url in ranked if split_url(url).netloc == split_url(base).netloc)
    return sorted(of_the_host, key=lambda url: url != base)


def recognize(payload: Payload) -> str | None:
    return next((name for name, known in _detectable().items() if _is_sure(known, payload)), None)


def _detectable() -> dict[str, Detectable]:
    return {name: known for name, known in FORMATS.items() if isinstance(known, Detectable)}


def _is_sure(known: Detectable, payload: Payload) -> bool:
    try:
        return known.looks_like(payload)
    except PageFailure:
        return False

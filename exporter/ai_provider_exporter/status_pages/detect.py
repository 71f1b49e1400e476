"""Which format does the page at a URL have? One request for each document that could tell, until one does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from itertools import zip_longest

from ai_provider_exporter.status_pages.errors import OF_THE_HOST, PageFailure, most_specific
from ai_provider_exporter.status_pages.format import DocumentSet, Format
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.isolation import Run, run_here
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import safe_url, split_url


async def detect(
    base: str, get: Callable[[str], Awaitable[Payload]], *, without: Collection[str] = (), run: Run = run_here
) -> str:
    """The name of the first format, in the order of `FORMATS`, that is sure of a document that it would fetch.

    `without` are formats that were tried in vain.

    Raises:
        PageFailure: what `get` raised, if nothing at all could be read; else format_unknown.
    """
    failures: list[PageFailure] = []
    has_answered = False
    for url, names in candidates(base).items():
        try:
            payload = await get(url)
        except PageFailure as failure:
            if failure.reason in OF_THE_HOST:
                raise
            failures.append(failure)
            continue
        has_answered = True
        name = await run(recognize, payload, tuple(name for name in names if name not in without))
        if name:
            return name
    raise _unknown(base, failures, has_answered=has_answered)


def candidates(base: str) -> dict[str, tuple[str, ...]]:
    """What to request, and which formats would: the best document of each format, then the second best.

    First comes `base`, if it is a document. Only the host itself is asked: the name of an internal page is no business
    of a third party.
    """
    sets = {name: FORMATS[name].documents(base) for name in FORMATS}
    first_of_each = [[urls[0] for urls in of_format] for of_format in sets.values()]
    ranked = dict.fromkeys(url for rank in zip_longest(*first_of_each) for url in rank if url)
    of_the_host = (url for url in ranked if split_url(url).netloc == split_url(base).netloc)
    return {url: _fetched_by(url, sets) for url in sorted(of_the_host, key=lambda url: url != base)}


def recognize(payload: Payload, names: Collection[str] = tuple(FORMATS)) -> str | None:
    """The first of the formats `names` that is sure of the document. Pure."""
    return next((name for name in names if _is_sure(FORMATS[name], payload)), None)


def _fetched_by(url: str, sets: dict[str, tuple[DocumentSet, ...]]) -> tuple[str, ...]:
    return tuple(name for name, of_format in sets.items() if any(url in urls for urls in of_format))


def _is_sure(candidate: Format, payload: Payload) -> bool:
    try:
        return candidate.looks_like(payload)
    except PageFailure:
        return False


def _unknown(base: str, failures: list[PageFailure], *, has_answered: bool) -> PageFailure:
    if has_answered:
        return PageFailure("format_unknown", f"no format was recognized at {safe_url(base)}; write it if you know it")
    failure = most_specific(failures)
    if failure.reason != "endpoint_not_found":
        return failure
    problem = f"no format has its document at {safe_url(base)}; write the URL of the page itself"
    return PageFailure(failure.reason, problem)

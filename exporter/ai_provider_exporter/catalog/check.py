"""`providers --check`: asks every status page and API root of the catalog once, without a key, and says what has moved.

It is how the catalog stays true. An address that cannot be reached from here has not moved: it could not be checked.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import httpx2

from ai_provider_exporter.catalog import Api, Provider, StatusSource
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.fetch import page_client
from ai_provider_exporter.status_pages.options import REGIONAL, SAVED_ONLY, PageOptions, Source
from ai_provider_exporter.status_pages.reader import PageReader
from ai_provider_exporter.status_pages.text import safe_url, split_url
from ai_provider_exporter.status_pages.translation import BEFORE_THE_ANSWER, translated
from ai_provider_exporter.wire import event_loop

TIMEOUT = 20.0  # seconds for one address
AT_ONCE = 8

Verdict = Literal["ok", "moved", "unchecked"]

# What a page that is where the catalog says would not answer; anything else may be over tomorrow.
_MOVED = frozenset(
    {
        "components_vanished",
        "dns_not_found",
        "endpoint_not_found",
        "format_unknown",
        "identity_mismatch",
        "malformed_response",
        "page_inactive",
        "redirected",
        "unexpected_content_type",
    }
)
_GONE = 410
_PERMANENT = {301, 308}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one address of one entry answered."""

    provider: str
    what: Literal["page", "api"]
    url: str
    verdict: Verdict
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.verdict:<9}  {self.provider:<24}  {self.what:<4}  {self.url}  {self.detail}".rstrip()


def main(providers: Collection[Provider], *, as_json: bool) -> int:
    """Print what each address answered; 1 if one has moved, and where none could be checked, which is no good news."""
    checks = event_loop.run(check(providers))
    lines = [str(one) for one in checks if one.verdict != "ok"]
    print(json.dumps([asdict(one) for one in checks]) if as_json else "\n".join([*lines, summary(checks)]))
    verdicts = {one.verdict for one in checks}
    return 1 if "moved" in verdicts or "ok" not in verdicts else 0


async def check(providers: Collection[Provider]) -> list[Check]:
    """Every address of the providers, in their order."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(work: Awaitable[Check]) -> Check:
        async with turns:
            return await work

    async with page_client() as client:
        pages = [_page(one.name, source, client) for one in providers for source in one.status]
        apis = [_api(one.name, one.api, client) for one in providers if one.api]
        checks = await asyncio.gather(*map(in_turn, [*pages, *apis]))
    return sorted(checks, key=lambda one: one.provider)


def summary(checks: Iterable[Check]) -> str:
    counts = Counter(one.verdict for one in checks)
    return f"{counts.total()} addresses: {counts['ok']} ok, {counts['moved']} moved, {counts['unchecked']} not checked"


# --- status pages -----------------------------------------------------------------------------------------


async def _page(provider: str, source: StatusSource, client: httpx2.AsyncClient) -> Check:
    if source.format in SAVED_ONLY:
        return _checked(provider, "page", source.url, "unchecked", f"{source.format} answers no plain request")
    try:
        missing = await _missing_components(_options(provider, source, source.format), client)
    except PageFailure as failure:
        verdict: Verdict = "moved" if failure.reason in _MOVED else "unchecked"
        moved_to = await _format_now(provider, source, client) if verdict == "moved" else ""
        return _checked(provider, "page", source.url, verdict, f"{failure.reason}: {failure.detail}{moved_to}")
    if missing:
        return _checked(provider, "page", source.url, "moved", f"has no component {', '.join(missing)}")
    return _checked(provider, "page", source.url, "ok")


def _options(provider: str, source: StatusSource, format_name: str | None) -> PageOptions:
    regions = source.regions or (("*",) if source.format in REGIONAL else ())
    place = Source(
        url=source.url,
        format=format_name,
        components=source.components,
        regions=regions,
        identity=source.identity,
    )
    return PageOptions(provider=provider, sources=(place,), timeout=TIMEOUT)


async def _missing_components(options: PageOptions, client: httpx2.AsyncClient) -> tuple[str, ...]:
    return (await PageReader(options, client, any_region=True).read()).missing_components


async def _format_now(provider: str, source: StatusSource, client: httpx2.AsyncClient) -> str:
    """Which format the page has instead, as the rest of a sentence; empty if none is recognized."""
    reader = PageReader(_options(provider, source, None), client, any_region=True)
    try:
        name = (await reader.read()).format
    except PageFailure:
        return ""
    return f"; it reads as {name} now" if name != source.format else ""


# --- API roots --------------------------------------------------------------------------------------------


async def _api(provider: str, api: Api, client: httpx2.AsyncClient) -> Check:
    """Any answer will do, for without a key it is a refusal; but not that the host is gone, or is another one now."""
    if api.blanks:
        return _checked(
            provider, "api", api.base_url, "unchecked", f"{', '.join(api.blanks)} is for the user to fill in"
        )
    try:
        async with asyncio.timeout(TIMEOUT), client.stream("GET", api.base_url, follow_redirects=False) as response:
            return _checked(provider, "api", api.base_url, *_verdict(response))
    except TimeoutError:
        return _checked(provider, "api", api.base_url, "unchecked", f"no answer after {TIMEOUT:g} s")
    except httpx2.RequestError as error:
        failure = translated(error, BEFORE_THE_ANSWER, httpx2.URL(api.base_url))
        verdict: Verdict = "moved" if failure.reason == "dns_not_found" else "unchecked"
        return _checked(provider, "api", api.base_url, verdict, f"{failure.reason}: {failure.detail}")


def _verdict(response: httpx2.Response) -> tuple[Verdict, str]:
    if response.status_code == _GONE:
        return "moved", "answers 410"
    target = str(response.next_request.url) if response.next_request else ""
    here, there = split_url(str(response.url)), split_url(target)
    if response.status_code in _PERMANENT and there.hostname != here.hostname and there.path == here.path:
        return "moved", f"redirects for good to {safe_url(target)}"
    return "ok", ""


def _checked(provider: str, what: Literal["page", "api"], url: str, verdict: Verdict, detail: str = "") -> Check:
    return Check(provider=provider, what=what, url=url, verdict=verdict, detail=detail)

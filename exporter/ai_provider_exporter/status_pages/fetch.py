"""Gets one document of a status page: bounded in time, size and redirects, and conditional where the server can."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from ai_provider_exporter import __version__
from ai_provider_exporter.schema.types import format_duration
from ai_provider_exporter.status_pages.egress_transport import EgressTransport, ProxyFor
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.text import safe_url
from ai_provider_exporter.status_pages.times import parse_time
from ai_provider_exporter.status_pages.translation import BEFORE_THE_ANSWER, IN_THE_BODY, translated
from ai_provider_exporter.wire.retry_after import retry_after

MAX_BYTES = 4 << 20  # of what is received, and of what is in it once decompressed
MAX_REDIRECTS = 3
MAX_VALIDATOR = 512  # characters of an ETag; one that is cut matches nothing
CONNECT_TIMEOUT = 5.0
LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=20)

_HEADERS = {
    "user-agent": f"ai-provider-exporter/{__version__} (reads status pages)",
    "accept": "application/json, application/atom+xml;q=0.9, application/rss+xml;q=0.9, */*;q=0.5",
    "accept-encoding": "gzip, deflate",
}
_NOT_MODIFIED = 304
_CHALLENGING = {403, 503}
_REFUSALS = {
    401: "page_inactive",
    403: "forbidden",
    404: "endpoint_not_found",
    407: "proxy_error",
    408: "server_error",
    410: "endpoint_not_found",
    429: "rate_limited",
    451: "forbidden",
    **dict.fromkeys((*range(520, 528), 530), "edge_error"),
}
_OTHERS = {3: "redirected", 4: "bad_request", 5: "server_error"}
# Where a deactivated Statuspage sends its readers; seen on public pages, 2026-09.
_DELETED = "page-deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document, and what to send to get it again only if it has changed.

    `url` is where it was after redirects. `bytes_received` counts what came over the wire, compressed.
    """

    url: str
    payload: Payload
    etag: str = ""
    last_modified: str = ""
    bytes_received: int = 0
    not_modified: bool = False

    @property
    def conditions(self) -> dict[str, str]:
        headers = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {header: value for header, value in headers.items() if value}


def page_client(proxy_for: ProxyFor | None = None) -> httpx2.AsyncClient:
    """The one client for all pages, to be closed. It keeps no cookies: a page must not remember us.

    `proxy_for` says through which proxy a host is reached; without it the environment does, as for curl.
    """
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    transport = None if proxy_for is None else EgressTransport(proxy_for, LIMITS)
    return httpx2.AsyncClient(headers=_HEADERS, cookies=no_cookies, limits=LIMITS, transport=transport)


async def fetch(
    client: httpx2.AsyncClient,
    url: str,
    *,
    timeout: float,  # noqa: ASYNC109  # it is an option of the page, and a failure with a reason of its own
    allow_http: bool = False,
    before: Document | None = None,
) -> Document:
    """Get `url` within `timeout` seconds; `before` is what was fetched before and comes back if it has not changed.

    Raises:
        PageFailure: no document; malformed ones are not noticed here.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _follow(client, url, before, _limits(timeout), allow_http=allow_http)
    except TimeoutError:
        raise _too_late(url, timeout) from None


async def request_once(
    client: httpx2.AsyncClient,
    url: str,
    *,
    timeout: float,  # noqa: ASYNC109  # as above
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> Payload:
    """The answer to one request, bounded as pages are. No redirect is followed: `headers` may hold a secret.

    Raises:
        PageFailure: no answer, or one that is no success.
    """
    try:
        async with asyncio.timeout(timeout):
            request = client.build_request(method, url, headers=headers, timeout=_limits(timeout))
            document = await _send(client, request, None)
    except TimeoutError:
        raise _too_late(url, timeout) from None
    if isinstance(document, httpx2.URL):
        raise PageFailure("redirected", f"{safe_url(url)} redirects to {safe_url(str(document))}; write that URL")
    return document.payload


def _limits(timeout: float) -> httpx2.Timeout:
    """The TCP and the TLS handshake may take a third each.

    httpcore2 drops, unclosed, a socket that is cancelled in a handshake, but closes one that timed out.
    """
    return httpx2.Timeout(None, connect=min(CONNECT_TIMEOUT, timeout / 3))


def _too_late(url: str, timeout: float) -> PageFailure:
    return PageFailure("total_timeout", f"{safe_url(url)} was not read whole after {format_duration(timeout)}")


async def _follow(
    client: httpx2.AsyncClient, url: str, before: Document | None, limits: httpx2.Timeout, *, allow_http: bool
) -> Document:
    here = start = httpx2.URL(url)
    for _ in range(MAX_REDIRECTS + 1):
        document = await _get(client, here, before, limits)
        if isinstance(document, Document):
            return document
        here = await _allowed(start, document, allow_http=allow_http)
    raise PageFailure("redirected", f"{safe_url(url)} redirects more than {MAX_REDIRECTS} times; write where it leads")


async def _get(
    client: httpx2.AsyncClient, url: httpx2.URL, before: Document | None, limits: httpx2.Timeout
) -> Document | httpx2.URL:
    headers = before.conditions if before else {}
    return await _send(client, client.build_request("GET", url, headers=headers, timeout=limits), before)


async def _send(client: httpx2.AsyncClient, request: httpx2.Request, before: Document | None) -> Document | httpx2.URL:
    """One request: the document, or where the server sends us instead."""
    try:
        response = await client.send(request, stream=True, follow_redirects=False)
    except httpx2.RequestError as error:
        raise translated(error, BEFORE_THE_ANSWER, request.url) from error
    async with aclosing(response):
        if before and response.status_code == _NOT_MODIFIED:
            return replace(before, not_modified=True, bytes_received=0)
        if response.next_request is not None:
            return response.next_request.url
        _check(response)
        return await _document(response)


def _check(response: httpx2.Response) -> None:
    """Raise PageFailure for whatever is not a success."""
    if response.is_success:
        return
    status, headers = response.status_code, response.headers
    is_html = "html" in headers.get("content-type", "")
    if "cf-mitigated" in headers or (status in _CHALLENGING and is_html):
        reason = "challenged"
    else:
        reason = _REFUSALS.get(status) or _OTHERS.get(status // 100, "malformed_response")
    wait = retry_after(headers, b"", parse_time(headers.get("date")) or 0.0)
    raise PageFailure(reason, f"{safe_url(str(response.url))} answered {status}", retry_after_seconds=wait)


async def _document(response: httpx2.Response) -> Document:
    url = str(response.url)
    if int(response.headers.get("content-length", 0)) > MAX_BYTES:
        raise _too_large(url)
    body = await _body(response)
    return Document(
        url=url,
        payload=Payload(url=url, content_type=response.headers.get("content-type", ""), body=body),
        etag=response.headers.get("etag", "")[:MAX_VALIDATOR],
        last_modified=response.headers.get("last-modified", "")[:MAX_VALIDATOR],
        bytes_received=response.num_bytes_downloaded,
    )


async def _body(response: httpx2.Response) -> bytes:
    body = bytearray()
    try:
        async for piece in response.aiter_bytes():  # decompressed a MiB at a time, however small the piece was
            body += piece
            if max(len(body), response.num_bytes_downloaded) > MAX_BYTES:
                raise _too_large(str(response.url))
    except httpx2.RequestError as error:
        raise translated(error, IN_THE_BODY, response.url) from error
    return bytes(body)


def _too_large(url: str) -> PageFailure:
    return PageFailure("too_large", f"{safe_url(url)} is larger than {MAX_BYTES >> 20} MiB")


# --- redirects -------------------------------------------------------------------------------------------


async def _allowed(start: httpx2.URL, target: httpx2.URL, *, allow_http: bool) -> httpx2.URL:
    problem = redirect_problem(
        start,
        target,
        allow_http=allow_http,
        leads_inside=target.host != start.host and await is_private(target) and not await is_private(start),
    )
    if problem:
        raise PageFailure(problem[0], f"{safe_url(str(start))} {problem[1]}")
    return target


def redirect_problem(
    start: httpx2.URL, target: httpx2.URL, *, allow_http: bool, leads_inside: bool
) -> tuple[str, str] | None:
    """Why a redirect is not followed, as a reason and the rest of a sentence; None if it is."""
    if _DELETED in target.path:
        return "page_inactive", "leads to a notice that the page was deleted"
    if target.scheme == "http" and start.scheme != "http" and not allow_http:
        return "redirected", f"redirects to plain HTTP at {target.host}; say allow_http: true to follow"
    if target.scheme not in {"http", "https"}:
        return "redirected", f"redirects to a {target.scheme} address"
    if leads_inside:
        return "redirected", f"is public and redirects to the private address {target.host}"
    return None


async def is_private(url: httpx2.URL) -> bool:
    """Whether the host of `url`, once resolved, is not on the public internet; a name that fails is not."""
    try:
        addresses = await asyncio.get_running_loop().getaddrinfo(url.host, url.port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # getting it will fail, and say why
    return any(not ipaddress.ip_address(address[0]).is_global for *_, address in addresses)

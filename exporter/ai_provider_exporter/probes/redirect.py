"""Redirects as curl and browsers follow them: where to, with which headers, and which cookies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urljoin

from ai_provider_exporter import wire
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.redaction import redacted_line
from ai_provider_exporter.wire.message import split_url

STATUSES = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_KEPT_AS_WRITTEN = "!#$%&'()*+,/:;=?@[]~"
_MAX_COOKIES = 50


@dataclass
class Cookies:
    """Of one run: host -> name -> value. Paths and lifetimes do not matter within it."""

    _hosts: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, origin: wire.Origin, headers: wire.Headers) -> None:
        for line in headers.get_all("set-cookie")[:_MAX_COOKIES]:
            try:
                morsels = SimpleCookie(line).values()
            except CookieError:
                continue
            for morsel in morsels:
                host = morsel["domain"].lstrip(".").lower() or origin.host
                if _covers(host, origin.host):
                    self._hosts.setdefault(host, {})[morsel.key] = morsel.coded_value

    def header(self, origin: wire.Origin) -> dict[str, str]:
        """The header for a request to `origin`; none where it has no cookies."""
        cookies = {
            name: v for host, stored in self._hosts.items() if _covers(host, origin.host) for name, v in stored.items()
        }
        return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


def _covers(domain: str, host: str) -> bool:
    return host == domain or ("." in domain and host.endswith(f".{domain}"))


def following(
    request: wire.Request, status: int, place: str, own: Mapping[str, str], first: wire.Origin
) -> wire.Request:
    """The request that a redirect to `place` leads to; `own` headers are for the origin `first` only.

    Raises:
        Failure: redirected; nothing that HTTP can go to.
    """
    url = location(request.url, place)
    keeps_method = status in _KEEP_METHOD or request.method in {"GET", "HEAD"}
    return wire.Request(
        method=request.method if keeps_method else "GET",
        url=url,
        headers=own if split_url(url)[0] == first else {},
        body=request.body if keeps_method else b"",
    )


def location(base: str, place: str) -> str:
    """What a Location header means; raw UTF-8 and blanks in it are percent-encoded.

    Raises:
        Failure: redirected; nothing that HTTP can go to.
    """
    try:
        text = place.encode("latin-1").decode("utf-8", "replace") if not place.isascii() else place
        url = urljoin(base, quote(text.strip(), safe=_KEPT_AS_WRITTEN)).partition("#")[0]
        split_url(url)
    except (ValueError, wire.InvalidRequest):
        raise Failure("redirected", f"to {shown(place)}, where no HTTP request can go") from None
    return url


def shown(url: str) -> str:
    """Without the query, where secrets travel."""
    return redacted_line(re.sub(r"\?.*", "", url[:2000]))

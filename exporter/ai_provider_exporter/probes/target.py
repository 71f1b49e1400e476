"""Targets of `/probe`: one spelling for each, so that a stranger who varies the spelling causes no further runs."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import SplitResult, unquote, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def canonical_url(url: str) -> str:
    """The spelling under which a URL is counted: equal for all that RFC 3986 (6.2.2, 6.2.3) calls equivalent."""
    parts = urlsplit(url)
    path = _without_dots(_ESCAPED.sub(_decoded, parts.path)) or "/"
    return SplitResult(parts.scheme, _netloc(parts), path, parts.query, "").geturl()


def canonical_host(host: str) -> str:
    """A name in lower case and without its last dot, an address as its family writes it: `127.1` is 127.0.0.1."""
    host = host.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _numeric(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _numeric(host: str) -> str:
    """As resolvers read numbers: `2130706433` and `0x7f.1` are IPv4 addresses too (inet_aton(3))."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) if host[:1].isdigit() else host
    except OSError:
        return host


def _netloc(parts: SplitResult) -> str:
    host = canonical_host(parts.hostname or "")
    named = f"[{host}]" if ":" in host else host
    port = parts.port
    return named if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{named}:{port}"


def _decoded(escape: re.Match[str]) -> str:
    letter = unquote(escape.group())
    return letter if _UNRESERVED.fullmatch(letter) else escape.group().upper()


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    ends_in_dots = path.endswith(("/.", "/.."))
    return "".join(f"/{segment}" for segment in segments) + ("/" if ends_in_dots else "")

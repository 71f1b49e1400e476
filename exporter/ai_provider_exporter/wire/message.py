"""Requests and the parts of answers, as plain values: from a URL and headers to the bytes of HTTP/1.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ai_provider_exporter import __version__
from ai_provider_exporter.wire.errors import InvalidRequest

_PORTS = {"http": 80, "https": 443}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_PRINTABLE = re.compile(r"[!-~]*")
_UNPRINTABLE = re.compile(r"[^\t -~\x80-\xff]")
_WITH_BODY = {"POST", "PUT", "PATCH"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`url` is absolute, http or https. `headers` win over those that are added while writing."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class Chunk(NamedTuple):
    """Body bytes that arrived together; `at` is the `perf_counter` of their arrival in this process."""

    at: float
    data: bytes


class Headers(Mapping[str, str]):
    """Of an answer. Names in any case; a name that came more than once gives its first value."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name.lower(), []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get_all(self, name: str) -> list[str]:
        """Every value of `name`, in the order in which they came."""
        return list(self._values.get(name.lower(), ()))


class Origin(NamedTuple):
    """Whom a URL speaks to; connections to the same origin can be reused.

    `tcp` and `tls` are schemes of what is no HTTP, for which a proxy has to open a tunnel.
    """

    scheme: str
    host: str
    port: int

    @property
    def is_secure(self) -> bool:
        return self.scheme in {"https", "tls"}

    @property
    def authority(self) -> str:
        """`host:port` as a Host header spells it: brackets round IPv6, no default port."""
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        return host if self.port == _PORTS.get(self.scheme) else f"{host}:{self.port}"

    @property
    def host_and_port(self) -> str:
        """The same with the port always there, as CONNECT wants it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@lru_cache(maxsize=1024)
def split_url(url: str) -> tuple[Origin, str]:
    """The origin and the request target (path and query) of an absolute http(s) URL.

    Raises:
        InvalidRequest: not such a URL. A query may hold secrets, so the message shows none of it.
    """
    shown = url.partition("?")[0].rpartition("@")[2]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidRequest(f"{shown!r} is not a URL: {error}") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidRequest(f"{shown!r} is not an absolute URL; write http://HOST/PATH or https://HOST/PATH")
    if "@" in parts.netloc:
        raise InvalidRequest(f"the URL of {shown!r} holds a user name; credentials belong in a header")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _PRINTABLE.fullmatch(target):
        raise InvalidRequest(f"the URL {shown!r} holds blanks or non-ASCII characters; percent-encode them")
    host = unquote(parts.hostname)  # of `[fe80::1%25eth0]`, RFC 6874
    return Origin(parts.scheme, host, port or _PORTS[parts.scheme]), target


def write_request(request: Request, target: str, authority: str, extra: Mapping[str, str]) -> bytes:
    """The bytes of `request`; `extra` are headers that the connection needs, unless the request has its own.

    Raises:
        InvalidRequest: a method or header that HTTP cannot carry; the message names it, never its value.
    """
    headers = {"host": authority, "user-agent": f"ai-provider-exporter/{__version__}"}
    headers |= {"accept": "*/*", "accept-encoding": "identity", **extra}
    if request.body or request.method in _WITH_BODY:
        headers["content-length"] = str(len(request.body))
    headers |= {name.lower(): value for name, value in request.headers.items()}
    if not _TOKEN.fullmatch(request.method):
        raise InvalidRequest(f"{request.method!r} is not an HTTP method")
    lines = [f"{request.method} {target} HTTP/1.1"]
    lines += [_header_line(name, value) for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def _header_line(name: str, value: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise InvalidRequest(f"{name!r} is not a header name")
    if _UNPRINTABLE.search(value):
        # The value may be a key read from a file, so only its flaw is told.
        raise InvalidRequest(f"the value of header {name!r} holds a line break or an unprintable character")
    return f"{name}: {value}"

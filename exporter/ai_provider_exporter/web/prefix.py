"""Below which path everything is served: Prometheus' `--web.external-url` and `--web.route-prefix`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def external_url(text: str) -> str:
    """The URL that people reach this program by, such as that of a reverse proxy; returned as it is.

    Raises:
        ValueError: it is none; the message says what to write.
    """
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise ValueError(f"{text!r} is not a URL to be reached by; write one such as https://ops.example/ai")
    route_prefix(url.path)
    return text


def route_prefix(text: str) -> str:
    """`text` as `/SOMETHING`, or empty for no prefix: `/`, `ai` and `/ai/` are understood as Prometheus does.

    Raises:
        ValueError: it is no path; the message says what to write.
    """
    prefix = f"/{text.strip('/')}".rstrip("/")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"{text!r} is no prefix; write a path of letters, digits, dots and dashes, such as /ai")
    return prefix


def chosen(external: str | None, prefix: str | None) -> str:
    """The prefix that was written, else the path of the external URL."""
    return route_prefix(urlsplit(external or "").path) if prefix is None else prefix

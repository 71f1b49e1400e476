"""What a module must have to be a status-page format, and how it says where its documents are."""

from __future__ import annotations

from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit, urlunsplit

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.payload import Payload

Way = tuple[str, ...]
"""The addresses of the documents that are read together."""


class Format(Protocol):
    def documents(self, base: str) -> tuple[Way, ...]:
        """Ways to read the page at `base`, best first; usually `ways(base, ...)`."""

    def parse(self, *payloads: Payload) -> PageStatus:
        """Read the documents of one way, or one saved document of any shape that the format has. Pure.

        Raises:
            PageFailure: not a document of this format.
        """


@runtime_checkable
class Detectable(Format, Protocol):
    """A format that can be told from others by one document."""

    def looks_like(self, payload: Payload) -> bool:
        """Whether this is surely a document of this format; may raise PageFailure, which means no."""


def ways(base: str, *paths: Way, also: Way = ()) -> tuple[Way, ...]:
    """Append each path to `base`; one that already ends in one of them, or of `also`, is taken as it is."""
    parts = urlsplit(base)
    endings = (*also, *(path for way in paths for path in way))
    if any(parts.path.endswith(path) for path in endings):
        return ((base,),)
    root = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
    return tuple(tuple(root + path for path in way) for way in paths)

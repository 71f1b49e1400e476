"""What a module must have to be a status-page format, and how it says where its documents are."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from ai_provider_exporter.model.observation import PageStatus
from ai_provider_exporter.status_pages.payload import Payload

DocumentSet = tuple[str, ...]
"""The URLs of the documents that are read together."""


class Format(Protocol):
    def documents(self, base: str) -> tuple[DocumentSet, ...]:
        """What the page at `base` can be read from, best first; usually `document_sets(base, ...)`."""

    def looks_like(self, payload: Payload) -> bool:
        """Whether this is surely a document of this format; may raise PageFailure, which means no. Pure."""

    def parse(self, *payloads: Payload) -> PageStatus:
        """Read the documents of one set, or one saved document of any shape that the format has. Pure.

        Raises:
            PageFailure: not a document of this format.
        """


def document_sets(base: str, *paths: DocumentSet, also: DocumentSet = ()) -> tuple[DocumentSet, ...]:
    """Append each path to `base`; one that already ends in one of them, or of `also`, is taken as it is."""
    parts = urlsplit(base)
    endings = (*also, *(path for paths_of_set in paths for path in paths_of_set))
    if any(parts.path.endswith(path) for path in endings):
        return ((base,),)
    root = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
    return tuple(tuple(root + path for path in paths_of_set) for paths_of_set in paths)

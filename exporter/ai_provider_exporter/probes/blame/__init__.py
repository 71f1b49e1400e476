"""Whose fault a refusal is: status, headers and the words of the body -> one of `faults.REASONS`.

The rules are the table in `table.py`; `words.py` finds what providers say in bodies of every shape,
`waits.py` when they say to come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.blame.table import RULES, Case
from ai_provider_exporter.probes.blame.vocabulary import Said, read, read_document

__all__ = ["Headers", "in_stream", "refusal"]

Headers = Mapping[str, str]
"""Names in lower case."""

# Inside an answer that began with 200 the provider failed, whatever status it would have given otherwise.
_IN_STREAM = {
    "server_error": "stream_error",
    "edge_error": "stream_error",
    "endpoint_not_found": "stream_error",
}


def refusal(status: int, headers: Headers, body: bytes, dialect: str = "") -> Failure:
    """Say why an answer that is no 2xx was given. Never raises, whatever the body holds."""
    said = read(body, headers)
    case = Case(status=status, headers=headers, said=said, dialect=dialect, is_html=_is_html(headers, body))
    return Failure(_reason(case), f"HTTP {status}{_quoted(said)}")


def in_stream(document: Mapping[str, Any], dialect: str = "") -> Failure:
    """Say why a stream that began well brought this error document."""
    said = read_document(document)
    case = Case(status=said.status, headers={}, said=said, dialect=dialect, is_html=False)
    reason = _reason(case)
    return Failure(_IN_STREAM.get(reason, reason), f"error inside the stream{_quoted(said)}")


def _reason(case: Case) -> str:
    return next(rule.reason for rule in RULES if rule.applies(case))


def _is_html(headers: Headers, body: bytes) -> bool:
    content_type = headers.get("content-type", "").lower()
    return "html" in content_type or body[:256].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _quoted(said: Said) -> str:
    code = f" {said.code}" if said.code else ""
    return f"{code}: {said.message}" if said.message else code

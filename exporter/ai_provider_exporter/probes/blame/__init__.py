"""Whose fault a refusal is: status, headers and body -> one of `reasons.REASONS`.

The rules are the table in `table.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.blame.case import Case
from ai_provider_exporter.probes.blame.envelope import error_in
from ai_provider_exporter.probes.blame.statement import Statement, read, read_document
from ai_provider_exporter.probes.blame.table import RULES

__all__ = ["Headers", "error_in", "in_stream", "refusal", "websocket_close"]

Headers = Mapping[str, str]
"""Names in lower case."""

# Inside an answer that began with 200 the provider failed, whatever status it would have given otherwise.
_IN_STREAM = {
    "server_error": "stream_error",
    "edge_error": "stream_error",
    "endpoint_not_found": "stream_error",
}
# A gateway's 5xx may wrap what its upstream says about us, and its 400 what the upstream says about itself.
_WRAPPED_IN_5XX = frozenset({401, 402, 403, 429})
_WRAPPED_IN_400 = frozenset({429, 500, 502, 503, 504, 529})

# The status that a WebSocket's close code stands for, where its reason says nothing:
# https://www.iana.org/assignments/websocket/websocket.xhtml (2026-11). 44xx and 45xx are HTTP's by custom.
_CLOSES = {1007: 400, 1008: 403, 1009: 413, 1011: 500, 1012: 503, 1013: 503, 1014: 502, 3000: 401, 3003: 403, 3008: 408}


def refusal(status: int, headers: Headers, body: bytes, dialect: str = "") -> Failure:
    """Say why an answer that is no 2xx was given. Never raises, whatever the body holds.

    `dialect` is empty for what is no API.
    """
    statement = read(body, headers)
    case = Case(
        status=_unwrapped(status, statement.status),
        headers=headers,
        statement=statement,
        dialect=dialect,
        is_html=_is_html(headers, body),
    )
    return Failure(_reason(case), f"HTTP {status}{_quoted(statement)}")


def in_stream(document: Any) -> Failure:
    """Say why a stream that began well brought this error: a document, or a sentence."""
    statement = read_document(document)
    return Failure(_reason_in_stream(statement.status, statement), f"error inside the stream{_quoted(statement)}")


def websocket_close(code: int, reason: str) -> Failure:
    """Say why a WebSocket was closed: by the words of its reason, else by its code (RFC 6455 section 7.4)."""
    statement = read(reason.encode("utf-8", "replace"), {})
    status = code - 4000 if 4400 <= code < 4600 else _CLOSES.get(code, statement.status)  # noqa: PLR2004  # HTTP's, shifted
    return Failure(_reason_in_stream(status, statement), f"closed with code {code}{_quoted(statement)}")


def _unwrapped(status: int, wrapped: int) -> int:
    is_wrapped = wrapped in _WRAPPED_IN_5XX if status >= 500 else status == 400 and wrapped in _WRAPPED_IN_400  # noqa: PLR2004
    return wrapped if is_wrapped else status


def _reason_in_stream(status: int, statement: Statement) -> str:
    reason = _reason(Case(status=status, headers={}, statement=statement, dialect="", is_html=False))
    return _IN_STREAM.get(reason, reason)


def _reason(case: Case) -> str:
    return next(rule.reason for rule in RULES if rule.applies(case))


def _is_html(headers: Headers, body: bytes) -> bool:
    content_type = headers.get("content-type", "").lower()
    return "html" in content_type or body[:256].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _quoted(statement: Statement) -> str:
    code = f" {statement.code}" if statement.code and statement.code != statement.message else ""
    return f"{code}: {statement.message}" if statement.message else code

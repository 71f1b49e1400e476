"""Fields of JSON that strangers wrote: a value of another shape than promised reads as empty, never as an error."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.redaction import redacted_line, snippet

MAX_TOKENS = 10**12  # no answer is longer; what is, is no count
_MAX_LABEL = 128
_DECODER = json.JSONDecoder()


def parse(data: bytes) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        Failure: malformed_response.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise Failure("malformed_response", f"not JSON: {snippet(data)}") from None
    if not isinstance(document, dict):
        raise Failure("malformed_response", f"JSON, but not an object: {snippet(data)}")
    return document


def parse_all(data: bytes) -> list[dict[str, Any]]:
    """Read JSON objects one after the other, or in a list; what follows the last one (`data: [DONE]`) is left out.

    Raises:
        Failure: malformed_response; not even one.
    """
    rest = data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    documents: list[dict[str, Any]] = []
    while rest[:1] in {"{", "["}:
        try:
            document, end = _DECODER.raw_decode(rest)
        except (ValueError, RecursionError):
            break
        documents += items(document if isinstance(document, list) else [document])
        rest = rest[end:].lstrip(" \t\r\n,")
    if not documents:
        raise Failure("malformed_response", f"not a JSON object: {snippet(data)}")
    return documents


def encode(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def label(value: Any) -> str:
    """Text fit for a label or a sentence: short, on one line, without what cannot be encoded."""
    return _label(text(value)[: 2 * _MAX_LABEL])


@lru_cache(maxsize=256)  # a stream repeats its model in each of its events
def _label(value: str) -> str:
    return redacted_line(value)[:_MAX_LABEL]


def count(value: Any) -> int | None:
    """A number of tokens, None if it is not one."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKENS
    return value if is_count else None


def amount(value: Any, most: float = MAX_TOKENS) -> float | None:
    """A finite number that is not negative (seconds, dollars), None if it is not one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= most else None


def add(*counts: int | None) -> int | None:
    """The sum of the counts that were given, None if none was."""
    given = [n for n in counts if n is not None]
    return sum(given) if given else None

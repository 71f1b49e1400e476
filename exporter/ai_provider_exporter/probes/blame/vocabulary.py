"""Finds what a provider says in an error body: its codes and its sentence, in whichever of many shapes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ai_provider_exporter.probes.redaction import redacted_line, snippet

_DEPTH = 5  # error.details[].metadata.x is the deepest place where a provider puts a code

# As OpenAI, Anthropic (details.error_code), Google (status, reason), OpenRouter (metadata.error_type), Mistral
# (raw_status_code), TGI (error_type), AWS (__type) and FastAPI (type) name them.
_CODE_KEYS = (
    "code",
    "type",
    "status",
    "reason",
    "error_code",
    "error_type",
    "__type",
    "raw_status_code",
    "@type",
    "quotaId",
)
_SENTENCE_KEYS = ("message", "Message", "error", "detail", "error_description", "title")
_HOLDER_KEYS = {"error", "details", "detail", "innererror", "metadata", "errors", "response", "violations"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """All `codes` in lower case, the most telling `code`, and as `message` one short line without keys."""

    codes: frozenset[str] = frozenset()
    code: str = ""
    message: str = ""
    status: int = 0


def read(body: bytes, headers: Mapping[str, str]) -> Said:
    """Read a body of any kind. AWS names its exception in a header (`x-amzn-errortype: Name:http...`)."""
    aws = headers.get("x-amzn-errortype", "").partition(":")[0]
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = {"message": _title(body) if b"<" in body[:64] else snippet(body)}
    if isinstance(document, list):  # Gemini without alt=sse sends a list of one
        document = document[0] if document else {}
    return read_document(document if isinstance(document, dict) else {"message": str(document)}, aws)


def read_document(document: Mapping[str, Any], code: str = "") -> Said:
    found = [code, *_codes(document, _DEPTH)] if code else list(_codes(document, _DEPTH))
    names = [name for name in found if not name.isdigit() and name.lower() != "error"]
    statuses = [int(number) for number in found if re.fullmatch(r"[1-5]\d\d", number)]
    return Said(
        codes=frozenset(name.lower() for name in found),
        code=redacted_line(next(iter(names), ""))[:64],
        message=redacted_line(_sentence(document)),
        status=next(iter(statuses), 0),
    )


def _codes(holder: Any, depth: int) -> Iterator[str]:
    """All codes, those of the error itself before those of its details."""
    if isinstance(holder, list) and depth:
        for item in holder[:16]:
            yield from _codes(item, depth - 1)
    if not isinstance(holder, dict):
        return
    for key in _CODE_KEYS:
        value = holder.get(key)
        if isinstance(value, str | int):
            yield str(value)[:100].rpartition("/")[2].rpartition("#")[2]
    for key in sorted(_HOLDER_KEYS & holder.keys()):
        if depth:
            yield from _codes(holder[key], depth - 1)


def _sentence(holder: Any) -> str:
    if isinstance(holder, str):
        return holder
    if isinstance(holder, list) and holder:
        return _sentence(holder[0])
    if not isinstance(holder, dict):
        return ""
    inner = holder.get("error")
    nested = [inner] if isinstance(inner, dict) else []
    texts = (holder.get(key) for key in (*_SENTENCE_KEYS, "msg"))
    return next((found for found in map(_sentence, (*nested, *texts)) if found), "")


def _title(page: bytes) -> str:
    found = re.search(rb"<title[^>]*>([^<]{1,200})", page, re.IGNORECASE)
    return found[1].decode("utf-8", "replace") if found else ""

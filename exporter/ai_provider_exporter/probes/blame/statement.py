"""Reads an error body of any shape: its codes, its sentences, and the status that it wraps.

Gateways nest: an error in an error, JSON in a string (`metadata.raw`), a Python repr behind `Error code: 429 -`.
Everything that is read here is bounded: depth, number of items, length of text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ai_provider_exporter.probes.redaction import redacted_line, snippet

_MAX_DEPTH = 6  # error.details[].violations[].quotaId, inside a string of JSON
_MAX_ITEMS = 16
_MAX_FIELDS = 200
_MAX_CODE = 100
_MAX_SENTENCE = 1024
_MAX_SENTENCES = 4096
_MAX_TEXT = 6144
_MAX_PAGE = 8192
_MAX_NESTED = 16_384

# As OpenAI, Anthropic (details.error_code), Google (status, reason, quotaId), OpenRouter (metadata.error_type,
# limit_source), Mistral (raw_status_code), TGI (error_type), AWS (__type), FastAPI (type), MiniMax (status_code),
# Apigee (errorcode), Baidu (error_code), Azure API Management (statusCode) name them.
_CODE_KEYS = (
    "code",
    "type",
    "status",
    "reason",
    "error_code",
    "errorcode",
    "error_type",
    "error_name",
    "__type",
    "raw_status_code",
    "status_code",
    "statusCode",
    "@type",
    "quotaId",
    "quota_limit",
    "limit_source",
)
_SENTENCE_KEYS = (
    "message",
    "Message",
    "error",
    "detail",
    "error_description",
    "title",
    "msg",
    "error_msg",
    "error_message",
    "errorMessage",
    "status_msg",
    "faultstring",
    "raw",
    "description",
)
_HOLDER_KEYS = (
    "error",
    "errors",
    "fault",
    "base_resp",
    "response",
    "detail",
    "details",
    "metadata",
    "innererror",
    "violations",
    "raw",
    "message",
)

_URL = re.compile(r"https?://\S+")
_IDENTIFIER = re.compile(r"(?<![a-z_])[a-z]++(?:_[a-z]++)++|(?<![a-z])[a-z]++(?<=error|ption)(?![a-z])")
_WRAPPED = re.compile(
    r"(?:error code|status code|status_code|status|http(?:/[\d.]{1,3})?|code|returned|response)"
    r"[\s:='\"(]{0,4}([45]\d\d)\b"
    r"|\b([45]\d\d) (?:unauthorized|forbidden|payment required|too many requests|service unavailable|bad gateway)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an error says.

    `codes` and `text` (all sentences, then all codes) are in lower case, for the rules; `code` and `message` are for
    people: the most telling code, and one short line without keys. `status` is an HTTP status that the body names, 0
    if none. A number that is no status is qualified by what holds it: `base_resp/1008`, `errors/3040`, `code/1300`.
    `page` is the beginning of a body that is no JSON.
    """

    codes: frozenset[str] = frozenset()
    code: str = ""
    message: str = ""
    text: str = ""
    status: int = 0
    page: str = ""


def read(body: bytes, headers: Mapping[str, str]) -> Statement:
    """Read a body of any kind. AWS names its exception in a header (`x-amzn-errortype: Name:http...`)."""
    aws = headers.get("x-amzn-errortype", "").partition(":")[0]
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return _read_page(body, aws)
    return read_document(document, aws)


def read_document(document: Any, code: str = "") -> Statement:
    """Read parsed JSON; `code` is one that stands elsewhere."""
    codes: list[str] = [code] if code else []
    sentences: list[str] = [] if isinstance(document, dict | list) else [str(document)]
    for number, (is_code, value) in enumerate(_fields(document, "", _MAX_DEPTH)):
        if number >= _MAX_FIELDS:
            break
        (codes if is_code else sentences).append(value)
    return _statement(codes, sentences)


def _read_page(body: bytes, code: str) -> Statement:
    page = body[:_MAX_PAGE].decode("utf-8", "replace")
    title = re.search(r"<title[^>]{0,100}>([^<]{1,200})", page, re.IGNORECASE)
    sentence = title[1] if title else "" if page.lstrip().startswith("<") else snippet(body)
    return _statement([code] if code else [], [sentence], page.lower())


def _statement(codes: list[str], sentences: list[str], page: str = "") -> Statement:
    lines = list(dict.fromkeys(filter(None, (" ".join(text[:_MAX_SENTENCE].split()) for text in sentences))))
    text = " | ".join(lines)[:_MAX_SENTENCES].lower()
    names = [code for code in codes if not code.rpartition("/")[2].isdigit() and code.lower() != "error"]
    return Statement(
        codes=frozenset([*map(str.lower, codes), *_IDENTIFIER.findall(_URL.sub("", text))]),
        code=redacted_line(next(iter(names), ""))[:64],
        message=redacted_line("; ".join(lines)),
        text=f"{text} || {' '.join(codes).lower()}"[:_MAX_TEXT],
        status=_status(codes, text),
        page=page,
    )


def _status(codes: list[str], text: str) -> int:
    """The innermost: what a sentence quotes was said before what the gateway says itself."""
    quoted = next(iter(_WRAPPED.findall(text)), ())
    named = next((code for code in reversed(codes) if re.fullmatch(r"[45]\d\d", code)), "0")
    return int(next(filter(None, quoted), named))


def _fields(node: Any, holder: str, depth: int) -> Iterator[tuple[bool, str]]:
    """Each code (True) and sentence (False), those of the error itself before those of its details."""
    if isinstance(node, list):
        for item in node[:_MAX_ITEMS]:
            yield from _fields(item, holder, depth)
    if not isinstance(node, dict) or not depth:
        return
    for key in _CODE_KEYS:
        value = node.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield True, _code(value, holder or key)
    for key in _SENTENCE_KEYS:
        if isinstance(node.get(key), str) and _nested(node[key]) is None:
            yield False, node[key]
    for key in _HOLDER_KEYS:
        yield from _fields(_nested(node.get(key)), key, depth - 1)


def _code(value: str | int, holder: str) -> str:
    name = str(value)[:_MAX_CODE].rpartition("/")[2].rpartition("#")[2]
    return f"{holder}/{name}" if name.isdigit() and not re.fullmatch(r"[1-5]\d\d", name) else name


def _nested(value: Any) -> Any:
    """A holder, or the JSON in a string; None for a string that is none."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith(("{", "[")) or len(value) > _MAX_NESTED:
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None

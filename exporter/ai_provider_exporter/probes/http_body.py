"""The body of a plain response: read whole or said to be too long, decoded, and judged beside the event loop."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from contextlib import suppress
from time import perf_counter

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.content_encoding import decode
from ai_provider_exporter.probes.http_expect import HttpExpect
from ai_provider_exporter.probes.judging import judged

_META = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_SEARCHED_FOR_META = 1024  # bytes: https://html.spec.whatwg.org/multipage/parsing.html (2026-11-28)
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
"""Encodings of Python that no text is in, and that may take more than linear time."""
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


async def read(response: api.Response, expect: HttpExpect, max_body: int, measurement: Measurement) -> str:
    """The body as text; where `expect` does not look at it, what comes within `max_body` bytes, unread.

    Raises:
        Failure: bad_request, it is longer than `max_body`; malformed_response, it is not in the coding that its
            header names.
    """
    measurement.enter("stream", response.headers_at)
    body = await response.read(max_body + 1)
    if not expect.needs_body:
        return ""
    if len(body) > max_body:
        raise Failure("bad_request", f"the body is longer than max_body ({max_body} bytes); raise max_body")
    return as_text(decode(body, response.headers, max_body), response.headers)


def as_text(body: bytes, headers: Mapping[str, str]) -> str:
    """In the charset of the byte order mark, of the header or of the page itself; else UTF-8."""
    for mark, name in _BOMS.items():
        if body.startswith(mark):
            return body.decode(name, "replace")
    content_type = headers.get("content-type", "").lower()
    _, _, named = content_type.partition("charset=")
    charset = named.partition(";")[0].strip(" \"'")
    if not charset and "html" in content_type:
        meta = _META.search(body[:_SEARCHED_FOR_META])
        charset = meta[1].decode() if meta else ""
    with suppress(LookupError, ValueError):
        if codecs.lookup(charset).name not in _NO_CHARSETS:
            return body.decode(charset, "replace")
    return body.decode("utf-8", "replace")


async def judge(expect: HttpExpect, response: api.Response, text: str, deadline: float) -> None:
    """Compare headers and body with `expect`; `deadline` is a `perf_counter` stamp.

    Raises:
        Failure: assertion_failed, and what `judged` raises.
    """
    seconds = 0.9 * (deadline - perf_counter())  # sooner than the run's own end, which would blame the provider
    problem = await judged(lambda: next(expect.problems(response.headers, text), None), expect.cost(len(text)), seconds)
    if problem is not None:
        raise Failure("assertion_failed", problem)

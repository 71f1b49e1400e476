"""Status pages: `FORMATS` by the word a scenario uses, and the ways in which a page itself misbehaves."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ai_provider_exporter.simulator.apis.api import Reply, json_reply, reply
from ai_provider_exporter.simulator.pages import incidentio, statuspage
from ai_provider_exporter.simulator.pages.state import PageState
from ai_provider_exporter.simulator.routing import Address
from ai_provider_exporter.simulator.scenario import PageMode
from ai_provider_exporter.simulator.server import Request

FORMATS: dict[str, Callable[[PageState, str, str], dict[str, Any] | str | None]] = {
    "statuspage": statuspage.document,
    "incidentio": incidentio.document,
}
HTML = "text/html; charset=utf-8"
BROKEN: dict[PageMode, Reply] = {
    "html": reply(b"<!doctype html><title>Status</title><h1>This page has moved</h1>", HTML),
    "unauthorized": json_reply({"error": "page inactive"}, status=401),
    "server_error": reply(b"<!doctype html><h1>Internal server error</h1>", HTML, status=500),
    "empty": json_reply({}),
}


def answer(state: PageState, request: Request, address: Address) -> Reply:
    """Return what the page answers; `close` is not here: it is no answer."""
    if state.mode in BROKEN:
        return BROKEN[state.mode]
    shown, base = state.shown, f"http://{request.headers.get('host', '')}{address.base}"
    if state.mode == "other_identity":
        page = shown.page.model_copy(update={"name": "Another Company"})
        shown, base = replace(shown, page=page), "https://status.another.example"
    path = address.rest.removeprefix(f"/{address.service}")
    document = FORMATS[state.page.format](shown, base, path)
    if document is None:
        return reply(f"<!doctype html><h1>{state.page.name}</h1>".encode(), HTML, status=_status_of(path))
    return _cached(document, request)


def _status_of(path: str) -> int:
    return 200 if path in ("", "/") else 404


def _cached(document: dict[str, Any] | str, request: Request) -> Reply:
    is_atom = isinstance(document, str)
    body = (document if isinstance(document, str) else json.dumps(document)).encode()
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "public, max-age=0, must-revalidate"}
    if request.headers.get("if-none-match") == etag:
        return Reply((), status=304, headers=headers)
    kind = "application/atom+xml; charset=utf-8" if is_atom else "application/json; charset=utf-8"
    return reply(body, kind, headers=headers)

"""Answers that no API gave: proxies, portals, edges and load balancers in between."""

import json

from ai_provider_exporter.simulator.apis.api import Frame, Reply
from ai_provider_exporter.simulator.scenario import Fail

HTML = "text/html; charset=utf-8"
PORTAL = b"<!doctype html><title>Sign in</title><h1>Sign in to the guest network</h1>"
CHALLENGE = b"<!doctype html><title>Just a moment...</title><h1>Checking that you are human</h1>"
EDGE = b"<!doctype html><title>502: Bad gateway</title><h1>The origin cannot be reached</h1>"

REPLIES: dict[str, Reply] = {
    "html": Reply((Frame(PORTAL),), content_type=HTML),
    "challenge": Reply((Frame(CHALLENGE),), 403, {"cf-mitigated": "challenge", "server": "cloudflare"}, HTML),
    "edge_error": Reply((Frame(EDGE),), 522, {"server": "cloudflare", "cf-ray": "0-SIM"}, HTML),
    "redirect": Reply((Frame(b""),), 307, {"location": "/elsewhere"}, HTML),
    "malformed": Reply((Frame(b'{"object": "chat.comp'),)),
    "http": Reply((Frame(b""),)),
}


def dressed(reply: Reply, fail: Fail) -> Reply:
    """Return `reply` with what the scenario puts in place of its status, headers and body."""
    frames = reply.frames if fail.body is None else (Frame(fail.body.encode()),)
    kind = fail.headers.get("content-type") or _kind_of(fail.body, reply.content_type)
    return Reply(frames, fail.status or reply.status, {**reply.headers, **fail.headers}, kind)


def _kind_of(body: str | None, default: str) -> str:
    if body is None:
        return default
    try:
        json.loads(body)
    except ValueError:
        return HTML if body.lstrip().startswith("<") else "text/plain; charset=utf-8"
    return "application/json"

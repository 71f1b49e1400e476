"""What status pages have been seen to answer instead of what is the matter, and what is to be made of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from ai_provider_exporter.status_pages.fetch import MAX_BYTES

from tests.exporter.status_pages.saved import Saved
from tests.exporter.status_pages.served import Answer, Answering, Asked, Bytes, html, said, sent_to


def document(format_name: str, state: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Saved(format_name, state).payloads[0].body)
    return found


GOOD = document("statuspage", "operational")
GOOD_PAGE = said(GOOD)
FLASHDUTY = document("flashduty", "incidents")


def remade(body: bytes) -> bytes:
    """The same document, as if it had been made just now."""
    return body.replace(b"2026-02-03T18:40:00Z", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}".encode())


# --- pages with an answer ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """A saved page that is easily misread. `begun`: when its incidents began, in Unix seconds."""

    saved: Saved
    status: int
    incidents: int = 0
    begun: float | None = None
    changed: Callable[[bytes], bytes] = lambda body: body


def oldest_update_first(body: bytes) -> bytes:
    page = json.loads(body)
    for incident in page["incidents"]:
        incident["incident_updates"].reverse()
    return json.dumps(page).encode()


FIVE_PAST_SIX = 1770141900.0  # 2026-02-03 18:05 UTC

ODDITIES: dict[str, Oddity] = {
    "utf-16-with-its-mark": Oddity(saved=Saved("aws", "disruption_in_two_regions"), status=4, incidents=2),
    "an-empty-list-of-events": Oddity(saved=Saved("aws", "operational"), status=0),
    "null-for-incidents": Oddity(saved=Saved("incidentio", "emulation_without_the_empty_sections"), status=0),
    "a-green-indicator-over-an-incident": Oddity(
        saved=Saved("statuspage", "open_incident_under_a_green_indicator"), status=2, incidents=1
    ),
    "resolved-and-reopened": Oddity(saved=Saved("incidentio", "native_reopened"), status=3, incidents=1),
    "updates-in-the-other-order": Oddity(
        saved=Saved("statuspage", "reopened"), status=3, incidents=1, changed=oldest_update_first
    ),
    "full-outage-without-an-end": Oddity(saved=Saved("incidentio", "native_full_outage"), status=4, incidents=1),
    "resolved-without-an-end": Oddity(saved=Saved("betterstack", "incidents"), status=4, incidents=2),
    "times-of-the-pages-own-zone": Oddity(
        saved=Saved("statuspage", "major_outage"), status=4, incidents=1, begun=FIVE_PAST_SIX
    ),
    "times-without-a-year": Oddity(
        saved=Saved("statuspage", "feed_with_an_open_incident"), status=2, incidents=1, begun=FIVE_PAST_SIX
    ),
}


# --- pages without one -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Trap:
    """`answer` to whatever is asked, and the reason it is to be given; `good` is what the page said before.

    `only_later`: on the first read there is nothing to see that is wrong. `timeout` is that of the page;
    `over_tls`: its server is another one, that speaks TLS.
    """

    answer: Answering
    reason: str
    format: str = "statuspage"
    good: Answering = GOOD_PAGE
    only_later: bool = False
    timeout: str = "15s"
    over_tls: bool = False


def endless(asked: Asked) -> Answer:
    return Bytes(raw=b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * (MAX_BYTES + 1))


@cache
def bomb() -> Answer:
    return Answer(body=gzip.compress(b" " * (MAX_BYTES + 1)), headers={"Content-Encoding": "gzip"})


def somebody_elses(asked: Asked) -> Answer:
    """A page as good as ours was, which is called by another name."""
    port, path = asked.headers["host"].rpartition(":")[2], "/new-somebody-elses-page/at-home"
    return GOOD_PAGE if asked.path == path else sent_to(f"http://localhost:{port}{path}")


TRAPS: dict[str, Trap] = {
    "html": Trap(answer=html(), reason="unexpected_content_type"),
    "a-notice-of-deletion": Trap(answer=sent_to("/page-deleted"), reason="page_inactive"),
    "401": Trap(answer=Answer(status=401), reason="page_inactive"),
    "404": Trap(answer=Answer(status=404), reason="endpoint_not_found"),
    "429": Trap(answer=Answer(status=429), reason="rate_limited"),
    "500": Trap(answer=Answer(status=500), reason="server_error"),
    "522": Trap(answer=Answer(status=522), reason="edge_error"),
    "a-challenge": Trap(answer=html(status=403), reason="challenged"),
    "an-empty-document": Trap(answer=said(b""), reason="empty_answer"),
    "an-empty-object": Trap(answer=said({}), reason="malformed_response"),
    "no-components": Trap(answer=said({**GOOD, "components": []}), reason="components_vanished"),
    "components-left-out": Trap(
        answer=said({key: value for key, value in GOOD.items() if key != "components"}),
        reason="components_vanished",
        only_later=True,
    ),
    "somebody-elses-page": Trap(answer=somebody_elses, reason="identity_mismatch"),
    "another-page-at-our-address": Trap(
        answer=said({**GOOD, "page": {**GOOD["page"], "id": "another00000"}}),
        reason="identity_mismatch",
        only_later=True,
    ),
    "a-frozen-mirror": Trap(
        answer=said(FLASHDUTY),
        reason="stale",
        format="flashduty",
        good=lambda _: said(remade(json.dumps(FLASHDUTY).encode())),
    ),
    "a-closed-connection": Trap(answer=Bytes(raw=b""), reason="server_disconnected"),
    "a-cut-document": Trap(answer=Answer(body=b'{"page"', length=100), reason="stream_truncated"),
    "silence": Trap(answer=Bytes(raw=b"", then="silence"), reason="total_timeout", timeout="6s"),
    "too-much": Trap(answer=endless, reason="too_large"),
    "a-bomb": Trap(answer=lambda _: bomb(), reason="too_large"),
    "a-redirect-loop": Trap(answer=lambda asked: sent_to(asked.path), reason="redirected"),
    "a-redirect-to-plain-http": Trap(
        answer=lambda asked: sent_to(f"http://{asked.headers['host']}/"), reason="redirected", over_tls=True
    ),
}

"""Upptime: `history/summary.json` of its repository, written by each of its runs.

Described by https://github.com/upptime/uptime-monitor, `src/interfaces.ts` (2026-11-22). Incidents are issues of the
repository; the API that lists them allows 60 requests an hour to those without a key, so they are not read. What is
down shows in the status of its site all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ai_provider_exporter.model.observation import Component, PageStatus, Status
from ai_provider_exporter.status_pages.assembly import required
from ai_provider_exporter.status_pages.format import DocumentSet, document_sets
from ai_provider_exporter.status_pages.json_fields import Row, named, ratio, text_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_SUMMARY = "/history/summary.json"
_STATUS: dict[str, Status] = {
    "up": Status.OPERATIONAL,
    "degraded": Status.DEGRADED_PERFORMANCE,
    "down": Status.MAJOR_OUTAGE,
}
_WINDOWS = {"uptimeDay": "24h", "uptimeWeek": "7d", "uptimeMonth": "30d", "uptimeYear": "365d"}
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)%")


def documents(base: str) -> tuple[DocumentSet, ...]:
    """Of a repository at GitHub, or its page at github.io, the file in the repository."""
    parts = urlsplit(base)
    host, folders = parts.hostname or "", [folder for folder in parts.path.split("/") if folder]
    owner = [host.removesuffix(".github.io")] if host.endswith(".github.io") else []
    repository = owner + folders if owner or host == "github.com" else []
    if len(repository) == len(("owner", "name")):
        return ((f"https://raw.githubusercontent.com/{'/'.join(repository)}/HEAD{_SUMMARY}",),)
    return document_sets(base, (_SUMMARY,))


def looks_like(payload: Payload) -> bool:
    rows = payload.array()
    return bool(rows) and isinstance(rows[0], dict) and {"slug", "status", "dailyMinutesDown"} <= rows[0].keys()


def parse(*payloads: Payload) -> PageStatus:
    unknown = UnknownValues()
    rows = required(named(payloads[0].rows(unknown), unknown, "slug", "name"))
    components = tuple(_component(row, unknown) for row in rows)
    return PageStatus(components=components, unknown_words=unknown.count)


def _component(row: Row, unknown: UnknownValues) -> Component:
    return Component(
        id=text_in(row, "slug", "name"),
        name=text_in(row, "name", "slug"),
        status=unknown.status(row.get("status"), _STATUS),
        uptime=_uptime(row),
    )


def _uptime(row: Row) -> Mapping[str, float]:
    shares = {window: _share(text_in(row, key)) for key, window in _WINDOWS.items()}
    return {window: share for window, share in shares.items() if share is not None}


def _share(text: str) -> float | None:
    percent = _PERCENT.fullmatch(text)
    return ratio(round(float(percent[1]) / 100, 6)) if percent else None

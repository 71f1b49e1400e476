"""One read of a status page or of a source of reports, one observation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ai_provider_exporter.model.observation import PageObservation, ReportsObservation
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.outcome import failure_of, outcome
from ai_provider_exporter.status_pages.detect import recognize
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.reader import PageReader, Read, read_saved

if TYPE_CHECKING:  # spares the verb `page` the import
    from ai_provider_exporter.reports.reader import ReportsReader


async def page(reader: PageReader, health: HostHealth) -> PageObservation:
    """Read one status page once."""
    at, started = health.wall(), time.perf_counter()
    read = await outcome(reader.read())
    seconds = time.perf_counter() - started
    if isinstance(read, Exception):
        reason, detail = failure_of(read, f"reading the status page of {reader.provider}")
        return PageObservation(
            provider=reader.provider,
            format=reader.format,
            at=at,
            fetch_seconds=seconds,
            reason=reason,
            detail=health.redact(detail),
        )
    return PageObservation(
        provider=reader.provider,
        format=read.format,
        at=at,
        fetch_seconds=seconds,
        page=read.page,
        not_modified=read.not_modified,
        bytes_received=read.bytes_received,
        missing_components=read.missing_components,
    )


async def reports(reader: ReportsReader, health: HostHealth) -> ReportsObservation:
    """Read one source of reports once."""
    at = health.wall()
    read = await outcome(reader.read())
    if isinstance(read, Exception):
        reason, detail = failure_of(read, f"reading {reader.source} about {reader.provider}")
        detail = health.redact(detail)
        return ReportsObservation(provider=reader.provider, source=reader.source, at=at, reason=reason, detail=detail)
    return ReportsObservation(provider=reader.provider, source=reader.source, at=at, reports=read)


async def saved_page(payload: Payload, provider: str, format_name: str | None) -> PageObservation:
    """A saved document, read as that format or as the first that is sure of it."""
    now, name = time.time(), format_name or recognize(payload)
    read = await outcome(_saved(payload, name, now))
    if isinstance(read, Exception):
        reason, detail = failure_of(read, f"reading the saved page {provider}")
        return PageObservation(
            provider=provider, format=name or "", at=now, fetch_seconds=0.0, reason=reason, detail=detail
        )
    return PageObservation(provider=provider, format=read.format, at=now, fetch_seconds=0.0, page=read.page)


async def _saved(payload: Payload, format_name: str | None, now: float) -> Read:
    return read_saved(payload, format_name, now)

"""Reads one source again and again, and leaves it alone for as long as it asks to be."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx2

from ai_provider_exporter.model.observation import Reports
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.reports.client import ReportsClient
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.isolation import Run, run_here

MAX_PAUSE = 3600.0  # seconds, whatever a server asks for


class ReportsReader:
    def __init__(
        self,
        options: ReportsOptions,
        client: httpx2.AsyncClient,
        *,
        secret: Callable[[Secret], str],
        now: Callable[[], float] = time.time,
        run: Run = run_here,
    ) -> None:
        self.provider, self.source = options.provider, options.source
        self._options, self._now = options, now
        self._reports_client = ReportsClient(client, secret=secret, now=now, timeout=options.timeout, run=run)
        self._pause: tuple[float, PageFailure] | None = None

    async def read(self) -> Reports:
        """Raises PageFailure or Failure, as `Source.read`."""
        if self._pause and self._now() < self._pause[0]:
            failure = self._pause[1]
            raise PageFailure(failure.reason, f"{failure.detail}; it is left alone for a while")
        try:
            return await SOURCES[self.source].read(self._options, self._reports_client)
        except PageFailure as failure:
            if failure.retry_after_seconds is not None:
                self._pause = self._now() + min(failure.retry_after_seconds, MAX_PAUSE), failure
            raise

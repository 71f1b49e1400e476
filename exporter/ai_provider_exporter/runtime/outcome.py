"""The one place that catches everything: below it everything raises, above it nothing does.

A probe, a page or a source of reports that fails is an outcome to be recorded, whatever was raised. Cancellation is
none, and passes through.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import TypeVar

from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.status_pages.errors import PageFailure

T = TypeVar("T")

log = logging.getLogger(__name__)


async def outcome(work: Awaitable[T]) -> T | Exception:
    """What `work` returns, or what it raised."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001  # any exception is an outcome of the run
        return error


def failure_of(error: Exception, task: str) -> tuple[str, str]:
    """Reason and detail of an exception; one that names no reason is a defect of ours, logged with its traceback."""
    if isinstance(error, Failure | PageFailure):
        return error.reason, error.detail
    log.error("%s failed through a defect of this program", task, exc_info=error)
    return "prober_error", f"{type(error).__name__}: {error}"

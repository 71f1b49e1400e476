"""Warnings that strangers can cause, such as malformed requests: logged once a minute, and counted in between."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

INTERVAL_SECONDS = 60.0


class OncePerMinute(logging.LoggerAdapter[logging.Logger]):
    """Logs one warning of each text a minute, with how many were left out since; all else is logged as ever."""

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logger)
        self._clock = clock
        self._last: dict[str, tuple[float, int]] = {}  # template, written in the program -> time logged, left out since

    @property
    def level(self) -> int:
        return self.logger.level

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        at, left_out = self._last.get(str(msg), (-INTERVAL_SECONDS, 0))
        if self._clock() - at < INTERVAL_SECONDS:
            self._last[str(msg)] = at, left_out + 1
            return
        self._last[str(msg)] = self._clock(), 0
        rest = f" ({left_out} more in the last minutes)" if left_out else ""
        super().warning(f"{msg}{rest}", *args, **kwargs)

"""The last resort at the end: a thread that hangs in the kernel, such as one on a dead file system, cannot be ended."""

from __future__ import annotations

import logging
import os
import threading

log = logging.getLogger(__name__)


def exit_within(seconds: float) -> None:
    """End the process after `seconds` if it has not ended by then; status 0, as it was asked to end."""

    def exit_now() -> None:
        threads = sorted(thread.name for thread in threading.enumerate() if not thread.daemon)
        log.warning("still running %.1f s after the signal, held up by %s; exiting now", seconds, ", ".join(threads))
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(seconds, exit_now)
    timer.name, timer.daemon = "exit", True
    timer.start()

"""Reads small files of the user's that may hang: a FIFO, or a file on a dead file system."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from ai_provider_exporter.wire import daemon

MAX_BYTES = 64 * 1024
READ_SECONDS = 0.5  # for which reading a file may hold up the caller, who may be the loop that probes


class FileReader:
    """A file that hangs holds one thread, however often it is asked for."""

    def __init__(self, seconds: float = READ_SECONDS) -> None:
        self._seconds = seconds
        self._hanging: dict[str, Future[bytes]] = {}

    def read(self, path: str) -> bytes:
        """The first bytes, at most one more than MAX_BYTES; one that hung is tried again once it has answered.

        Raises:
            TimeoutError: reading it hangs.
            OSError: it cannot be read.
        """
        hanging = self._hanging.pop(path, None)
        reading = hanging or daemon.start(lambda: _read(path), "file")
        try:
            return reading.result(0 if hanging else self._seconds)
        except TimeoutError:
            if not reading.done():
                self._hanging[path] = reading
            raise


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(MAX_BYTES + 1)

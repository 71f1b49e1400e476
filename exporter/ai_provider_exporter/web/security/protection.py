"""What `--web.config.file` puts around the web server: TLS below it, passwords and limits in front of it.

Imported only where that file is given: its TLS library costs 9 MB and a twentieth of a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from ai_provider_exporter.web.security.connection import Limits
from ai_provider_exporter.web.security.guard import Guard
from ai_provider_exporter.web.security.tls_connection import TlsConnection
from ai_provider_exporter.web.security.toolkit_file import ToolkitFile


class Protection:
    """One file, read again whenever it changes.

    Raises:
        ConfigErrors: the file is wrong.
    """

    def __init__(self, path: Path) -> None:
        self._file = ToolkitFile(path)
        self._handshakes: dict[TlsConnection, None] = {}
        self.speaks_tls = self._file.speaks_tls

    def guard(self, app: ASGIApp) -> ASGIApp:
        return Guard(app, self._file, time.monotonic)

    def protocol(self, plain: Callable[..., asyncio.Protocol], limits: Limits) -> Callable[..., asyncio.Protocol]:
        """What uvicorn is to make for each connection, around what it would make without TLS."""
        if not self.speaks_tls:
            return plain

        def make(**wiring: Any) -> asyncio.Protocol:
            return TlsConnection(self._file.context, plain(**wiring), self._handshakes, limits)

        return make

    def abort_handshakes(self) -> bool:
        """Cut off whoever is not through yet; tells whether there was anybody."""
        handshakes = list(self._handshakes)
        for handshake in handshakes:
            handshake.raw.abort()
        return bool(handshakes)

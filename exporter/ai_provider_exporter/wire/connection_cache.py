"""`connection: warm`: one connection that a probe keeps open between its runs."""

from __future__ import annotations

from typing import NamedTuple

from ai_provider_exporter.wire.connection import Connection
from ai_provider_exporter.wire.message import Origin
from ai_provider_exporter.wire.route import Route


class _Kept(NamedTuple):
    origin: Origin
    route: Route
    connection: Connection


class Keeper:
    """Of one probe: never more than one idle connection, which is given up as soon as anything happens on it."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None

    def take(self, origin: Origin, route: Route) -> Connection | None:
        """The idle connection, if it leads there and the server has neither closed it nor spoken on it."""
        kept, self._kept = self._kept, None
        if kept is None:
            return None
        if (kept.origin, kept.route) == (origin, route) and kept.connection.idle:
            return kept.connection
        kept.connection.abort()
        return None

    def keep(self, origin: Origin, route: Route, connection: Connection) -> None:
        self.close()
        self._kept = _Kept(origin, route, connection)

    def close(self) -> None:
        """Give up the idle connection, if there is one; the keeper stays usable."""
        if self._kept is not None:
            self._kept.connection.abort()
            self._kept = None

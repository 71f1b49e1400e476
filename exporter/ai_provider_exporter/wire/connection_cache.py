"""`connection: warm`: one connection that a probe keeps open between its runs."""

from __future__ import annotations

from typing import NamedTuple

from ai_provider_exporter.wire.connection import Connection
from ai_provider_exporter.wire.message import Origin
from ai_provider_exporter.wire.route import Route


class _Idle(NamedTuple):
    origin: Origin
    route: Route
    connection: Connection


class ConnectionCache:
    """Of one probe: never more than one idle connection, which is given up as soon as anything happens on it."""

    def __init__(self) -> None:
        self._idle: _Idle | None = None

    def take(self, origin: Origin, route: Route) -> Connection | None:
        """The idle connection, if it leads there and the server has neither closed it nor spoken on it."""
        idle, self._idle = self._idle, None
        if idle is None:
            return None
        if (idle.origin, idle.route) == (origin, route) and idle.connection.idle:
            return idle.connection
        idle.connection.abort()
        return None

    def put(self, origin: Origin, route: Route, connection: Connection) -> None:
        self.close()
        self._idle = _Idle(origin, route, connection)

    def close(self) -> None:
        """Give up the idle connection, if there is one; the cache stays usable."""
        if self._idle is not None:
            self._idle.connection.abort()
            self._idle = None

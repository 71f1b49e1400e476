"""The way to the Collector, as it is configured now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from ai_provider_exporter.metrics.otel.options import OtelOptions
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.schema.types import Secret


class Push(Protocol):
    """What `push.Push` is; its module takes a third of a second to load, for those alone who push."""

    def record(self, options: ProbeOptions, run: ProbeObservation) -> None: ...

    def close(self) -> None: ...


class Outlet:
    """Use on one event loop; closed until `change` opens it."""

    def __init__(self, secret: Callable[[Secret], str], proxy_for: Callable[[str], str] = lambda _: "") -> None:
        self._secret, self._proxy_for = secret, proxy_for
        self._options = OtelOptions()
        self._push: Push | None = None

    def record(self, options: ProbeOptions, run: ProbeObservation) -> None:
        if self._push is not None:
            self._push.record(options, run)

    async def change(self, options: OtelOptions, *, anew: bool = False) -> None:
        """Go on under other options. `anew`: begin to count anew in any case, so that what is gone is told no more."""
        if options != self._options or (anew and self._push is not None):
            await self.close()
            self._options = options
            self._push = await asyncio.to_thread(self._open)

    async def close(self) -> None:
        """Send what is left."""
        push, self._push = self._push, None
        if push is not None:
            await asyncio.to_thread(push.close)

    def _open(self) -> Push | None:
        if not self._options.url:
            return None
        module = import_module("ai_provider_exporter.metrics.otel.push")
        return cast("Push", module.Push(self._options, self._secret, self._proxy_for))

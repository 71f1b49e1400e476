"""Probes of targets that Prometheus discovers: run on request, and no more often than their module allows.

Two Prometheus servers that request the same target get the same run: it is paid for once.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ai_provider_exporter.model.state import State
from ai_provider_exporter.probes.module import Module, Target, leads_elsewhere
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.runtime.jobs import ProbeJob
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.schema.types import suggestion
from ai_provider_exporter.wire import Resolver

MAX_TARGETS = 1000
_HOSTNAME = re.compile(r"[A-Za-z0-9.-]{1,253}")
MINUTE = 60.0
KEEP_SECONDS = 3600.0  # since the last request; what was counted begins anew after that


class TargetError(Exception):
    """No probe was run; the message is one sentence that says why, and what to do."""


class InvalidTargetError(TargetError):
    """The request is none."""


class ForbiddenTargetError(TargetError):
    """The module must not be sent there."""


class TargetNotReadyError(TargetError):
    """There is nothing to tell yet."""


class TooManyRunsError(TargetError):
    """The module has run as often as it may in a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """`patience` is how many seconds there are for an answer; None: as long as it takes.

    `hostname` is the name that the server is asked for; empty: that of the target.
    """

    module: str
    target: str
    hostname: str = ""
    patience: float | None = None


Start = Callable[[ProbeOptions, Resolver, Store], ProbeJob]
"""A job that goes out by that resolver and folds what it sees into that store, which begins to count the probe."""


class Targets:
    """Lives on the loop that probes."""

    def __init__(
        self,
        start: Start,
        resolve: Resolver,
        *,
        max_targets: int = MAX_TARGETS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start
        self._resolve = resolve
        self._max_targets = max_targets
        self._clock = clock
        self._modules: Mapping[str, Module] = {}
        self._targets: dict[tuple[str, str], _Target] = {}
        self._runs: dict[str, tuple[float, int]] = {}  # name of a module -> when its minute began, runs since

    async def change(self, modules: Mapping[str, Module]) -> None:
        """Go on under other modules; the targets of one that is unchanged are kept."""
        gone = [key for key in self._targets if modules.get(key[0]) != self._modules.get(key[0])]
        self._modules = modules
        self._runs = {name: count for name, count in self._runs.items() if name in modules}
        await asyncio.gather(*(self._targets.pop(key).end() for key in gone))

    async def probe(self, request: ProbeRequest) -> State:
        """What the last run showed, after a new one if it is time for one.

        Raises:
            InvalidTargetError, ForbiddenTargetError, TargetNotReadyError
        """
        module, target = self._parse(request)
        probed = self._targets.get(_key(module, target, request.hostname))
        if probed is None or probed.is_due(self._clock()):
            host = target.host
            if module.admits(host) is None and await leads_elsewhere(module, host, self._resolve):
                raise ForbiddenTargetError(f"{host} leads to no address that hosts of module {module.name} names.")
            self._count_run(module)
        return await self._target(module, target, request.hostname).probe(self._clock(), request.patience)

    def _parse(self, request: ProbeRequest) -> tuple[Module, Target]:
        if not request.module or not request.target:
            raise InvalidTargetError("Name both a module and a target: /probe?module=NAME&target=http://HOST:PORT/v1.")
        module = self._modules.get(request.module)
        if module is None:
            hint = suggestion(request.module, self._modules) if self._modules else "write modules: in the file"
            raise InvalidTargetError(f"There is no module called {request.module!r}; {hint}.")
        try:
            target = module.read(request.target)
        except ValueError as error:
            raise InvalidTargetError(f"The target {error}.") from None
        where = f"Module {module.name} is not to be sent to"
        if module.admits(target.host) is False:
            raise ForbiddenTargetError(f"{where} {target.host}; its hosts do not name it.")
        if not module.admits_path(target.path):
            raise ForbiddenTargetError(f"{where} {target.path}; its paths do not name it.")
        if request.hostname and not _HOSTNAME.fullmatch(request.hostname):
            raise InvalidTargetError("The hostname is none; write letters, digits, dots and dashes.")
        return module, target

    def _target(self, module: Module, target: Target, hostname: str) -> _Target:
        key = _key(module, target, hostname)
        if key not in self._targets:
            self._make_room()
            self._targets[key] = _Target(module, target, hostname, self._start, self._resolve)
        return self._targets[key]

    def _count_run(self, module: Module) -> None:
        """One run more of this module; the count begins anew each minute."""
        now = self._clock()
        began, runs = self._runs.get(module.name, (now, 0))
        if now - began >= MINUTE:
            began, runs = now, 0
        if runs >= module.max_runs_per_minute:
            raise TooManyRunsError(
                f"Module {module.name} has run {runs} times in this minute, its max_runs_per_minute; ask again later."
            )
        self._runs[module.name] = began, runs + 1

    def _make_room(self) -> None:
        """Forget the targets that were not requested lately; none whose next run would come too early for it."""
        now = self._clock()
        for key in [key for key, target in self._targets.items() if now - target.requested_at > KEEP_SECONDS]:
            del self._targets[key]
        if len(self._targets) < self._max_targets:
            return
        idle = [key for key, target in self._targets.items() if target.is_due(now)]
        if not idle:
            raise TargetNotReadyError(f"{self._max_targets} targets are probed already; give each exporter fewer.")
        del self._targets[min(idle, key=lambda key: self._targets[key].requested_at)]


def _key(module: Module, target: Target, hostname: str) -> tuple[str, str]:
    return module.name, f"{target.spelling} {hostname.lower()}"


class _Target:
    """One target of one module, what its runs showed, and the run under way if there is one."""

    def __init__(self, module: Module, target: Target, hostname: str, start: Start, resolve: Resolver) -> None:
        options = module.aimed(target.text, hostname)
        self._module, self._options = module, options
        self._store = Store()
        self._job = start(options, module.guarded(options.endpoint_host, resolve), self._store)
        self._job.begin()
        self._run: asyncio.Task[None] | None = None
        self._begun_at: float | None = None
        self.requested_at = float("inf")

    def is_due(self, now: float) -> bool:
        is_early = self._begun_at is not None and now - self._begun_at < self._module.min_interval
        return self._run is None and not is_early

    async def probe(self, now: float, patience: float | None) -> State:
        self.requested_at = now
        if self.is_due(now):
            self._begun_at = now
            self._run = asyncio.create_task(self._run_once(patience))
            patience = None  # the run itself is no longer than that
        run = self._run
        if run is not None:
            await asyncio.wait({run}, timeout=patience)
            if run.done() and not run.cancelled():
                run.result()
        state = self._store.state
        if not any(probe.last or probe.skipped for probe in state.probes.values()):
            raise TargetNotReadyError("The run is still under way; ask again, or allow the scrape more time.")
        return state

    async def _run_once(self, patience: float | None) -> None:
        try:
            await self._job.tick(self._options.timeout if patience is None else patience)
            self._forget_history()
        finally:
            self._run = None

    def _forget_history(self) -> None:
        """Nobody looks at it, and there may be a thousand."""
        for probe in list(self._store.state.probes.values()):
            lean = replace(
                probe, recent_successes=probe.recent_successes[-1:], recent_failures=probe.recent_failures[-1:]
            )
            self._store.state = self._store.state.with_probe(lean)

    async def end(self) -> None:
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)

"""Puts it together: a scenario behind one listening address."""

import argparse
import asyncio
import json
import logging
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from ai_provider_exporter.runtime import logs
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.simulator.apis.api import Reply, json_reply, reply
from ai_provider_exporter.simulator.desk import Desk, Verdict
from ai_provider_exporter.simulator.loading import load
from ai_provider_exporter.simulator.player import Player
from ai_provider_exporter.simulator.scenario import Scenario, Step
from ai_provider_exporter.simulator.server import Request, Responder, Server
from ai_provider_exporter.simulator.truth import Exchange, Truth
from ai_provider_exporter.simulator.world import World
from ai_provider_exporter.wire import event_loop

_log = logging.getLogger(__name__)


class Simulator:
    """Plays `scenario` while the context is open; `url` says where, without a slash at its end.

    `clock` tells seconds that pass; `speed` compresses the timeline, never a latency; `epoch` is the wall
    clock in Unix seconds at the start: pages date what they tell by it, so a probe beside them agrees.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        clock: Callable[[], float] = time.monotonic,
        speed: float = 1.0,
        epoch: float | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.scenario, self.truth = scenario, Truth()
        self.url = ""
        self._clock, self._speed, self._tls = clock, speed, tls
        self._address = (host, port)
        self._epoch = time.time() if epoch is None else epoch
        self._started = clock()
        self._world = World(scenario, self._epoch, speed)
        self._desk = Desk(self._world)
        self._server = Server(self._answer)

    async def __aenter__(self) -> Self:
        host, port = await self._server.start(*self._address, self._tls)
        name = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if self._tls else 'http'}://{name}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop()
        if self._server.errors and error is None:
            raise self._server.errors[0]

    @property
    def elapsed(self) -> float:
        """Seconds since the start, not compressed."""
        return self._clock() - self._started

    async def settled(self) -> None:
        """Wait until no request is being answered: until then the truth is not complete."""
        await self._server.settled()

    def apply(self, step: Step | Mapping[str, Any]) -> None:
        """Make `step` true now, whatever its `at` says; a mapping is written as in the YAML.

        Raises:
            ValueError: it is no step, or speaks of what the scenario does not have.
        """
        if not isinstance(step, Step):
            step = Step.model_validate_json(json.dumps(step))
        self._advance()
        self._world.apply(step, self._epoch + self.elapsed)

    def describe(self) -> dict[str, Any]:
        """Return what is in force now, as `/-/scenario` shows it."""
        self._advance()
        return {
            "name": self.scenario.name,
            "seconds": round(self.elapsed * self._speed, 3),
            "speed": self._speed,
            "forgotten": self.truth.forgotten,
            "providers": self._world.describe(),
        }

    def _advance(self) -> None:
        for step in self._world.due(self.elapsed * self._speed):
            self._world.apply(step, self._epoch + step.at / self._speed)

    async def _answer(self, request: Request, responder: Responder) -> None:
        self._advance()
        if request.path.startswith("/-/"):
            exchange = Exchange(0, "", request.method, request.path, received=request.received)
            await play(responder, exchange, Verdict(self._control(request)))
            return
        exchange = self._desk.open(request)
        self.truth.append(exchange)
        try:
            verdict = self._desk.decide(request, exchange, self._epoch + self.elapsed)
            await play(responder, exchange, verdict)
        except asyncio.CancelledError:
            exchange.client_left, exchange.end = True, perf_counter()
            raise
        finally:
            exchange.end = exchange.end or perf_counter()

    def _control(self, request: Request) -> Reply:
        match request.method, request.path:
            case "GET", "/-/healthy":
                return json_reply({"healthy": True})
            case "GET", "/-/scenario":
                return json_reply(self.describe())
            case "GET", "/-/truth":
                return reply(self.truth.json_lines(), "application/x-ndjson")
            case "POST", "/-/apply":
                return self._apply(request)
        return json_reply({"error": "there is healthy, scenario, truth and POST apply"}, status=404)

    def _apply(self, request: Request) -> Reply:
        try:
            self.apply(Step.model_validate_json(request.body))
        except ValueError as error:
            return json_reply({"error": str(error)}, status=400)
        return json_reply(self.describe())


async def play(responder: Responder, exchange: Exchange, verdict: Verdict) -> None:
    player = Player(responder, exchange, verdict.provider, verdict.tempo, verdict.breakage)
    await player.play(verdict.reply)


async def serve(source: str | Path, listen: str, speed: float = 1.0) -> None:
    """Play the scenario `source`, a file or a shipped name, at `listen`, a HOST:PORT, until cancelled.

    Raises:
        ConfigErrors: it cannot be read.
        OSError: the address cannot be listened on, or is none.
    """
    host, _, port = listen.rpartition(":")
    if not port.isdecimal():
        raise OSError(f"{listen!r} is no address; write HOST:PORT, such as 127.0.0.1:10191")
    scenario = load(source)
    async with Simulator(scenario, host=host.strip("[]"), port=int(port), speed=speed) as simulator:
        _log.info("playing %s at %s, %s times as fast", scenario.name, simulator.url, speed)
        await asyncio.get_running_loop().create_future()


def main(arguments: argparse.Namespace) -> int:
    """The verb `simulate`."""
    logs.set_up("info", "logfmt", str)
    try:
        event_loop.run(serve(arguments.scenario, arguments.listen, arguments.speed))
    except (ConfigErrors, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0

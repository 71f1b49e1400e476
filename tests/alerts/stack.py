"""Exporter, simulator, Prometheus, Alertmanager and a mailbox on loopback, in a hurry: a minute is a second."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import yaml

from alerts.src import build
from alerts.src.values import load
from tests.e2e.programs import Running, running
from tests.tools.loopback import Inbox, webhooks
from tests.tools.monitoring import Prometheus, alertmanager, hasten, prometheus

ROOT: Final = Path(__file__).parents[2]
# That this machine is too busy is true at times, and not on trial here.
VALUES: Final = ["alerts.AIProviderEventLoopLag.enabled=false"]
ROUTES: Final = ROOT / "alerts" / "alertmanager" / "alertmanager.yaml"
HASTE: Final = 60
KEYS: Final = {
    "KEY": "sim-key",
    "PAID": "sim-openai-paid",
    "FREE": "sim-openai-free",
    "ANTHROPIC": "sim-anthropic",
}

Notified = tuple[str, str, str]  # receiver, provider, alert


@dataclass
class Stack:
    simulator: Running
    exporter: Running
    server: Prometheus
    inbox: Inbox
    simulate: Callable[[str], AbstractContextManager[Running]]
    programs: ExitStack
    began: dict[str, float] = field(default_factory=dict)

    def apply(self, **step: Any) -> None:
        """Change what the simulator plays of a provider; remembers when its first failure could be."""
        self.began.setdefault(step["provider"], time.monotonic())
        httpx2.post(f"{self.simulator.url}/-/apply", json=step, trust_env=False).raise_for_status()

    def forget(self) -> None:
        """Start counting letters from here: what the start of the programs brought is not the scenario's."""
        self.inbox.letters.clear()
        self.inbox.arrivals.clear()

    def cut_off(self) -> None:
        """End the simulator: whatever the exporter asks is gone at once."""
        self.began.setdefault("", time.monotonic())
        self.simulator.process.terminate()
        self.simulator.process.wait(10)

    def restore(self) -> None:
        """Start the simulator again, where it was."""
        self.simulator = self.programs.enter_context(self.simulate(self.simulator.host))

    def notified(self, status: str) -> Counter[Notified]:
        """How often each alert was news: not listed with that status in its receiver's letter before."""
        listed: dict[tuple[str, str], set[str]] = {}
        news: Counter[Notified] = Counter()
        for receiver, letter in self.inbox.letters:
            now = {_identity(alert): alert for alert in letter["alerts"] if alert["status"] == status}
            before = listed.get((receiver, letter["groupKey"]), set())
            for identity in now.keys() - before:
                labels = now[identity]["labels"]
                news[receiver.strip("/"), labels.get("provider", ""), labels["alertname"]] += 1
            listed[receiver, letter["groupKey"]] = set(now)
        return news

    def about(self, provider: str, status: str) -> dict[Notified, int]:
        """What was notified about one provider."""
        return {notified: count for notified, count in self.notified(status).items() if notified[1] == provider}

    def minutes_played(self) -> float:
        """How far the simulator is in its scenario."""
        state = httpx2.get(f"{self.simulator.url}/-/scenario", trust_env=False).raise_for_status().json()
        return float(state["seconds"]) / 60

    def letters(self, receiver: str, provider: str) -> list[str]:
        """The statuses of the letters that a receiver got about a provider, in their order."""
        return [
            letter["status"]
            for where, letter in self.inbox.letters
            if where == f"/{receiver}" and letter["groupLabels"].get("provider", "") == provider
        ]

    def minutes_to_notification(self) -> dict[str, float]:
        """For each provider, from the first failure to the first letter about it, in minutes of the rules."""
        first: dict[str, float] = {}
        for (_, letter), moment in zip(self.inbox.letters, self.inbox.arrivals, strict=True):
            first.setdefault(letter["groupLabels"].get("provider", ""), moment)
        return {name: round(first[name] - self.began[name], 1) for name in self.began if name in first}


def _identity(alert: dict[str, Any]) -> str:
    return json.dumps(alert["labels"], sort_keys=True)


def routes(inbox: Inbox) -> dict[str, Any]:
    """The example's routes and inhibition in a hurry, with a mailbox for every receiver and no office hours."""
    config: dict[str, Any] = yaml.safe_load(hasten(ROUTES.read_text(), HASTE))
    for route in config["route"]["routes"]:
        route.pop("mute_time_intervals", None)
    mailboxes = [
        {"name": receiver["name"], "webhook_configs": [{"url": f"{inbox.url}/{receiver['name']}"}]}
        for receiver in config["receivers"]
    ]
    return config | {"receivers": mailboxes, "templates": []}


@contextmanager
def stack(directory: Path, scenario: str | Path, config: dict[str, Any], *, speed: str = "1") -> Iterator[Stack]:
    """All five programs; `config` is the exporter's, with {simulator} where the simulator's URL is due."""
    rules = directory / "rules.yaml"
    rules.write_text(hasten(build.rules(load([], VALUES)), HASTE))
    with ExitStack() as programs:
        enter = programs.enter_context

        def simulate(address: str) -> AbstractContextManager[Running]:
            return running(directory, "simulate", scenario, "--speed", speed, address=address)

        simulator = enter(simulate("127.0.0.1:0"))
        path = directory / "config.yaml"
        path.write_text(_filled(config, simulator))
        exporter = enter(running(directory, "serve", "--config.file", path, env=KEYS))
        inbox = enter(webhooks())
        pager = enter(alertmanager(directory, routes(inbox)))
        jobs = {"ai-provider-exporter": [exporter.host]}
        server = enter(prometheus(directory, jobs, rules=[rules], notifier=pager, every="500ms"))
        yield Stack(simulator, exporter, server, inbox, simulate, programs)


def _filled(config: dict[str, Any], simulator: Running) -> str:
    """Two names of the simulator's port: the exporter wants two hosts to tell its own egress by."""
    host, port = simulator.host, simulator.host.rpartition(":")[2]
    return json.dumps(config).replace("{simulator}", f"http://{host}").replace("{host}", host).replace("{port}", port)

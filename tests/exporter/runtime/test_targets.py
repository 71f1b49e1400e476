from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import pytest
from ai_provider_exporter.config.budget_options import BudgetOptions
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.state import State
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.http import HttpOptions
from ai_provider_exporter.probes.module import UNAIMED, Module, read_base_url
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.probes.target import canonical_url
from ai_provider_exporter.runtime.admission import Admission
from ai_provider_exporter.runtime.cost.budget import Budget
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.runtime.jobs import ProbeJob
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.runtime.targets import (
    ForbiddenTargetError,
    InvalidTargetError,
    ProbeRequest,
    TargetNotReadyError,
    Targets,
    TooManyRunsError,
)
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.wire import Address, Resolver

from tests.exporter import idle_time
from tests.exporter.wire.loopback import serving

WEB = HttpOptions(name="web", provider="mine", url=UNAIMED["url"], interval=60.0, timeout=5.0)
API = ChatOptions(name="api", provider="mine", base_url=f"{UNAIMED['base_url']}/v1", model="m", dialect="openai_chat")
MODULE = Module(WEB, ("127.0.0.0/8", "*.svc"))


@dataclass
class Around:
    """What surrounds the targets in a test: a clock, a resolver, a server that counts, and a budget."""

    now: float = 1000.0
    leads: list[str] = field(default_factory=lambda: ["127.0.0.1"])
    worst: float = 0.0
    asked: int = 0
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    hang: bool = False
    budget: Budget = field(default_factory=lambda: Budget.open(BudgetOptions(daily_usd=1.0)))

    async def resolve(self, _host: str, port: int, _family: int = 0) -> Sequence[Address]:
        """Where the name leads now; the last place stays."""
        place = self.leads.pop(0) if len(self.leads) > 1 else self.leads[0]
        return [(place, port)]

    def start(self, options: ProbeOptions, resolve: Resolver, store: Store) -> ProbeJob:
        return ProbeJob(
            options,
            context=ProbeContext(secret=_no_secret, resolve=resolve),
            health=HostHealth(),
            store=store,
            admission=Admission(options.interval, budget=lambda: self.budget, max_cost=lambda: self.worst),
        )

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        self.is_asked.set()
        if self.hang:
            await asyncio.sleep(30)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        await writer.drain()

    @asynccontextmanager
    async def targets(self, *modules: Module, max_targets: int = 10) -> AsyncIterator[tuple[Targets, int]]:
        """Targets under these modules, and the port of the server."""
        targets = Targets(self.start, self.resolve, max_targets=max_targets, clock=lambda: self.now)
        async with serving(self.answer) as port:
            await targets.change({module.name: module for module in modules or (MODULE,)})
            yield targets, port
            await targets.change({})


def _no_secret(_: Secret) -> str:
    raise NotImplementedError


def _probe(state: State) -> ProbeState:
    (probe,) = state.probes.values()
    return probe


def _last(state: State) -> ProbeObservation:
    last = _probe(state).last
    assert last is not None
    return last


# --- which hosts a module may be sent to -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "host", "expected"),
    [
        pytest.param(["10.0.0.0/8"], "10.1.2.3", True, id="an address in a network"),
        pytest.param(["10.0.0.0/8"], "11.1.2.3", False, id="an address outside"),
        pytest.param(["10.1.2.3"], "10.1.2.3", True, id="one address"),
        pytest.param(["10.0.0.0/8"], "::ffff:10.1.2.3", True, id="an address in the guise of IPv6"),
        pytest.param(["fd00::/8"], "10.1.2.3", False, id="another family"),
        pytest.param(["10.0.0.0/8"], "gpu-1.svc", None, id="a name, that may lead into the network"),
        pytest.param(["*.svc"], "gpu-1.svc", True, id="a name that fits a glob"),
        pytest.param(["*.svc"], "svc.evil.example", False, id="a name that does not"),
        pytest.param(["*.svc"], "10.1.2.3", False, id="an address where only names are"),
        pytest.param(["*"], "10.1.2.3", False, id="an address where any name is"),
    ],
)
def test_a_module_is_sent_only_where_its_hosts_say(hosts: list[str], host: str, *, expected: bool | None) -> None:
    assert Module(WEB, tuple(hosts)).admits(host) is expected


@pytest.mark.parametrize(
    "target",
    [
        "http://10.9.9.9/",
        "http://evil.example/",
        "http://127.0.0.1.evil.example",
        "http://[::1]:80",
        "http://a.svc.evil/",
    ],
)
def test_a_target_that_hosts_do_not_name_is_forbidden_and_not_asked(target: str) -> None:
    around = Around(leads=["10.9.9.9"])

    async def ask() -> None:
        async with around.targets() as (targets, _):
            await targets.probe(ProbeRequest(module="web", target=target))

    with pytest.raises(ForbiddenTargetError, match="hosts"):
        idle_time.run(ask())
    assert around.asked == 0


def test_a_name_is_asked_at_the_address_that_was_checked() -> None:
    around = Around()

    async def ask() -> State:
        async with around.targets() as (targets, port):
            return await targets.probe(ProbeRequest(module="web", target=f"http://name.example:{port}"))

    state = idle_time.run(ask())

    assert _last(state).reason == "ok"
    assert _probe(state).info["endpoint_host"] == "name.example"


def test_a_name_that_leads_elsewhere_between_check_and_connection_is_not_followed() -> None:
    around = Around(leads=["127.0.0.1", "192.0.2.1"])

    async def ask() -> State:
        async with around.targets() as (targets, port):
            return await targets.probe(ProbeRequest(module="web", target=f"http://name.example:{port}"))

    run = _last(idle_time.run(ask()))

    assert (run.reason, run.fault) == ("forbidden", "ours")
    assert "name.example leads to no address" in run.detail
    assert around.asked == 0


@pytest.mark.parametrize(
    ("module", "target", "said"),
    [
        ("", "http://127.0.0.1", "Name both a module and a target"),
        ("web", "", "Name both a module and a target"),
        ("wbe", "http://127.0.0.1", "did you mean web?"),
        ("web", "ftp://127.0.0.1", "is not an http or https URL"),
        ("web", "http://user:key@127.0.0.1/", "holds a user or password"),
        ("web", "http://127.0.0.1/#b", "has a query or fragment"),
        ("web", "http://127.0.0.1:99999", "has a port that is no number"),
    ],
)
def test_a_question_that_is_none_says_how_to_ask(module: str, target: str, said: str) -> None:
    async def ask() -> None:
        async with Around().targets() as (targets, _):
            await targets.probe(ProbeRequest(module=module, target=target))

    with pytest.raises(InvalidTargetError, match=said.replace("?", r"\?")):
        idle_time.run(ask())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.7:8000", "http://10.0.0.7:8000"),
        ("http://Host.SVC:8000/V1/", "http://host.svc:8000/V1"),
        ("https://[FD00::1]:8443", "https://[fd00::1]:8443"),
    ],
)
def test_a_target_has_one_spelling(text: str, expected: str) -> None:
    assert read_base_url(text).text == expected


@pytest.mark.parametrize(
    ("paths", "target", "is_admitted"),
    [
        pytest.param(None, "/v1", True, id="an API, by default"),
        pytest.param(None, "/v1/other", False, id="below an API"),
        pytest.param(("/team-*/v1",), "/team-a/v1", True, id="named"),
        pytest.param(("/v1",), "/v1/x/..", False, id="another path once dots are gone"),
        pytest.param(("/v1",), "/%76%31", True, id="the same in escapes"),
    ],
)
def test_a_module_is_sent_only_to_its_paths(paths: tuple[str, ...] | None, target: str, *, is_admitted: bool) -> None:
    module = Module(API, ("127.0.0.0/8",), paths=paths)

    assert module.admits_path(urlsplit(canonical_url(f"http://127.0.0.1{target}")).path) is is_admitted


def test_a_target_with_a_path_that_paths_do_not_name_is_forbidden_and_not_requested() -> None:
    around = Around()

    async def ask() -> None:
        async with around.targets(Module(WEB, ("127.0.0.0/8",), paths=("/health",))) as (targets, port):
            await targets.probe(ProbeRequest(module="web", target=f"http://127.0.0.1:{port}/admin"))

    with pytest.raises(ForbiddenTargetError, match="is not to be sent to /admin; its paths do not name it"):
        idle_time.run(ask())
    assert around.asked == 0


def test_a_module_runs_no_more_than_it_may_in_a_minute() -> None:
    around = Around()

    async def ask() -> list[type[Exception] | None]:
        outcomes: list[type[Exception] | None] = []
        async with around.targets(Module(WEB, ("127.0.0.0/8",), max_runs_per_minute=2)) as (targets, port):
            for around.now, path in ((1000, "/a"), (1001, "/b"), (1002, "/c"), (1060, "/c")):
                try:
                    await targets.probe(ProbeRequest(module="web", target=f"http://127.0.0.1:{port}{path}"))
                    outcomes.append(None)
                except TooManyRunsError as error:
                    outcomes.append(type(error))
        return outcomes

    assert idle_time.run(ask()) == [None, None, TooManyRunsError, None]
    assert around.asked == 3


# --- how often ---------------------------------------------------------------------------------------------


def test_all_who_ask_within_the_interval_are_given_the_same_run() -> None:
    around = Around()

    async def ask() -> tuple[list[State], State, State]:
        async with around.targets() as (targets, port):
            spellings = [f"127.0.0.1:{port}", f"http://127.0.0.1:{port}/"] * 5
            together = await asyncio.gather(*(targets.probe(ProbeRequest(module="web", target=t)) for t in spellings))
            around.now += 59.9
            early = await targets.probe(ProbeRequest(module="web", target=spellings[0]))
            around.now += 0.1
            return together, early, await targets.probe(ProbeRequest(module="web", target=spellings[0]))

    together, early, late = idle_time.run(ask())

    assert {_last(state).started_at for state in together} == {_last(early).started_at}
    assert _probe(early).attempts == 1
    assert _probe(late).attempts == around.asked == 2
    assert _last(late).started_at > _last(early).started_at


def test_two_targets_are_counted_apart() -> None:
    around = Around()

    async def ask() -> list[State]:
        async with around.targets() as (targets, port):
            return [
                await targets.probe(ProbeRequest(module="web", target=f"{host}:{port}"))
                for host in ("127.0.0.1", "b.svc")
            ]

    hosts = [_probe(state).info["endpoint_host"] for state in idle_time.run(ask())]

    assert hosts == ["127.0.0.1", "b.svc"]


def test_a_run_ends_when_the_scrape_has_to() -> None:
    around = Around(hang=True)

    async def ask() -> State:
        async with around.targets() as (targets, port):
            return await targets.probe(ProbeRequest(module="web", target=f"127.0.0.1:{port}", patience=0.2))

    run = _last(idle_time.run(ask()))

    assert run.reason == "headers_timeout"
    assert run.duration_seconds == pytest.approx(0.2, abs=0.01)


def test_who_cannot_wait_for_the_run_of_another_is_told_so() -> None:
    around = Around(hang=True)

    async def ask() -> None:
        async with around.targets() as (targets, port):
            first = asyncio.create_task(targets.probe(ProbeRequest(module="web", target=f"127.0.0.1:{port}")))
            await asyncio.sleep(0)
            try:
                await targets.probe(ProbeRequest(module="web", target=f"127.0.0.1:{port}", patience=0.1))
            finally:
                first.cancel()

    with pytest.raises(TargetNotReadyError, match="still under way"):
        idle_time.run(ask())


def test_who_leaves_does_not_end_the_run_that_others_wait_for() -> None:
    around = Around()

    async def ask() -> State:
        async with around.targets() as (targets, port):
            request = ProbeRequest(module="web", target=f"127.0.0.1:{port}")
            first = asyncio.create_task(targets.probe(request))
            second = asyncio.create_task(targets.probe(request))
            await asyncio.sleep(0)
            first.cancel()
            return await second

    assert _last(idle_time.run(ask())).success


# --- what it may cost, and what is kept --------------------------------------------------------------------


def test_a_run_that_the_budget_has_no_room_for_is_skipped_and_says_so() -> None:
    around = Around(worst=2.0)

    async def ask() -> State:
        async with around.targets() as (targets, port):
            return await targets.probe(ProbeRequest(module="web", target=f"127.0.0.1:{port}"))

    probe = _probe(idle_time.run(ask()))

    assert dict(probe.skipped) == {"budget": 1}
    assert (probe.attempts, around.asked) == (0, 0)


def test_a_module_that_changes_forgets_its_targets_and_an_unchanged_one_does_not() -> None:
    around = Around()
    other = Module(WEB.model_copy(update={"name": "other"}), MODULE.hosts)

    async def ask() -> list[int]:
        async with around.targets(MODULE, other) as (targets, port):
            requests = [ProbeRequest(module=name, target=f"127.0.0.1:{port}") for name in ("web", "other")]
            for request in requests:
                await targets.probe(request)
            around.now += 60.0
            changed = replace(other, options=other.options.model_copy(update={"tier": "new"}))
            await targets.change({"web": MODULE, "other": changed})
            return [_probe(await targets.probe(request)).attempts for request in requests]

    assert idle_time.run(ask()) == [2, 1]


def test_a_run_under_way_ends_with_its_module() -> None:
    around = Around(hang=True)

    async def ask() -> State:
        async with around.targets() as (targets, port):
            asking = asyncio.create_task(targets.probe(ProbeRequest(module="web", target=f"127.0.0.1:{port}")))
            await around.is_asked.wait()
            await targets.change({})
            return await asyncio.wait_for(asking, 1.0)

    assert dict(_probe(idle_time.run(ask())).skipped) == {"shutdown": 1}


def test_the_target_that_was_asked_for_longest_ago_makes_room_unless_its_next_run_would_come_too_early() -> None:
    around = Around()

    async def ask() -> tuple[int, int]:
        async with around.targets(max_targets=2) as (targets, port):
            hosts = [ProbeRequest(module="web", target=f"{name}.svc:{port}") for name in "abc"]
            await targets.probe(hosts[0])
            around.now += 1.0
            await targets.probe(hosts[1])
            with pytest.raises(TargetNotReadyError, match="2 targets are probed already"):
                await targets.probe(hosts[2])
            around.now += 59.0
            await targets.probe(hosts[2])
            around.now += 60.0
            kept, begun_anew = await targets.probe(hosts[1]), await targets.probe(hosts[0])
            return _probe(kept).attempts, _probe(begun_anew).attempts

    assert idle_time.run(ask()) == (2, 1)


def test_of_a_target_only_its_last_runs_are_kept() -> None:
    around = Around()

    async def ask() -> State:
        async with around.targets() as (targets, port):
            for _ in range(5):
                around.now += 60.0
                state = await targets.probe(ProbeRequest(module="web", target=f"127.0.0.1:{port}"))
            return state

    probe = _probe(idle_time.run(ask()))

    assert (probe.attempts, len(probe.history)) == (5, 1)

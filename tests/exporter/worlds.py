"""States to look at: each tells one story that the board must get across. Names, figures and texts are made up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType

from ai_provider_exporter.metrics import Facts, View
from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    Maintenance,
    MaintenanceStatus,
    PageObservation,
    PageStatus,
    ProbeId,
    ProbeObservation,
    Reports,
    ReportsObservation,
    Status,
)
from ai_provider_exporter.model.page_state import PageState
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reasons import OK, fault_of
from ai_provider_exporter.model.reports_state import ReportsState
from ai_provider_exporter.runtime.store import Store
from ai_provider_exporter.web.context import WebContext

NOW = 1_770_151_647.0  # 3 February 2026, 20:47:27 UTC
INTERVAL = 30.0
TITLES = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gcp.gemini": "Google Gemini",
    "mistral_ai": "Mistral AI",
    "cohere": "Cohere",
    "groq": "Groq",
    "perplexity": "Perplexity",
}

_PHASES = {"dns": 0.004, "connect": 0.018, "tls": 0.031, "send": 0.0002, "headers": 0.19, "first_token": 0.08}
_DETAILS = {
    "overloaded": "the API answered 503: the engine is currently overloaded, please try again later",
    "headers_timeout": "no answer within 30s of the request",
    "key_rejected": "the API answered 401: incorrect API key provided",
    "first_token_timeout": "answer begun, and no token within 10s",
    "egress_down": "no way out: none of the hosts of the check can be reached",
    "connect_timeout": "no connection to api.example:443 within 10s",
    "throttled": "the API answered 429 without saying whose limit it was",
}


class World:
    """Folds a story into a state, run by run and read by read."""

    def __init__(self, titles: dict[str, str] | None = None) -> None:
        self.store = Store()
        self.facts = Facts()
        self.titles = TITLES if titles is None else titles
        self._seen: list[ProbeObservation | PageObservation | ReportsObservation] = []

    def probe(self, name: str, provider: str, reasons: Iterable[str], *, base: float = 0.3, **labels: str) -> ProbeId:
        """A probe whose last runs ended for `reasons`, oldest first, the newest a few seconds ago."""
        said = {"kind": "chat", "model": "small-1", "location": "fra1", "tier": "paid", **labels}
        found = ProbeId(probe=name, provider=provider, **said)
        host = f"api.{provider}.example"
        info = MappingProxyType({"dialect": "openai_chat", "endpoint_host": host, "connection": "cold"})
        self.store.add_probe(ProbeState(id=found, interval=INTERVAL, info=info))
        ended = list(reasons)
        offset = sum(name.encode()) % int(INTERVAL)
        for at, reason in enumerate(ended):
            start = NOW - offset - 21 - INTERVAL * (len(ended) - 1 - at)
            self._seen.append(run(found, start, reason, base * (1.2 + math.sin(at * 2.4 + offset))))
        return found

    def page(self, provider: str, *reads: tuple[float, PageStatus | None]) -> None:
        """A page that said this, from so many seconds ago until the next, and still says the last."""
        self.store.add_page(PageState(provider=provider, interval=60.0, url=f"https://status.{provider}.example"))
        ends = [ago for ago, _ in reads[1:]] + [0.0]
        for (begin, said), end in zip(reads, ends, strict=True):
            ago = begin
            while ago > end:
                self._seen.append(read(provider, NOW - ago, said))
                ago -= 60.0

    def users(self, provider: str, *said: tuple[float, Reports | None]) -> None:
        """What users were reported to say, so many seconds ago."""
        self.store.add_reports(ReportsState(provider=provider, source="downdetector", interval=300.0))
        for ago, reports in said:
            asked = ReportsObservation(provider=provider, source="downdetector", at=NOW - ago, reports=reports)
            self._seen.append(asked if reports else replace(asked, reason="server_error"))

    def view(self) -> View:
        for seen in sorted(self._seen, key=lambda s: s.ended_at if isinstance(s, ProbeObservation) else s.at):
            self.store.fold(seen)
        self._seen.clear()
        return View(state=self.store.state, now=NOW, facts=self.facts)

    def window(self) -> WebContext:
        view = self.view()
        return WebContext(
            view=lambda: view,
            config=lambda: "probes: []\n",
            ready=lambda: True,
            titles=self.titles,
            next_run=lambda probe, now: now + 17.0 if probe.interval else None,
        )


def run(probe: ProbeId, start: float, reason: str = OK, first_token: float = 0.3) -> ProbeObservation:
    if reason == OK:
        phases = {**_PHASES, "first_token": first_token, "stream": 0.11}
    elif reason == "headers_timeout":
        phases = {**_PHASES, "headers": 20.0}
        del phases["first_token"]
    else:
        phases = {name: _PHASES[name] for name in ("dns", "connect", "tls", "send", "headers")}
    waited = sum(list(phases.values())[:-1])
    return ProbeObservation(
        id=probe,
        started_at=start,
        duration_seconds=sum(phases.values()),
        reason=reason,
        fault=fault_of(reason),
        detail=_DETAILS.get(reason, ""),
        http_status={"overloaded": 503, "key_rejected": 401, "throttled": 429, OK: 200}.get(reason),
        phases=MappingProxyType(phases),  # type: ignore[arg-type]  # the keys are names of phases
        time_to_first_token_seconds=waited if reason == OK and probe.kind == "chat" else None,
        tokens=MappingProxyType({"input": 14, "output": 3}) if reason == OK else MappingProxyType({}),
        cost_usd=0.000012 if reason == OK else None,
        answer_correct=True if reason == OK else None,
    )


def read(provider: str, at: float, said: PageStatus | None) -> PageObservation:
    seen = PageObservation(provider=provider, format="statuspage", at=at, fetch_seconds=0.2, bytes_received=9000)
    if said is None:
        return replace(seen, reason="total_timeout", detail="the read did not end within 20s")
    return replace(seen, page=said)


def says(status: Status = Status.OPERATIONAL, *incidents: Incident, works: tuple[Maintenance, ...] = ()) -> PageStatus:
    """A page of four components; the first is as `status` says."""
    names = ("Chat Completions", "Responses", "Login", "Website")
    states = (status, *[Status.OPERATIONAL] * 3)
    return PageStatus(
        page_name="Status",
        indicator=status,
        components=tuple(
            Component(id=f"c-{at}", name=name, status=state, group="API" if at < 2 else "")
            for at, (name, state) in enumerate(zip(names, states, strict=True))
        ),
        incidents=incidents,
        maintenances=works,
    )


def incident(ago: float, name: str, impact: Impact = Impact.MAJOR, url: str = "") -> Incident:
    return Incident(
        id=f"inc-{name[:8]}",
        name=name,
        status=IncidentStatus.INVESTIGATING,
        impact=impact,
        started_at=NOW - ago,
        updated_at=NOW - ago / 3,
        url=url or "https://status.openai.example/incidents/1",
        components=("Chat Completions", "Responses"),
        updates=2,
    )


OVERLOADED = [*[OK] * 26, *["overloaded"] * 24]
PARTLY = [*[OK] * 24, *["overloaded", OK, "headers_timeout", OK] * 6, "overloaded"]
WELL = [OK] * 50


def _neighbours(world: World) -> None:
    world.probe("anthropic-chat", "anthropic", WELL, base=0.4)
    world.page("anthropic", (1500, says()))
    world.probe("gemini-chat", "gcp.gemini", WELL, base=0.25)
    world.page("gcp.gemini", (1500, says()))
    world.probe("mistral-chat", "mistral_ai", [*[OK] * 30, *["key_rejected"] * 20])
    world.page("mistral_ai", (1500, says()))
    world.page("cohere", (1500, says()))
    world.page("groq", (1500, says(Status.DEGRADED_PERFORMANCE, incident(900, "Slow answers", Impact.MINOR))))
    world.page("perplexity", (1500, None))
    world.store.record_egress("fra1", up=True)
    world.facts = Facts(budget_limits={"day": 1.0}, budget_spent={"day": 0.42}, budget_exhausted=False)


def _openai(world: World) -> None:
    world.probe("openai-chat", "openai", OVERLOADED)
    world.probe("openai-chat-free", "openai", ["overloaded"] * 40, tier="free")
    world.probe("openai-chat-us", "openai", OVERLOADED, location="us-east")
    world.probe("chatgpt-web", "openai", [*[OK] * 30, *["headers_timeout"] * 20], kind="http", model="", tier="")
    world.users("openai", (140, Reports(count=13_042, baseline=121)))


def unadmitted() -> World:
    """They are down for us, and their page is green."""
    world = World()
    _openai(world)
    world.page("openai", (1500, says()))
    _neighbours(world)
    return world


def admitted() -> World:
    """They are down for us, and have said so eight minutes after our first failed run."""
    world = World()
    _openai(world)
    story = incident(400, "Elevated error rates on ChatGPT and the API", Impact.CRITICAL)
    world.page("openai", (1500, says()), (240, says(Status.PARTIAL_OUTAGE, story)))
    _neighbours(world)
    return world


def partly() -> World:
    """Down where some of us stand, fine elsewhere, and their page speaks of it."""
    world = World()
    world.probe("openai-chat", "openai", WELL)
    world.probe("openai-chat-us", "openai", OVERLOADED, location="us-east")
    world.page("openai", (1500, says()), (240, says(Status.PARTIAL_OUTAGE, incident(400, "Errors in one region"))))
    return world


def ours() -> World:
    """Our key was revoked: they are well, and we are not served."""
    world = World()
    world.probe("openai-chat", "openai", [*[OK] * 20, *["key_rejected"] * 20])
    world.page("openai", (1500, says()))
    return world


def cut_off() -> World:
    """Our own way out is closed: every probe fails and no page is read."""
    world = World()
    for provider in ("openai", "anthropic", "gcp.gemini"):
        world.probe(f"{provider}-chat", provider, [*[OK] * 20, *["egress_down"] * 10])
        world.page(provider, (1500, says()), (300, None))
    world.store.record_egress("fra1", up=False)
    return world


def inside() -> World:
    """The way out is closed, and all that we ask lies on our side of it."""
    world = World({"vllm": "Our vLLM"})
    world.probe("vllm-chat", "vllm", OVERLOADED)
    world.store.record_egress("fra1", up=False)
    return world


def unreachable() -> World:
    """The way to one of them is broken, while the rest of the world is in reach."""
    world = World()
    world.probe("openai-chat", "openai", [*[OK] * 20, *["connect_timeout"] * 10])
    world.page("openai", (1500, says()))
    world.store.record_egress("fra1", up=True)
    return world


def reported() -> World:
    """Their page is red, and our probes are fine."""
    world = World()
    world.probe("openai-chat", "openai", WELL)
    world.page("openai", (1500, says(Status.PARTIAL_OUTAGE, incident(900, "Login fails"))))
    world.users("openai", (2000, Reports(count=90, baseline=121)), (200, None))
    return world


def unknown() -> World:
    """Nothing has run, one page cannot be read, and one was read too long ago."""
    world = World()
    world.probe("openai-chat", "openai", [])
    world.page("anthropic", (1500, None))
    world.page("gcp.gemini", (4000, says()), (1000, None))
    world.probe("mistral-chat", "mistral_ai", ["throttled"])
    return world


def maintenance() -> World:
    """They are at work, as they had announced."""
    work = Maintenance(
        id="m-1",
        name="Database upgrade",
        status=MaintenanceStatus.IN_PROGRESS,
        starts_at=NOW - 600,
        ends_at=NOW + 3000,
        url="https://status.openai.example/maintenances/1",
        components=("Login",),
    )
    world = World()
    world.probe("openai-chat", "openai", WELL)
    world.page("openai", (1500, says(Status.UNDER_MAINTENANCE, works=(work,))))
    return world


def unfunded() -> World:
    """The budget is spent: a free probe asks in the place of the paid one, which has gone stale."""
    world = World()
    paid = world.probe("openai-chat", "openai", [])
    world._seen += [run(paid, NOW - 3600 + 30 * at) for at in range(20)]
    world.probe("openai-chat", "openai", WELL, kind="models", model="")
    world.page("openai", (1500, says()))
    world.facts = Facts(budget_limits={"day": 1.0}, budget_spent={"day": 1.0}, budget_exhausted=True)
    return world


def hostile() -> World:
    """Whoever writes a status page writes its names."""
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
    world = World({"openai": evil})
    world.probe("openai-chat", "openai", OVERLOADED, model=evil, tier=evil)
    said = says(Status.MAJOR_OUTAGE, incident(600, evil, url="javascript:alert(3)"))
    component = Component(id="c", name=evil, status=Status.MAJOR_OUTAGE, group=evil, region=evil)
    world.page("openai", (1500, replace(said, page_name=evil, page_url="data:text/html,x", components=(component,))))
    return world


def catalog() -> World:
    """No key is set: a hundred and fifty pages, most of them quiet."""
    world = World({f"provider_{n}": f"Provider {n}" for n in range(150)})
    for n in range(150):
        name = f"provider_{n}"
        if n % 29 == 0:
            world.page(
                name, (600, says(Status.DEGRADED_PERFORMANCE, incident(3000, f"Slow in region {n}", Impact.MINOR)))
            )
        elif n % 31 == 0:
            world.page(name, (600, None))
        else:
            world.page(name, (60, says()))
    return world


def crowd(probes: int = 60, providers: int = 12) -> World:
    """Many probes, some of which fail."""
    world = World({f"provider_{n}": f"Provider {n}" for n in range(providers)})
    for n in range(probes):
        provider = f"provider_{n % providers}"
        reasons = OVERLOADED if n % providers < 3 else PARTLY if n % providers == 3 else WELL
        world.probe(f"probe-{n}", provider, reasons[-30:])
    for n in range(providers):
        world.page(f"provider_{n}", (600, says()))
    return world


def empty() -> World:
    """Nothing is configured."""
    return World()


WORLDS: dict[str, Callable[[], World]] = {
    story.__name__: story
    for story in (
        unadmitted,
        admitted,
        partly,
        ours,
        cut_off,
        inside,
        unreachable,
        reported,
        unknown,
        maintenance,
        unfunded,
        hostile,
        catalog,
        crowd,
        empty,
    )
}

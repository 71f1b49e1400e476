"""Status pages as they really answer, read by the program: the right answer, or the reason why there is none."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
import yaml
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.options import REGIONAL
from anyio.from_thread import start_blocking_portal

from tests.e2e.programs import Running, run, running
from tests.e2e.traps import GOOD_PAGE, ODDITIES, TRAPS, document, remade
from tests.exporter.status_pages.hosted import FIRST_OF_ITS_KIND, SERVED, put
from tests.exporter.status_pages.saved import Saved
from tests.exporter.status_pages.served import MISSING, Answer, Asked, PageServer, html, page_server, said
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

UNKNOWN = -1.0
PATIENCE_SECONDS = 60.0
NATIVE = said(document("incidentio", "native_operational"))

TRAPPED = {f"new-{name}": trap for name, trap in TRAPS.items() if not trap.only_later}
TURNED = {f"was-{name}": trap for name, trap in TRAPS.items()}
TOLD = {
    f"told-{name}": next(n for n in FIRST_OF_ITS_KIND if SERVED[n].format == name)
    for name in FORMATS
    if name not in REGIONAL  # refused where nobody wrote the regions; the verb `page` shows all
}


@dataclass
class World:
    """What page servers answer. Once it has `turned`, the pages that were good are traps, and one has moved."""

    page: PageServer
    page_over_tls: PageServer
    has_turned: bool = False

    def answer(self, asked: Asked) -> Answer:
        name = asked.path.split("/")[1]
        if name == "moves":
            return self._moved(asked)
        if name == "page-deleted":
            return html()
        if name not in TRAPPED | TURNED:
            return MISSING
        trap = (TRAPPED | TURNED)[name]
        answering = trap.answer if self.has_turned or name in TRAPPED else trap.good
        return answering if isinstance(answering, Answer) else answering(asked)

    def _moved(self, asked: Asked) -> Answer:
        here, page = ("proxy/127.0.0.1", NATIVE) if self.has_turned else ("api/v2/summary.json", GOOD_PAGE)
        return page if asked.path == f"/moves/{here}" else MISSING

    def configuration(self) -> dict[str, Any]:
        """All pages, as often as a machine reads them that has other work to do, by a way out that is open."""
        port = urlsplit(self.page.url).port
        egress = {"hosts": [f"127.0.0.1:{port}", f"localhost:{port}"]}
        return {"defaults": {"interval": "5s"}, "egress": egress, "status_pages": list(self.pages())}

    def pages(self) -> Iterator[dict[str, Any]]:
        yield {"provider": "moves", "url": f"{self.page.url}/moves"}
        for provider, name in TOLD.items():
            yield {"provider": provider, "url": put(self.page, SERVED[name], f"/{provider}", remade)[0]}
        for name, oddity in ODDITIES.items():
            url, _ = put(self.page, oddity.saved, f"/{name}", oddity.changed)
            regions = {"regions": ["*"]} if oddity.saved.format in REGIONAL else {}
            yield {"provider": name, "url": url, "format": oddity.saved.format, **regions}
        for provider, trap in (TRAPPED | TURNED).items():
            server = self.page_over_tls if trap.over_tls else self.page
            given = {"format": trap.format, "timeout": trap.timeout}
            yield {"provider": provider, "url": f"{server.url}/{provider}", **given}


@contextmanager
def world(directory: Path) -> Iterator[World]:
    """The servers, in a thread of their own; the certificate of their authority is `authority.pem`."""
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.cert_pem.write_to_path(directory / "authority.pem")
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        page = stack.enter_context(portal.wrap_async_context_manager(page_server()))
        page_over_tls = stack.enter_context(portal.wrap_async_context_manager(page_server(tls)))
        world = World(page, page_over_tls)
        page.anything = page_over_tls.anything = world.answer
        yield world


@dataclass(frozen=True)
class Seen:
    """The metrics before and after the world has turned, and all that was logged."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    log: str


def of(metrics: Mapping[str, float], name: str, provider: str, label: str) -> dict[str, float]:
    """The samples of that name for that provider, by one of their labels."""
    own = {series: value for series, value in metrics.items() if re.match(rf'{name}{{.*provider="{provider}"', series)}
    found = {series: re.search(rf'[{{,]{label}="([^"]*)"', series) for series in own}
    return {match[1]: own[series] for series, match in found.items() if match}


def status(metrics: Mapping[str, float], provider: str) -> float | None:
    return of(metrics, "ai_status_page_status", provider, "provider").get(provider)


def up(metrics: Mapping[str, float], provider: str) -> dict[str, float]:
    """By format."""
    return of(metrics, "ai_status_page_up", provider, "format")


@pytest.fixture(name="seen", scope="module")
def _seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """One program that reads all these pages at once. What it never comes to see, the tests below will miss."""
    directory = tmp_path_factory.mktemp("pages")
    with world(directory) as page_world:
        config = directory / "config.yaml"
        config.write_text(yaml.safe_dump(page_world.configuration()))
        trust = {"SSL_CERT_FILE": str(directory / "authority.pem")}
        with running(directory, "serve", "--config.file", config, env=trust) as exporter:
            before = _once(exporter, _is_read)
            page_world.has_turned = True
            yield Seen(before, _once(exporter, _is_given_up), exporter.log)


def _once(exporter: Running, is_there: Callable[[Mapping[str, float]], bool]) -> Mapping[str, float]:
    with suppress(TimeoutError):
        until(lambda: is_there(exporter.metrics()), PATIENCE_SECONDS)
    return exporter.metrics()


def _is_read(metrics: Mapping[str, float]) -> bool:
    good = all(1.0 in up(metrics, provider).values() for provider in (*TOLD, *ODDITIES, *TURNED, "moves"))
    return good and all(0.0 in up(metrics, provider).values() for provider in TRAPPED)


def _is_given_up(metrics: Mapping[str, float]) -> bool:
    return up(metrics, "moves") == {"incidentio": 1} and all(status(metrics, name) == UNKNOWN for name in TURNED)


@pytest.mark.parametrize("provider", TOLD)
def test_a_page_is_told_by_its_address(seen: Seen, provider: str) -> None:
    assert up(seen.before, provider) == {provider.removeprefix("told-"): 1}


@pytest.mark.parametrize("name", ODDITIES)
def test_an_odd_page_is_read_rightly(seen: Seen, name: str) -> None:
    oddity = ODDITIES[name]
    begun = set(of(seen.before, "ai_incident_started_timestamp_seconds", name, "incident_id").values())

    assert status(seen.before, name) == oddity.status
    assert sum(of(seen.before, "ai_incidents_active", name, "impact").values()) == oddity.incidents
    assert oddity.begun is None or begun == {oddity.begun}


@pytest.mark.parametrize("provider", [*TRAPPED, *TURNED])
def test_a_page_that_is_not_read_has_its_one_reason_and_is_never_operational(seen: Seen, provider: str) -> None:
    failures = of(seen.after, "ai_status_page_failures_total", provider, "reason")

    assert set(up(seen.after, provider).values()) == {0}
    assert {reason for reason, count in failures.items() if count} == {(TRAPPED | TURNED)[provider].reason}
    assert status(seen.after, provider) == UNKNOWN


@pytest.mark.parametrize("provider", TURNED)
def test_what_a_page_said_is_unknown_after_three_missed_intervals(seen: Seen, provider: str) -> None:
    before = of(seen.before, "ai_component_status", provider, "component_id")
    after = of(seen.after, "ai_component_status", provider, "component_id")

    assert before
    assert UNKNOWN not in before.values()
    assert after == dict.fromkeys(before, UNKNOWN)


@pytest.mark.parametrize("provider", [*TRAPPED, *TURNED])
def test_that_a_page_is_not_read_is_said_once(seen: Seen, provider: str) -> None:
    reason = (TRAPPED | TURNED)[provider].reason

    assert len(re.findall(rf"status page of {provider} not read: {reason}: \S", seen.log)) == 1


def test_a_page_that_moves_to_another_platform_is_found_there(seen: Seen) -> None:
    assert up(seen.before, "moves") == {"statuspage": 1}
    assert up(seen.after, "moves") == {"incidentio": 1}


# --- the verb ----------------------------------------------------------------------------------------------


@pytest.fixture(name="page", scope="module")
def _page() -> Iterator[PageServer]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(page_server()) as server:
        yield server


@pytest.mark.parametrize(
    ("saved", "arguments"),
    [
        pytest.param(Saved("statuspage", "major_outage"), [], id="told by its address"),
        pytest.param(Saved("aws", "disruption_in_two_regions"), [], id="a cloud, all regions of it"),
        pytest.param(Saved("aws", "operational"), ["--format", "aws"], id="nobody's, but for the format"),
        pytest.param(Saved("onlineornot", "incident"), [], id="told by the address of its document"),
    ],
)
def test_the_verb_prints_what_a_page_says(page: PageServer, saved: Saved, arguments: list[str]) -> None:
    page.answers.clear()
    url, _ = put(page, saved, "/eu")

    result = run("page", url, "--json", *arguments)

    assert json.loads(result.stdout) == {**saved.expected, "provider": "127.0.0.1"}
    assert result.returncode == 0


def test_the_verb_says_why_it_cannot_read_a_page(page: PageServer) -> None:
    result = run("page", f"{page.url}/nothing/here", "--json")

    assert json.loads(result.stdout)["reason"] == "endpoint_not_found"
    assert (result.returncode, result.stderr) == (1, "")

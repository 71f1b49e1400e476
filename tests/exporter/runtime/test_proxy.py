"""One egress for everything: the proxy at the top of the file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.options import EgressCheck
from ai_provider_exporter.config.secrets import Secrets
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.probes.egress_options import ProxyOptions
from ai_provider_exporter.runtime.egress import is_on_the_way, is_open
from ai_provider_exporter.runtime.probe_once import probe_once
from ai_provider_exporter.schema.errors import ConfigErrors
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.status_pages.fetch import page_client

from tests.exporter.wire.loopback import serving
from tests.exporter.wire.proxies import HttpProxy

PROBES = """
probes:
  - {name: web, provider: acme, kind: http, url: "http://acme.example/"}
  - {name: own, provider: acme, kind: http, url: "http://acme.example/", egress: {proxy: "http://mine:3128"}}
  - {name: none, provider: acme, kind: http, url: "http://acme.example/", egress: {proxy: null}}
  - {name: inside, provider: acme, kind: http, url: "http://gpu.corp.example/"}
"""
HOSTS = "hosts: ['a.example:443', 'b.example:443']"


def _load(directory: Path, egress: str, environ: dict[str, str] | None = None) -> Settings:
    path = directory / "config.yaml"
    path.write_text(f"egress: {{{egress}, {HOSTS}}}\n{PROBES}")
    return load_settings(path, environ or {})


def test_the_proxy_at_the_top_is_that_of_every_probe_without_its_own(tmp_path: Path) -> None:
    settings = _load(tmp_path, "proxy: 'http://proxy:3128', no_proxy: [corp.example]")

    ways = {probe.name: probe.egress.proxy_for(probe.endpoint_host) for probe in settings.probes}
    assert ways == {"web": "http://proxy:3128", "own": "http://mine:3128", "none": None, "inside": None}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"HTTPS_PROXY": "http://me:pw@proxy:3128"}, Secret(env="HTTPS_PROXY"), id="for https"),
        pytest.param({"http_proxy": "http://p:1", "all_proxy": "http://p:2"}, Secret(env="all_proxy"), id="for all"),
    ],
)
def test_the_environment_names_the_proxy_only_where_the_file_says_so(
    tmp_path: Path, environ: dict[str, str], expected: Secret | None
) -> None:
    environ |= {"NO_PROXY": "localhost,.corp.example:8443"}

    ignored = _load(tmp_path, "from_environment: false", environ)
    taken = _load(tmp_path, "from_environment: true", environ)

    assert ignored.egress.proxy is None
    assert taken.egress.proxy == taken.probes[0].egress.proxy == expected
    assert taken.egress.no_proxy == ("localhost", ".corp.example")


@pytest.mark.parametrize(
    ("host", "is_direct"),
    [
        pytest.param("acme.example", False, id="another"),
        pytest.param("corp.example", True, id="the name itself"),
        pytest.param("a.b.CORP.example", True, id="below the name"),
        pytest.param("notcorp.example", False, id="only ending alike"),
        pytest.param("10.1.2.3", True, id="in a network"),
        pytest.param("11.1.2.3", False, id="in none"),
    ],
)
def test_what_is_reached_without_the_proxy(host: str, *, is_direct: bool) -> None:
    options = ProxyOptions(proxy="http://proxy:3128", no_proxy=("corp.example", "10.0.0.0/8"))

    assert (options.proxy_for(host) is None) is is_direct


@pytest.mark.parametrize(
    ("egress", "sentence"),
    [
        pytest.param("proxy: 'ftp://p'", "egress.proxy: needs one of http, https", id="no proxy"),
        pytest.param("proxy: 'http://me:pw@p'", "egress.proxy: has a password, which is a secret", id="a password"),
        pytest.param("no_proxy: ['http://a']", "egress.no_proxy: 'http://a' is not a host", id="a URL"),
    ],
)
def test_what_cannot_be_a_proxy_is_refused_at_its_key(tmp_path: Path, egress: str, sentence: str) -> None:
    with pytest.raises(ConfigErrors, match=sentence):
        _load(tmp_path, egress)


def test_the_egress_is_checked_through_the_proxy() -> None:
    async def check() -> tuple[bool, bool]:
        async with serving(HttpProxy()) as port, serving(HttpProxy()) as target:
            hosts = EgressCheck(hosts=(f"localhost:{target}", f"127.0.0.1:{target}"))
            through = await is_open(hosts, proxy_for=lambda _: f"http://127.0.0.1:{port}")
        return through, await is_open(hosts, proxy_for=lambda _: f"http://127.0.0.1:{port}")

    assert asyncio.run(check()) == (True, False)


def test_a_probe_through_the_common_proxy_takes_the_egress_that_is_checked(tmp_path: Path) -> None:
    settings = _load(tmp_path, "proxy: 'http://proxy:3128', no_proxy: [corp.example]")

    on_the_way = {probe.name: is_on_the_way(probe, settings.egress) for probe in settings.probes}

    assert on_the_way == {"web": True, "own": False, "none": False, "inside": False}


def test_probes_and_pages_go_through_the_proxy(tmp_path: Path) -> None:
    proxy = HttpProxy()

    async def go() -> tuple[str, str]:
        async with serving(proxy) as port:
            egress = f"proxy: 'http://127.0.0.1:{port}'"
            settings = _load(tmp_path, egress)
            run = await probe_once(settings, "web", Secrets({}))
            async with page_client(lambda host: Secrets({}).proxy_for(settings.egress, host)) as client:
                page = await client.get("http://status.acme.example/")
            return run.reason, page.text

    assert asyncio.run(go()) == ("ok", "forwarded http://status.acme.example/")
    assert [head.split("\r\n")[0] for head in proxy.heads] == [
        "GET http://acme.example/ HTTP/1.1",
        "GET http://status.acme.example/ HTTP/1.1",
    ]


def test_a_connection_that_a_proxy_cuts_is_not_the_providers_fault(tmp_path: Path) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async def go() -> tuple[str, str | None]:
        async with serving(cut) as port:
            run = await probe_once(_load(tmp_path, f"proxy: 'http://127.0.0.1:{port}'"), "web", Secrets({}))
            return run.reason, run.fault

    assert asyncio.run(go()) == ("stream_reset", "network")

"""A pod of the chart, started here: the rendered command line, with the rendered files in place."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme
import yaml

from tests.e2e.programs import Running, run, running
from tests.helm.charts import CASES, exporter, minimal, of_kind, only, values, workload
from tests.helm.kubelet import Node, Secrets, basic
from tests.tools.loopback import Quiet, served
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

HERE = {"hosts": ["127.0.0.1:9", "localhost:9"]}  # nobody answers there, and nothing leaves this machine


def probe(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "provider": name,
        "kind": "tcp",
        "address": "127.0.0.1:9",
        "interval": "1s",
        "timeout": "900ms",
    }


def config(*names: str) -> dict[str, Any]:
    return {"egress": HERE, "probes": [probe(name) for name in names]}


@contextmanager
def started(
    given: dict[str, Any], directory: Path, secrets: Secrets | None = None, at: int = 0
) -> Iterator[tuple[Running, Node]]:
    directory.mkdir(exist_ok=True)
    node = Node(given, secrets or {}, directory, at)
    verb, *arguments = node.arguments()
    with running(directory, verb, *arguments, env=node.variables()) as pod:
        yield pod, node


def probes(pod: Running) -> set[str]:
    return {row["probe"] for row in pod.get("/api/v1/probes").json()["probes"]}


@pytest.mark.parametrize("case", [case for case in CASES if "config" in values(case)])
def test_the_exporter_accepts_the_configuration_of_a_case(case: str, tmp_path: Path) -> None:
    (text,) = [
        made["data"]["config.yaml"] for made in of_kind(values(case), "ConfigMap") if "config.yaml" in made["data"]
    ]
    path = tmp_path / "config.yaml"
    path.write_text(text)

    checked = run("check-config", path)

    assert yaml.safe_load(text) == values(case)["config"]
    assert checked.returncode == 0, checked.stderr


def test_a_pod_serves_its_configuration_and_reloads_a_changed_one(tmp_path: Path) -> None:
    given = minimal(config=config("one"))
    with started(given, tmp_path / "pod") as (pod, node):
        ready = exporter(given)["readinessProbe"]["httpGet"]["path"]
        until(lambda: pod.get(ready).status_code == 200)
        before = probes(pod)

        node.change(minimal(config=config("one", "two")))
        until(lambda: probes(pod) == {"one", "two"})
        node.change(minimal(config={"egress": HERE, "probes": [{"name": "broken", "kind": "tpc"}]}))
        until(lambda: pod.metric("ai_exporter_config_last_reload_successful") == 0)

        assert before == {"one"}
        assert probes(pod) == {"one", "two"}
        assert "did you mean tcp?" in pod.log


VARIABLE = {"env": "ACME_API_KEY"}
FILE = {"file": "/etc/ai-provider-exporter/keys/ACME_API_KEY"}
WHOLE = {"existingSecret": "ours"}
ENTRY = {"variables": {"ACME_API_KEY": {"name": "acme", "key": "token"}}}
AS_FILES = {"env": False, "files": True}


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        pytest.param(WHOLE, VARIABLE, id="a Secret as variables"),
        pytest.param(ENTRY, VARIABLE, id="an entry as a variable"),
        pytest.param({**WHOLE, **AS_FILES}, FILE, id="a Secret as files"),
        pytest.param({**ENTRY, **AS_FILES}, FILE, id="an entry as a file"),
    ],
)
def test_a_key_reaches_the_provider(keys: dict[str, Any], key: dict[str, str], tmp_path: Path) -> None:
    sent: list[str | None] = []

    class Provider(Quiet):
        def do_GET(self) -> None:
            sent.append(self.headers["authorization"])
            self.send_response(200)
            self.end_headers()

    secrets = {"ours": {"ACME_API_KEY": "sk-made-up"}, "acme": {"token": "sk-made-up"}}
    with served(Provider) as url:
        models = {**probe("acme"), "kind": "models", "base_url": f"{url}/v1", "api_key": key}
        del models["address"]
        with started(minimal(config={"egress": HERE, "probes": [models]}, keys=keys), tmp_path / "pod", secrets):
            until(lambda: sent)

    assert sent[0] == "Bearer sk-made-up"


LOGIN = {"username": "prometheus", "password": "example"}  # whose hash is in the case


def certificate() -> dict[str, str]:
    """The entries of a TLS Secret as cert-manager makes it."""
    authority = trustme.CA()
    made = authority.issue_cert("ops.example")
    return {
        "tls.crt": made.cert_chain_pems[0].bytes().decode(),
        "tls.key": made.private_key_pem.bytes().decode(),
        "ca.crt": authority.cert_pem.bytes().decode(),
    }


def scraped(endpoint: dict[str, Any], secrets: Secrets, port: int, headers: dict[str, str]) -> httpx2.Response:
    """As the Prometheus Operator has Prometheus scrape that endpoint of a ServiceMonitor, with more headers."""
    authority, name = endpoint["tlsConfig"]["ca"]["secret"], endpoint["tlsConfig"]["serverName"]
    trusted = ssl.create_default_context(cadata=secrets[authority["name"]][authority["key"]])
    url = f"{endpoint['scheme']}://127.0.0.1:{port}{endpoint['path']}"
    with httpx2.Client(verify=trusted, trust_env=False) as client:
        return client.get(url, headers={"host": name, **headers}, extensions={"sni_hostname": name})


def test_a_protected_pod_answers_kubernetes_and_the_monitor(tmp_path: Path) -> None:
    given = {**values("protected"), "config": config("one")}
    secrets = {"exporter-tls": certificate(), "exporter-login": LOGIN}
    endpoint = only(given, "ServiceMonitor")["spec"]["endpoints"][0]
    login = {part: secrets[place["name"]][place["key"]] for part, place in endpoint["basicAuth"].items()}

    with started(given, tmp_path / "pod", secrets) as (pod, _):
        port = int(pod.url.rpartition(":")[2])
        without, with_login = (scraped(endpoint, secrets, port, headers) for headers in ({}, basic(login)))
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            assert exporter(given)["readinessProbe"] == {"tcpSocket": {"port": "http"}}

    assert (without.status_code, with_login.status_code) == (401, 200)
    assert "ai_exporter_build_info" in with_login.text


def test_shards_share_the_probes_and_none_is_run_twice(tmp_path: Path) -> None:
    names = [f"provider-{at}" for at in range(12)]
    given = minimal(config=config(*names), sharding={"enabled": True, "shards": 3})
    shards = []
    for at in range(workload(given)["spec"]["replicas"]):
        with started(given, tmp_path / f"pod-{at}", at=at) as (pod, _):
            shards.append(probes(pod))
            assert pod.metric("ai_exporter_shard_info", shard=str(at), shards="3") == 1

    assert set().union(*shards) == set(names)
    assert sum(map(len, shards)) == len(names)


def page(url: str) -> dict[str, str]:
    return {"provider": "acme", "url": url, "format": "statuspage", "interval": "1s"}


def test_the_proxy_of_the_configuration_is_taken(tmp_path: Path) -> None:
    asked: list[str] = []

    class Proxy(Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(502)

    with served(Proxy) as url:
        behind = {"egress": {**HERE, "proxy": url}, "status_pages": [page("http://status.acme.example")]}
        with started(minimal(config=behind), tmp_path / "pod"):
            until(lambda: asked)

    assert asked[0].startswith("http://status.acme.example/")


def test_own_authorities_hold_for_probes_and_status_pages(tmp_path: Path) -> None:
    asked: set[str] = set()
    authority = trustme.CA()

    class Site(Quiet):
        def do_GET(self) -> None:
            asked.add(self.path)
            self.send_error(404)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with served(Site, tls=context) as url:
        site = url.replace("127.0.0.1", "localhost")
        website = {**probe("web"), "kind": "http", "url": f"{site}/probe"}
        del website["address"]
        both = {"egress": HERE, "probes": [website], "status_pages": [page(site)]}
        with started(minimal(config=both, ca={"bundle": authority.cert_pem.bytes().decode()}), tmp_path / "pod"):
            until(lambda: "/probe" in asked and len(asked) > 1)

"""The demo's files fit each other and this repository: what is mounted exists, and stands where it is looked for."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from tests.dashboards.boards import FILES, ROOT
from tests.tools.monitoring import run

DEMO = ROOT / "dashboards" / "demo"
COMPOSE: dict[str, Any] = yaml.safe_load((DEMO / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SOURCES = DEMO / "provisioning" / "datasources" / "prometheus.yaml"
PROVIDERS = DEMO / "provisioning" / "dashboards" / "ai-providers.yaml"
# Of the Compose specification (https://github.com/compose-spec/compose-spec), what the demo uses: key to its types.
SPECIFIED = {
    "build": str,
    "image": str,
    "command": list,
    "ports": list,
    "network_mode": str,
    "depends_on": list,
    "environment": dict,
    "volumes": list,
}


def mounts(service: str) -> dict[PurePosixPath, Path]:
    """Where each mounted file or directory stands in the container, and what of the repository it is."""
    split = [volume.split(":") for volume in SERVICES[service].get("volumes", [])]
    return {PurePosixPath(inside): (DEMO / outside).resolve() for outside, inside, _ in split}


def in_repository(service: str, path: str) -> Path:
    """The file of the repository that a container finds at a path.

    Raises:
        LookupError: nothing is mounted there.
    """
    for inside, outside in mounts(service).items():
        if PurePosixPath(path).is_relative_to(inside):
            return outside / PurePosixPath(path).relative_to(inside)
    raise LookupError(f"{service} has nothing at {path}")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_only_what_the_specification_knows_and_a_version(service: str) -> None:
    entry = SERVICES[service]

    assert {key: type(value) for key, value in entry.items()} == {key: SPECIFIED[key] for key in entry}
    assert all(isinstance(value, str) for value in entry.get("environment", {}).values())
    assert entry["image"] == "ai-provider-exporter-demo" or not entry["image"].endswith(("latest", "main"))


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_exists_in_the_repository_and_is_read_only(service: str) -> None:
    assert all(path.exists() and path.is_relative_to(ROOT) for path in mounts(service).values())
    assert all(volume.endswith(":ro") for volume in SERVICES[service].get("volumes", []))


def test_nothing_listens_for_others_than_this_machine() -> None:
    ports = [port for entry in SERVICES.values() for port in entry.get("ports", [])]

    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)


def test_the_image_of_the_exporter_can_be_built_from_here() -> None:
    assert (DEMO / SERVICES["simulator"]["build"] / "Dockerfile").resolve() == ROOT / "Dockerfile"


def test_the_exporter_has_the_keys_that_its_configuration_asks_for() -> None:
    config = yaml.safe_load(in_repository("exporter", SERVICES["exporter"]["command"][-1]).read_text())
    needed = {probe["api_key"]["env"] for probe in config["probes"]}

    assert needed == set(SERVICES["exporter"]["environment"])


def test_prometheus_takes_its_configuration_and_finds_rules_scrapes_and_alertmanager() -> None:
    path = in_repository("prometheus", "/etc/prometheus/prometheus.yml")
    config = yaml.safe_load(path.read_text())
    hosts = [group["static_configs"][0]["targets"][0] for group in config["scrape_configs"]]
    notified = config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]

    assert run("promtool", "check", "config", "--syntax-only", path).returncode == 0
    assert all(in_repository("prometheus", f"/etc/prometheus/{name}").exists() for name in config["rule_files"])
    assert {host.partition(":")[0] for host in hosts + notified} <= set(SERVICES)


def test_alertmanager_takes_its_configuration() -> None:
    path = in_repository("alertmanager", "/etc/alertmanager/alertmanager.yml")

    assert run("amtool", "check-config", path).returncode == 0


def test_grafana_is_given_a_data_source_and_every_board() -> None:
    (source,) = yaml.safe_load(SOURCES.read_text())["datasources"]
    (provider,) = yaml.safe_load(PROVIDERS.read_text())["providers"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]

    assert in_repository("grafana", "/etc/grafana/provisioning/datasources/prometheus.yaml") == SOURCES
    assert in_repository("grafana", "/etc/grafana/provisioning/dashboards/ai-providers.yaml") == PROVIDERS
    assert (source["type"], source["isDefault"]) == ("prometheus", True)
    assert source["url"].split("/")[-1].partition(":")[0] in SERVICES
    assert sorted(in_repository("grafana", provider["options"]["path"]).glob("*.json")) == sorted(FILES.values())
    assert in_repository("grafana", home) == FILES["overview"]


def test_grafana_knows_how_often_prometheus_scrapes() -> None:
    (source,) = yaml.safe_load(SOURCES.read_text())["datasources"]
    config = yaml.safe_load((DEMO / "prometheus.yaml").read_text())

    assert source["jsonData"]["timeInterval"] == config["global"]["scrape_interval"]

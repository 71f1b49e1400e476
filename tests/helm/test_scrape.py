"""Monitors: the same scrape for every operator, at the path, scheme and login that the exporter has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helm.charts import Object, minimal, of_kind, only, values

KINDS = {
    "serviceMonitor": "ServiceMonitor",
    "podMonitor": "PodMonitor",
    "vmServiceScrape": "VMServiceScrape",
    "podMonitoring": "PodMonitoring",
}
LOGIN = {"username": {"name": "login", "key": "username"}, "password": {"name": "login", "key": "password"}}

each_monitor = pytest.mark.parametrize("monitor", KINDS)


def endpoint(monitor: str, **given: Any) -> Object:
    spec = only(minimal(**{monitor: {"enabled": True}, **given}), KINDS[monitor])["spec"]
    (made,) = spec.get("endpoints") or spec["podMetricsEndpoints"]
    found: Object = made
    return found


def selects(monitor: str, labels: dict[str, str]) -> bool:
    made = only(minimal(**{monitor: {"enabled": True}}), KINDS[monitor])
    return bool(made["spec"]["selector"]["matchLabels"].items() <= labels.items())


@each_monitor
def test_a_monitor_scrapes_the_metrics(monitor: str) -> None:
    made = endpoint(monitor)

    assert (made["port"], made["path"], made["scheme"]) == ("http", "/metrics", "http")


@each_monitor
def test_a_monitor_knows_prefix_and_tls(monitor: str) -> None:
    web = {"routePrefix": "/ai", "config": {"tls_server_config": {"cert_file": "a"}}}
    google = {"podMonitoring": {"enabled": monitor == "podMonitoring", "endpoint": {"tls": {"serverName": "a"}}}}
    made = endpoint(monitor, web=web, scrape={"tlsConfig": {"serverName": "ops.example"}}, **google)

    assert (made["path"], made["scheme"]) == ("/ai/metrics", "https")


@each_monitor
def test_a_monitor_takes_the_scheme_of_a_web_configuration_of_yours(monitor: str) -> None:
    assert endpoint(monitor, web={"existingSecret": "ours", "scheme": "https"})["scheme"] == "https"


@pytest.mark.parametrize("monitor", ["serviceMonitor", "podMonitor", "vmServiceScrape"])
def test_a_monitor_has_the_login(monitor: str) -> None:
    web = {"config": {"basic_auth_users": {"ops": "hash"}}}

    assert endpoint(monitor, web=web, scrape={"basicAuth": LOGIN})["basicAuth"] == LOGIN


@pytest.mark.parametrize("monitor", ["serviceMonitor", "vmServiceScrape"])
def test_a_monitor_of_services_finds_each_pod_once(monitor: str) -> None:
    # A StatefulSet has a second Service, which gives the shards their names.
    services = of_kind(minimal(sharding={"enabled": True}), "Service")

    assert len(services) == 2
    assert sum(selects(monitor, service["metadata"]["labels"]) for service in services) == 1


@each_monitor
def test_limits_and_relabelings_arrive_under_the_name_of_the_operator(monitor: str) -> None:
    drop = {"sourceLabels": ["__name__"], "regex": "python_gc_.*", "action": "drop"}
    scrape = {"metricRelabelings": [drop], "sampleLimit": 1000, "timeout": "7s"}
    spec = only(minimal(**{monitor: {"enabled": True}, "scrape": scrape}), KINDS[monitor])["spec"]
    made = endpoint(monitor, scrape=scrape)

    assert [drop] in (made.get("metricRelabelings"), made.get("metricRelabelConfigs"), made.get("metricRelabeling"))
    assert "7s" in (made.get("scrapeTimeout"), made.get("timeout"))
    assert 1000 in (spec.get("sampleLimit"), spec.get("limits", {}).get("samples"))


def test_the_job_is_the_one_that_an_alert_looks_for() -> None:
    given = values("operator")
    monitor = only(given, "PodMonitor")

    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name"
    assert monitor["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] == "ai-provider-exporter"


@pytest.mark.parametrize(("monitor", "kind"), [*list(KINDS.items())[:2], ("prometheusRule", "PrometheusRule")])
def test_the_label_of_the_release_is_added_on_request(monitor: str, kind: str) -> None:
    def labels(**given: Any) -> dict[str, str]:
        made: dict[str, str] = only(minimal(**{monitor: {"enabled": True}, **given}), kind)["metadata"]["labels"]
        return made

    assert "release" not in labels()
    assert labels(releaseLabel=True)["release"] == "demo"


def test_a_monitor_in_another_namespace_looks_into_the_one_of_the_exporter() -> None:
    made = only(minimal(serviceMonitor={"enabled": True, "namespace": "monitors"}), "ServiceMonitor")

    assert made["metadata"]["namespace"] == "monitors"
    assert made["spec"]["namespaceSelector"] == {"matchNames": ["sre"]}


def test_a_scrape_config_finds_one_exporter_by_its_service_and_shards_by_their_names() -> None:
    one = only(minimal(scrapeConfig={"enabled": True}), "ScrapeConfig")["spec"]
    shards = only(values("scrape-config"), "ScrapeConfig")["spec"]

    assert one["staticConfigs"] == [{"targets": ["demo-ai-provider-exporter.sre.svc:10190"]}]
    assert shards["dnsSDConfigs"] == [
        {"names": ["demo-ai-provider-exporter-shards.sre.svc"], "type": "A", "port": 10190}
    ]
    assert one["jobName"] == "ai-provider-exporter"

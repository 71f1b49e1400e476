"""The pod: its command line, its files and variables, and how Kubernetes probes it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.helm.charts import (
    environment,
    exporter,
    minimal,
    mounted,
    of_kind,
    only,
    pod,
    values,
    volume,
    workload,
)

FILES = "/etc/ai-provider-exporter"
CONFIG = {"defaults": {"location": "fra1"}}


def arguments(given: dict[str, Any]) -> list[str]:
    made: list[str] = exporter(given)["args"]
    return made


def pod_annotations(given: dict[str, Any]) -> dict[str, str]:
    made: dict[str, str] = workload(given)["spec"]["template"]["metadata"].get("annotations", {})
    return made


@pytest.mark.parametrize(
    ("image", "mirror", "reference"),
    [
        pytest.param({"repository": "sre/probes"}, "", "sre/probes:0.1.0", id="the tag is the version of the program"),
        pytest.param({"repository": "probes", "tag": "7"}, "", "probes:7", id="a tag"),
        pytest.param({"registry": "r:5000", "repository": "probes"}, "", "r:5000/probes:0.1.0", id="a registry"),
        pytest.param({"registry": "r", "repository": "probes"}, "m", "m/probes:0.1.0", id="a registry for all images"),
        pytest.param(
            {"repository": "probes", "tag": "7", "digest": f"sha256:{'0' * 64}"},
            "",
            f"probes@sha256:{'0' * 64}",
            id="a digest wins over the tag",
        ),
    ],
)
def test_the_image_is_named_as_asked(image: dict[str, str], mirror: str, reference: str) -> None:
    assert exporter({"image": image, "global": {"imageRegistry": mirror}})["image"] == reference


def test_pull_secrets_may_be_names_or_objects() -> None:
    given = minimal(imagePullSecrets=[{"name": "a"}], **{"global": {"imagePullSecrets": ["b"]}})

    assert pod(given)["imagePullSecrets"] == [{"name": "b"}, {"name": "a"}]


def test_without_a_configuration_the_catalog_is_used() -> None:
    assert arguments(minimal()) == ["serve", "--web.listen-address=:10190", "--log.level=info", "--log.format=logfmt"]
    assert "config" not in mounted(minimal())


@pytest.mark.parametrize(
    ("given", "source"),
    [
        pytest.param({"config": CONFIG}, {"configMap": {"name": "demo-ai-provider-exporter"}}, id="values"),
        pytest.param(
            {"existingConfig": {"configMap": "ours", "key": "a.yaml"}},
            {"configMap": {"name": "ours", "items": [{"key": "a.yaml", "path": "config.yaml"}]}},
            id="a ConfigMap",
        ),
        pytest.param(
            {"existingConfig": {"secret": "ours"}},
            {
                "secret": {
                    "secretName": "ours",
                    "defaultMode": 0o440,
                    "items": [{"key": "config.yaml", "path": "config.yaml"}],
                }
            },
            id="a Secret",
        ),
    ],
)
def test_a_configuration_is_mounted_whole_and_watched(given: dict[str, Any], source: dict[str, Any]) -> None:
    # A single file (subPath) would never change in the pod.
    (mount,) = [mount for mount in exporter(minimal(**given))["volumeMounts"] if mount["name"] == "config"]

    assert mount == {"name": "config", "mountPath": f"{FILES}/config", "readOnly": True}
    assert volume(minimal(**given), "config") == source
    assert {f"--config.file={FILES}/config/config.yaml", "--config.enable-auto-reload"} <= set(
        arguments(minimal(**given))
    )


def test_a_changed_configuration_key_or_web_file_leaves_the_pod_alone() -> None:
    # Recreate stops the good pod first: with a wrong file there would be none.
    def template(interval: str, password: str) -> Any:
        given = minimal(
            config={"defaults": {"interval": interval}}, web={"config": {"basic_auth_users": {"ops": password}}}
        )
        return workload(given)["spec"]["template"]

    assert template("60s", "a") == template("61s", "b")


def test_changed_authorities_make_a_new_pod() -> None:
    # They are read once, when the program starts.
    assert pod_annotations(minimal(ca={"bundle": "a"})) != pod_annotations(minimal(ca={"bundle": "b"}))


def test_variables_from_other_entries_of_a_store_make_a_new_pod_and_files_do_not() -> None:
    def template(property_: str, **how: bool) -> Any:
        given = values("external-secret")
        given["keys"]["externalSecret"]["data"][0]["remoteRef"]["property"] = property_
        return workload({**given, "keys": {**given["keys"], **how}})["spec"]["template"]

    assert template("a") != template("b")
    assert template("a", env=False, files=True) == template("b", env=False, files=True)


def test_the_configuration_arrives_as_written() -> None:
    texts = {made["metadata"]["name"]: made["data"] for made in of_kind(values("proxy-and-ca"), "ConfigMap")}

    assert yaml.safe_load(texts["demo-ai-provider-exporter"]["config.yaml"]) == values("proxy-and-ca")["config"]
    assert texts["demo-ai-provider-exporter-ca"]["ca.crt"] == values("proxy-and-ca")["ca"]["bundle"]


def test_keys_become_variables() -> None:
    given = values("existing-secret")

    assert exporter(given)["envFrom"] == [{"secretRef": {"name": "ai-provider-keys"}}]
    assert environment(given)["ANTHROPIC_API_KEY"] == {"secretKeyRef": {"name": "anthropic", "key": "token"}}
    assert "keys" not in mounted(given)


def test_keys_become_files_named_as_their_variables() -> None:
    given = values("keys-as-files")

    assert "envFrom" not in exporter(given)
    assert environment(given) == {}
    assert mounted(given)["keys"] == f"{FILES}/keys"
    assert volume(given, "keys") == {
        "projected": {
            "defaultMode": 0o440,
            "sources": [
                {"secret": {"name": "ai-provider-keys"}},
                {"secret": {"name": "mistral", "items": [{"key": "token", "path": "MISTRAL_API_KEY"}]}},
            ],
        }
    }


def test_the_secret_of_the_external_secrets_operator_is_the_one_that_is_used() -> None:
    given = values("external-secret")

    assert only(given, "ExternalSecret")["spec"]["target"] == {"name": "demo-ai-provider-exporter-keys"}
    assert exporter(given)["envFrom"] == [{"secretRef": {"name": "demo-ai-provider-exporter-keys"}}]


def test_no_key_is_in_a_config_map_or_an_argument() -> None:
    given = values("full")

    assert "secretKeyRef" not in str(of_kind(given, "ConfigMap"))
    assert not any("key" in argument.lower() for argument in arguments(given))


def test_own_authorities_reach_the_exporter() -> None:
    given = values("proxy-and-ca")

    assert environment(given) == {"SSL_CERT_FILE": f"{FILES}/ca/ca.crt"}
    assert mounted(given)["ca"] == f"{FILES}/ca"


@pytest.mark.parametrize(
    ("web", "probe"),
    [
        pytest.param({}, {"httpGet": {"path": "/-/ready", "port": "http"}}, id="plain"),
        pytest.param({"routePrefix": "/ai/"}, {"httpGet": {"path": "/ai/-/ready", "port": "http"}}, id="a prefix"),
        pytest.param(
            {"externalUrl": "https://ops.example/ai/"},
            {"httpGet": {"path": "/ai/-/ready", "port": "http"}},
            id="the path of the external URL",
        ),
        pytest.param(
            {"externalUrl": "https://ops.example/ai/", "routePrefix": "/"},
            {"httpGet": {"path": "/-/ready", "port": "http"}},
            id="a proxy that takes the path away",
        ),
        pytest.param(
            {"config": {"tls_server_config": {"cert_file": "a"}}},
            {"httpGet": {"path": "/-/ready", "port": "http", "scheme": "HTTPS"}},
            id="TLS",
        ),
        pytest.param(
            {"config": {"basic_auth_users": {"a": "b"}}}, {"tcpSocket": {"port": "http"}}, id="a password is asked for"
        ),
        pytest.param(
            {"config": {"rate_limit": {"interval": "1s", "burst": 1}}}, {"tcpSocket": {"port": "http"}}, id="a limit"
        ),
        pytest.param(
            {"config": {"tls_server_config": {"client_auth_type": "RequireAndVerifyClientCert"}}},
            {"tcpSocket": {"port": "http"}},
            id="a client certificate is asked for",
        ),
        pytest.param(
            {"existingSecret": "x", "scheme": "https"},
            {"tcpSocket": {"port": "http"}},
            id="a file that nobody can see into",
        ),
        pytest.param(
            {"existingSecret": "x", "scheme": "https", "probes": "http"},
            {"httpGet": {"path": "/-/ready", "port": "http", "scheme": "HTTPS"}},
            id="as told",
        ),
    ],
)
def test_kubernetes_probes_the_pod_in_a_way_that_it_answers(web: dict[str, Any], probe: dict[str, Any]) -> None:
    assert exporter(minimal(web=web))["readinessProbe"] == probe


def test_a_probe_may_be_changed_or_replaced() -> None:
    given = minimal(livenessProbe={"periodSeconds": 30}, readinessProbe={"exec": {"command": ["true"]}})

    assert exporter(given)["livenessProbe"] == {"httpGet": {"path": "/-/healthy", "port": "http"}, "periodSeconds": 30}
    assert exporter(given)["readinessProbe"] == {"exec": {"command": ["true"]}}
    assert "startupProbe" not in exporter(given)


def test_scrapes_find_the_exporter_by_annotation() -> None:
    given = minimal(scrape={"annotations": True}, web={"port": 9000, "routePrefix": "/ai"})

    assert pod_annotations(given) == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9000",
        "prometheus.io/path": "/ai/metrics",
        "prometheus.io/scheme": "http",
    }


def test_a_changed_version_of_the_chart_alone_restarts_nothing() -> None:
    assert "helm.sh/chart" not in workload(minimal())["spec"]["template"]["metadata"]["labels"]
    assert "helm.sh/chart" in workload(minimal())["metadata"]["labels"]


def test_a_web_configuration_lies_in_a_secret() -> None:
    made = only(values("protected"), "Secret")

    assert yaml.safe_load(made["stringData"]["web-config.yaml"]) == values("protected")["web"]["config"]
    assert volume(values("protected"), "web") == {
        "secret": {"secretName": made["metadata"]["name"], "defaultMode": 0o440}
    }
    assert f"--web.config.file={FILES}/web/web-config.yaml" in arguments(values("protected"))
    assert mounted(values("protected"))["tls"] == f"{FILES}/tls"

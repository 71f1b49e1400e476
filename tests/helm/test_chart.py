"""The chart, rendered by Helm's own engine for every case in ci/, against Kubernetes' own schemas."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "ai-provider-exporter"
CASES = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
OPERATOR = "monitoring.coreos.com/v1"
WARNING = 2  # lint's severities: 1 info, 2 warning, 3 error

Objects = dict[str, dict[str, Any]]

each_case = pytest.mark.parametrize("case", CASES)


def values(case: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CASES[case].read_text())
    return loaded


def rendered(given: dict[str, Any], name: str = "demo") -> dict[str, str]:
    """Template file to what it makes, without those that make nothing."""
    with helm_python.Chart.load(CHART) as chart:
        made = chart.render(values=given, name=name, namespace="sre")
    return {Path(path).name: text for path, text in made.items() if text.strip()}


def objects(given: dict[str, Any], name: str = "demo") -> Objects:
    """Template file to the object that it makes; a case of this chart makes at most one each."""
    made = rendered(given, name)
    return {path: yaml.safe_load(text) for path, text in made.items() if path.endswith(".yaml")}


def pod(given: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = objects(given)["deployment.yaml"]["spec"]["template"]["spec"]
    return spec


def container(given: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod(given)["containers"]
    found: dict[str, Any] = only
    return found


def data_of(made: dict[str, Any]) -> str:
    (text,) = made["data"].values()
    found: str = text
    return found


@each_case
def test_a_case_is_free_of_lint(case: str) -> None:
    report = helm_python.lint(CHART, values(case), strict=True, kube_version="v1.25.0")

    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] >= WARNING] == []


@pytest.mark.parametrize("version", ["1.25", "1.30", kubernetes_validate.latest_version()])
@each_case
def test_what_a_case_makes_is_valid_for_kubernetes(case: str, version: str) -> None:
    made = [found for found in objects(values(case)).values() if found["apiVersion"] != OPERATOR]

    assert len(made) >= 2
    for found in made:
        kubernetes_validate.validate(found, version, strict=True)


@each_case
def test_every_object_is_named_labelled_and_placed(case: str) -> None:
    for found in objects(values(case)).values():
        metadata = found["metadata"]

        assert metadata["namespace"] == "sre"
        assert len(metadata["name"]) <= 63
        assert metadata["labels"]["app.kubernetes.io/instance"] == "demo"


@each_case
def test_the_pod_is_of_the_restricted_profile(case: str) -> None:
    # https://kubernetes.io/docs/concepts/security/pod-security-standards/, "Restricted"
    spec = pod(values(case))
    security = container(values(case))["securityContext"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 65532
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert {next(iter(set(volume) - {"name"})) for volume in spec["volumes"]} <= {
        "configMap",
        "emptyDir",
        "persistentVolumeClaim",
        "secret",
    }


@each_case
def test_the_pod_can_write_its_state_only_and_holds_no_token(case: str) -> None:
    writable = [mount["name"] for mount in container(values(case))["volumeMounts"] if not mount.get("readOnly")]

    assert container(values(case))["securityContext"]["readOnlyRootFilesystem"] is True
    assert writable == ["state"]
    assert pod(values(case))["automountServiceAccountToken"] is False


@each_case
def test_every_mount_has_its_volume(case: str) -> None:
    mounted = [mount["name"] for mount in container(values(case))["volumeMounts"]]

    assert sorted(mounted) == sorted(volume["name"] for volume in pod(values(case))["volumes"])


@each_case
def test_two_pods_never_pay_at_the_same_time(case: str) -> None:
    spec = objects(values(case))["deployment.yaml"]["spec"]

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


@each_case
def test_scrapes_and_health_checks_find_the_exporter(case: str) -> None:
    made = objects(values(case))
    served = container(values(case))
    service = made["service.yaml"]["spec"]

    assert [(port["name"], port["containerPort"]) for port in served["ports"]] == [("http", 10190)]
    assert served["livenessProbe"] == {"httpGet": {"path": "/-/healthy", "port": "http"}}
    assert served["readinessProbe"] == {"httpGet": {"path": "/-/ready", "port": "http"}}
    assert [port["targetPort"] for port in service["ports"]] == ["http"]
    assert service["selector"].items() <= made["deployment.yaml"]["spec"]["template"]["metadata"]["labels"].items()
    assert made["deployment.yaml"]["spec"]["selector"]["matchLabels"] == service["selector"]


def test_a_selector_survives_an_upgrade() -> None:
    # A Deployment's selector is immutable: a version in it would make the next upgrade fail.
    selector = objects({})["deployment.yaml"]["spec"]["selector"]["matchLabels"]

    assert set(selector) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}


def test_the_service_monitor_selects_the_service_and_names_the_job_that_an_alert_looks_for() -> None:
    made = objects(values("everything"))
    monitor = made["servicemonitor.yaml"]
    labels = made["service.yaml"]["metadata"]["labels"]

    assert (monitor["apiVersion"], monitor["kind"]) == (OPERATOR, "ServiceMonitor")
    assert set(monitor["spec"]) == {"jobLabel", "selector", "endpoints"}
    assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert monitor["spec"]["endpoints"] == [{"port": "http", "path": "/metrics", "interval": "15s"}]
    assert monitor["metadata"]["labels"]["release"] == "monitoring"
    assert labels[monitor["spec"]["jobLabel"]] == "ai-provider-exporter"


def test_the_rules_are_those_of_the_bundle_byte_for_byte() -> None:
    text = rendered(values("operator"))["prometheusrule.yaml"]
    made = yaml.safe_load(text)
    original = (ROOT / "alerts" / "rules" / "ai-provider.yaml").read_text()

    assert (made["apiVersion"], made["kind"]) == (OPERATOR, "PrometheusRule")
    assert made["spec"] == yaml.safe_load(original)
    assert textwrap.dedent(text.partition("spec:\n")[2]).strip() == original.strip()


def test_the_dashboard_is_that_of_the_bundle_byte_for_byte() -> None:
    made = objects(values("operator"))["dashboard.yaml"]

    assert data_of(made) == (ROOT / "dashboards" / "overview.json").read_text()
    assert made["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_a_packaged_chart_carries_rules_and_dashboard_and_no_cases(tmp_path: Path) -> None:
    with helm_python.Chart.load(CHART) as chart:
        archive = chart.save(tmp_path)
    with helm_python.Chart.load(archive) as packed:
        names = {file["name"] for file in packed.files}

    assert {"files/rules/ai-provider.yaml", "files/dashboards/overview.json"} <= names
    assert not any(name.startswith("ci/") for name in names)


def test_keys_become_variables_or_files_as_asked() -> None:
    both, files = container(values("everything")), container(values("keys-as-files"))

    assert both["envFrom"] == [{"secretRef": {"name": "ai-provider-keys"}}]
    assert "envFrom" not in files
    assert {"name": "keys", "mountPath": "/etc/ai-provider-exporter/keys", "readOnly": True} in files["volumeMounts"]
    assert "envFrom" not in container({})


def test_without_a_configuration_the_catalog_is_used() -> None:
    assert container({})["args"] == ["serve"]
    assert "configmap.yaml" not in objects({})


def test_a_changed_configuration_makes_a_new_pod() -> None:
    def mark(interval: str) -> str:
        made = objects({"config": {"defaults": {"interval": interval}}})["deployment.yaml"]
        found: str = made["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
        return found

    assert mark("60s") == mark("60s")
    assert mark("60s") != mark("61s")


@pytest.mark.parametrize("case", [case for case in CASES if "config" in values(case)])
def test_the_configuration_arrives_as_written_and_the_exporter_takes_it(case: str, tmp_path: Path) -> None:
    text = data_of(objects(values(case))["configmap.yaml"])
    mounted = tmp_path / "config.yaml"
    mounted.write_text(text)
    command = [sys.executable, "-m", "ai_provider_exporter", "check-config", str(mounted)]

    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert yaml.safe_load(text) == values(case)["config"]
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        pytest.param({"replicas": 2}, "replicas", id="an unknown value"),
        pytest.param({"image": {"registry": "x"}}, "registry", id="an unknown value below"),
        pytest.param({"config": {"probe": []}}, "probe", id="a misspelt block of the configuration"),
        pytest.param({"service": {"port": "http"}}, "port", id="a port that is no number"),
        pytest.param({"extraArgs": ["--x", "y"]}, "extraArgs", id="an argument that is no option"),
        pytest.param({"keys": {"OPENAI_API_KEY": "sk"}}, "OPENAI_API_KEY", id="a key in the values"),
        pytest.param({"serviceMonitor": {"interval": "soon"}}, "interval", id="an interval that is none"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(helm_python.HelmError, match=complaint):
        rendered(given)


def test_the_schema_knows_every_value_and_no_other() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())

    assert set(schema["properties"]) - {"global"} == set(defaults)
    assert schema["additionalProperties"] is False
    for name, value in defaults.items():
        if isinstance(value, dict) and value and "properties" in schema["properties"][name]:
            assert set(schema["properties"][name]["properties"]) == set(value), name


def test_every_value_is_used_by_a_template_and_by_a_case() -> None:
    templates = "".join(path.read_text() for path in (CHART / "templates").iterdir())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())

    assert [name for name in defaults if f".Values.{name}" not in templates] == []
    assert set(values("everything")) == set(defaults)


def test_notes_tell_what_is_missing() -> None:
    bare, full = rendered({})["NOTES.txt"], rendered(values("everything"))["NOTES.txt"]

    assert "It has no keys" in bare
    assert "Nothing tells Prometheus of it" in bare
    assert "It has no keys" not in full
    assert "port-forward service/probes-fra1 8080" in full


def test_a_long_release_name_still_gives_a_valid_name() -> None:
    name = objects({}, name="a" * 53)["deployment.yaml"]["metadata"]["name"]

    assert len(name) <= 63
    assert not name.endswith("-")

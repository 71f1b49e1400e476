"""What every case of ci/ makes, against Kubernetes' own schemas and those of the custom resources."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import jsonschema
import pytest
import yaml
from cloudcoil.models.prometheus_operator import v1, v1alpha1
from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from tests.helm.charts import (
    CASES,
    CHART,
    ROOT,
    Object,
    each_case,
    exporter,
    minimal,
    objects,
    only,
    pod,
    values,
    workload,
)

SCHEMAS = "kubernetes-json-schema"  # a directory of kubernetes_validate
VERSIONS = ("1.28.0", "1.33.0", "1.37.0")
WARNING = 2  # lint's severities: 1 info, 2 warning, 3 error
CRDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("crds.yaml").read_text())
MODELS: dict[tuple[str, str], Any] = {
    ("monitoring.coreos.com/v1", "ServiceMonitor"): v1.ServiceMonitor,
    ("monitoring.coreos.com/v1", "PodMonitor"): v1.PodMonitor,
    ("monitoring.coreos.com/v1", "PrometheusRule"): v1.PrometheusRule,
    ("monitoring.coreos.com/v1alpha1", "ScrapeConfig"): v1alpha1.ScrapeConfig,
    ("monitoring.coreos.com/v1alpha1", "AlertmanagerConfig"): v1alpha1.AlertmanagerConfig,
}
BUILT_IN = {"v1", "apps/v1", "policy/v1", "networking.k8s.io/v1"}


def is_built_in(made: Object) -> bool:
    return made["apiVersion"] in BUILT_IN


@cache
def definitions(version: str) -> Resource[Any]:
    return Resource.from_contents(schema_contents(f"{SCHEMAS}/v{version}-local-strict/_definitions.json", version))


@cache
def validator(version: str, kind: str, api_version: str) -> Draft202012Validator:
    """kubernetes_validate.validate reads two megabytes anew for each object; this reads its schemas once."""
    group, _, name = api_version.rpartition("/")
    file = "-".join([kind.lower(), *filter(None, [group.partition(".")[0]]), name])
    schema = schema_contents(f"{SCHEMAS}/v{version}-local-strict/{file}.json", version)
    return Draft202012Validator(schema, registry=definitions(version) @ Registry())


def check_custom(made: Object) -> None:
    """Raises if the object has a field that its kind does not have, or a value that it does not take."""
    model = MODELS.get((made["apiVersion"], made["kind"]))
    if model is not None:
        read = model.model_validate(made).model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert read == made, "a field of it is not one of its kind"
        return
    kind = CRDS["kinds"][made["kind"]]
    assert made["apiVersion"] == kind["apiVersion"]
    spec = {
        "definitions": CRDS["definitions"],
        "type": "object",
        "additionalProperties": False,
        "required": kind.get("required", []),
        "properties": kind["properties"],
    }
    jsonschema.validate(made["spec"], spec)


@each_case
def test_a_case_is_free_of_lint(case: str) -> None:
    report = helm_python.lint(CHART, values(case), strict=True, kube_version="v1.28.0")

    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] >= WARNING] == []


@pytest.mark.parametrize("version", VERSIONS)
@each_case
def test_what_a_case_makes_is_valid_for_kubernetes(case: str, version: str) -> None:
    made = [found for found in objects(values(case)) if is_built_in(found)]

    assert len(made) >= 2
    for found in made:
        validator(version, found["kind"], found["apiVersion"]).validate(found)


@each_case
def test_every_custom_resource_of_a_case_is_one_that_its_operator_takes(case: str) -> None:
    for found in objects(values(case)):
        if not is_built_in(found):
            check_custom(found)


@pytest.mark.parametrize(
    ("kind", "case", "damage"),
    [
        pytest.param("ServiceMonitor", "full", {"jobLable": "x"}, id="a misspelt field of the Prometheus Operator"),
        pytest.param("PodMonitoring", "gke", {"scheme": "http"}, id="a field of the endpoint beside it"),
        pytest.param("VMRule", "victoriametrics", {"groups": [{"name": "a"}]}, id="a group without rules"),
    ],
)
def test_a_wrong_custom_resource_would_be_noticed(kind: str, case: str, damage: Object) -> None:
    made = only(values(case), kind)
    damaged = {**made, "spec": {**made["spec"], **damage}}

    with pytest.raises((AssertionError, jsonschema.ValidationError)):
        check_custom(damaged)


def test_a_wrong_object_of_kubernetes_would_be_noticed() -> None:
    made = only(minimal(), "Deployment")
    made["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"

    with pytest.raises(jsonschema.ValidationError, match="imagePullPolice"):
        validator(VERSIONS[-1], made["kind"], made["apiVersion"]).validate(made)


def test_every_kind_of_custom_resource_is_made_by_a_case() -> None:
    made = {found["kind"] for case in CASES for found in objects(values(case))}

    assert {kind for _, kind in MODELS} - {"AlertmanagerConfig"} | set(CRDS["kinds"]) <= made


@each_case
def test_every_object_is_named_labelled_and_placed(case: str) -> None:
    for found in objects(values(case)):
        metadata = found["metadata"]

        assert metadata["namespace"]
        assert len(metadata["name"]) <= 63
        assert metadata["labels"]["app.kubernetes.io/instance"] == "demo"


@each_case
def test_no_two_objects_have_one_name(case: str) -> None:
    names = [
        (found["kind"], found["metadata"]["namespace"], found["metadata"]["name"]) for found in objects(values(case))
    ]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", ["full", "sharded", "operator", "external-secret", "protected"])
def test_a_long_release_name_still_gives_valid_and_different_names(case: str) -> None:
    given = {key: value for key, value in values(case).items() if key != "fullnameOverride"}
    made = objects(given, name="a" * 53)
    names = [(found["kind"], found["metadata"]["name"]) for found in made]

    assert all(len(name) <= 63 and not name.endswith("-") for _, name in names)
    assert len(set(names)) == len(names)


def test_names_that_yaml_would_read_as_something_else_stay_text() -> None:
    number = "20261128"
    given = minimal(
        namespaceOverride=number,
        serviceAccount={"create": False, "name": number},
        imagePullSecrets=[number],
        priorityClassName=number,
        existingConfig={"configMap": number},
        keys={"existingSecret": number, "variables": {"Y": {"name": number, "key": "1"}}, "files": True},
        ca={"existingConfigMap": number},
        web={"existingSecret": number, "scheme": "http", "tlsSecret": number},
        state={"existingClaim": number},
        serviceMonitor={"enabled": True},
        ingress={"enabled": True, "className": number, "hosts": [{"host": "a.example"}]},
    )

    for found in objects(given, name=number):
        assert found["metadata"]["namespace"] == number
        if is_built_in(found):
            validator(VERSIONS[-1], found["kind"], found["apiVersion"]).validate(found)
        else:
            check_custom(found)


@each_case
def test_every_mount_has_its_volume(case: str) -> None:
    claims = [claim["metadata"]["name"] for claim in workload(values(case))["spec"].get("volumeClaimTemplates", [])]
    volumes = [volume["name"] for volume in pod(values(case))["volumes"] or []]

    assert sorted(mount["name"] for mount in exporter(values(case))["volumeMounts"]) == sorted([*claims, *volumes])


@each_case
def test_selectors_find_the_pod_and_name_no_version(case: str) -> None:
    made = workload(values(case))
    labels = made["spec"]["template"]["metadata"]["labels"]

    assert set(made["spec"]["selector"]["matchLabels"]) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
    assert made["spec"]["selector"]["matchLabels"].items() <= labels.items()
    for service in [found for found in objects(values(case)) if found["kind"] == "Service"]:
        assert service["spec"]["selector"] == made["spec"]["selector"]["matchLabels"]


def test_nobody_can_override_what_the_workload_selects_by() -> None:
    stolen = {"app.kubernetes.io/name": "theirs", "app.kubernetes.io/instance": "theirs"}
    made = workload(minimal(commonLabels=stolen, podLabels=stolen))

    assert made["metadata"]["labels"].items() >= made["spec"]["selector"]["matchLabels"].items()
    assert made["spec"]["template"]["metadata"]["labels"].items() >= made["spec"]["selector"]["matchLabels"].items()
    assert made["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] == "ai-provider-exporter"


def test_two_pods_never_pay_at_the_same_time() -> None:
    spec = only(minimal(), "Deployment")["spec"]

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert only(minimal(updateStrategy={"type": "RollingUpdate"}), "Deployment")["spec"]["strategy"] == {
        "type": "RollingUpdate"
    }


def test_another_selector_is_on_workload_services_and_monitors_and_takes_no_label_away() -> None:
    given = minimal(selectorOverride={"app": "probes"}, serviceMonitor={"enabled": True}, sharding={"enabled": True})
    made = workload(given)

    assert made["spec"]["selector"] == {"matchLabels": {"app": "probes"}}
    assert (
        made["spec"]["template"]["metadata"]["labels"].items()
        >= {
            "app": "probes",
            "app.kubernetes.io/name": "ai-provider-exporter",
            "app.kubernetes.io/instance": "demo",
        }.items()
    )
    assert only(given, "ServiceMonitor")["spec"]["selector"]["matchLabels"]["app"] == "probes"
    assert [found["spec"]["selector"] for found in objects(given) if found["kind"] == "Service"] == [
        {"app": "probes"}
    ] * 2


def test_common_labels_and_annotations_are_on_every_object() -> None:
    given = minimal(commonLabels={"team": "sre"}, commonAnnotations={"owner": "us"}, dashboards={"enabled": True})

    for made in objects(given):
        assert made["metadata"]["labels"]["team"] == "sre"
        assert made["metadata"]["annotations"]["owner"] == "us"


def test_a_packaged_chart_carries_rules_and_dashboards_and_no_cases(tmp_path: Path) -> None:
    with helm_python.Chart.load(CHART) as chart:
        archive = chart.save(tmp_path)
    with helm_python.Chart.load(archive) as packed:
        names = {file["name"] for file in packed.files}

    assert {"files/rules/ai-provider.yaml", "files/rules/templates.json"} <= names
    assert {f"files/dashboards/{path.name}" for path in (ROOT / "dashboards").glob("*.json")} <= names
    assert not any(name.startswith("ci/") for name in names)

"""Rules and dashboards in the chart: the bundle's own bytes, unless values ask for a change."""

from __future__ import annotations

import base64
import gzip
import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helm.charts import CHART, ROOT, Object, minimal, objects, of_kind, rendered, values
from tests.tools import monitoring

RULES = {path.name: path for path in sorted((ROOT / "alerts" / "rules").glob("*.yaml"))}
DASHBOARDS = {path.name: path for path in sorted((ROOT / "dashboards").glob("*.json"))}
DESTINATIONS = {"prometheusRule": "PrometheusRule", "vmRule": "VMRule", "gkeRules": "Rules"}
ALERTS = [
    rule["alert"]
    for path in RULES.values()
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
]


def changed(rules: dict[str, Any], destination: str = "prometheusRule") -> dict[str, Any]:
    return minimal(rules=rules, **{destination: {"enabled": True}})


def rules_of(made: list[Object]) -> list[dict[str, Any]]:
    return [rule for found in made for group in found["spec"]["groups"] for rule in group["rules"]]


def alerts(given: dict[str, Any], kind: str = "PrometheusRule") -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules_of(of_kind(given, kind)) if "alert" in rule}


def test_the_copies_in_the_chart_are_the_bundle() -> None:
    copies = {path.name: path.read_bytes() for path in (CHART / "files").glob("*/*")}

    assert copies == {path.name: path.read_bytes() for path in [*RULES.values(), *DASHBOARDS.values()]}


@pytest.mark.parametrize("destination", ["prometheusRule", "vmRule"])
def test_rules_are_those_of_the_bundle_byte_for_byte(destination: str) -> None:
    text = rendered(minimal(**{destination: {"enabled": True}}))[f"{destination.lower()}.yaml"]
    specs = [document.partition("spec:\n")[2] for document in text.split("\n---\n")]

    assert [textwrap.dedent(spec).strip() for spec in specs if spec] == [
        path.read_text().strip() for path in RULES.values()
    ]


def test_rules_of_google_are_those_of_the_bundle_without_what_google_has_not() -> None:
    shipped = [
        {key: value for key, value in rule.items() if key != "keep_firing_for"}
        for path in RULES.values()
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
    ]

    assert rules_of(of_kind(minimal(gkeRules={"enabled": True}), "Rules")) == shipped


def test_an_alert_may_be_left_out_and_all_else_stays() -> None:
    given = changed({"alerts": {"AIProviderKeyRejected": {"enabled": False}}})

    assert set(alerts(given)) == set(ALERTS) - {"AIProviderKeyRejected"}
    assert len(rules_of(of_kind(given, "PrometheusRule"))) == len(rules_of(of_kind(changed({}), "PrometheusRule"))) - 1


@pytest.mark.parametrize(
    ("change", "field", "now"),
    [
        pytest.param({"severity": "page"}, "labels", {"severity": "page"}, id="severity"),
        pytest.param({"labels": {"team": "ai"}}, "labels", {"team": "ai"}, id="a label"),
        pytest.param({"annotations": {"note": "Call."}}, "annotations", {"note": "Call."}, id="an annotation"),
        pytest.param({"for": "7m"}, "for", "7m", id="for"),
        pytest.param({"keepFiringFor": "9m"}, "keep_firing_for", "9m", id="keep_firing_for"),
    ],
)
def test_one_alert_may_be_changed(change: dict[str, Any], field: str, now: Any) -> None:
    shipped, made = alerts(changed({})), alerts(changed({"alerts": {"AIProviderDown": change}}))
    due = {**shipped["AIProviderDown"][field], **now} if isinstance(now, dict) else now

    assert made["AIProviderDown"] == {**shipped["AIProviderDown"], field: due}
    assert {name: made[name] for name in made if name != "AIProviderDown"} == {
        name: shipped[name] for name in shipped if name != "AIProviderDown"
    }


def test_every_alert_may_be_changed() -> None:
    rules = {
        "keepFiringFor": "9m",
        "labels": {"team": "ai"},
        "annotations": {"source": "probes"},
        "runbookUrlPrefix": "https://git.example/",
        "dashboardUrlPrefix": "https://grafana.example",
    }
    shipped = alerts(changed({}))

    for name, rule in alerts(changed(rules)).items():
        before = shipped[name]["annotations"]
        assert rule["keep_firing_for"] == "9m"
        assert rule["labels"] == {**shipped[name]["labels"], "team": "ai"}
        assert rule["annotations"]["source"] == "probes"
        assert rule["annotations"]["runbook_url"] == f"https://git.example/{before['runbook_url']}"
        if "dashboard_url" in before:
            assert rule["annotations"]["dashboard_url"] == f"https://grafana.example{before['dashboard_url']}"


def test_what_is_said_of_one_alert_wins_over_what_is_said_of_all() -> None:
    made = alerts(
        changed({"keepFiringFor": "9m", "labels": {"team": "a"}, "alerts": {
            "AIProviderDown": {"keepFiringFor": "1m", "labels": {"team": "b"}}}})
    )["AIProviderDown"]  # fmt: skip

    assert (made["keep_firing_for"], made["labels"]["team"]) == ("1m", "b")


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_changed_rules_are_good_rules(destination: str, tmp_path: Path) -> None:
    given = {**changed(values("full")["rules"], destination)}
    made = of_kind(given, DESTINATIONS[destination])
    files = [tmp_path / f"{at}.yaml" for at, _ in enumerate(made)]
    for path, found in zip(files, made, strict=True):
        path.write_text(yaml.safe_dump(found["spec"]))

    checked = monitoring.run("promtool", "check", "rules", *files)

    assert len(made) == len(RULES) + 1
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_dashboards_are_those_of_the_bundle_byte_for_byte() -> None:
    made = of_kind(minimal(dashboards={"enabled": True}), "ConfigMap")

    assert [found["metadata"]["labels"]["grafana_dashboard"] for found in made] == ["1"] * len(DASHBOARDS)
    assert {name: text for found in made for name, text in found["data"].items()} == {
        f"ai-provider-{name}": path.read_text() for name, path in DASHBOARDS.items()
    }


def test_dashboards_go_into_the_folder_that_the_sidecar_reads_from_an_annotation() -> None:
    given = minimal(dashboards={"enabled": True, "folder": "AI", "folderAnnotation": "k8s-sidecar-target-directory"})

    for found in of_kind(given, "ConfigMap"):
        assert found["metadata"]["annotations"] == {"k8s-sidecar-target-directory": "AI"}


def test_the_grafana_operator_reads_the_same_config_maps() -> None:
    given = minimal(dashboards={"grafanaOperator": {"enabled": True}})
    made = {found["metadata"]["name"]: found for found in of_kind(given, "ConfigMap")}
    dashboards = of_kind(given, "GrafanaDashboard")

    assert len(dashboards) == len(DASHBOARDS)
    assert all("grafana_dashboard" not in found["metadata"]["labels"] for found in made.values())
    for dashboard in dashboards:
        reference = dashboard["spec"]["configMapRef"]
        assert json.loads(made[reference["name"]]["data"][reference["key"]])["uid"]


def test_a_release_fits_into_its_secret() -> None:
    # Helm keeps chart and manifests, compressed, in one Secret of 1 MiB: https://helm.sh/docs/topics/advanced/
    given = minimal(dashboards={"enabled": True}, prometheusRule={"enabled": True})
    chart = {str(path): base64.b64encode(path.read_bytes()).decode() for path in CHART.rglob("*") if path.is_file()}
    release = json.dumps({"chart": chart, "manifest": "\n".join(rendered(given).values())})

    assert len(base64.b64encode(gzip.compress(release.encode(), 9))) < 900_000


def test_nothing_of_the_bundle_is_made_unless_asked_for() -> None:
    kinds = {found["kind"] for found in objects(minimal())}

    assert kinds == {"Deployment", "Service", "ServiceAccount"}

"""Rules and dashboards in the chart: the bundle's own bytes, unless values ask for a change."""

from __future__ import annotations

import base64
import gzip
import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.src import build
from alerts.src.values import load
from tests.helm.charts import CHART, ROOT, Object, minimal, objects, of_kind, read, rendered, values
from tests.tools import monitoring

RULES = ROOT / "alerts" / "rules" / "ai-provider.yaml"
SHIPPED = [rule for group in read(RULES.read_text())["groups"] for rule in group["rules"]]
DASHBOARDS = {path.name: path for path in sorted((ROOT / "dashboards").glob("*.json"))}
DESTINATIONS = {"prometheusRule": "PrometheusRule", "vmRule": "VMRule", "gkeRules": "Rules"}
ALERTS = {rule["alert"]: rule for rule in SHIPPED if "alert" in rule}


def changed(rules: dict[str, Any], destination: str = "prometheusRule") -> dict[str, Any]:
    return minimal(rules=rules, **{destination: {"enabled": True}})


def rules_of(made: list[Object]) -> list[dict[str, Any]]:
    return [rule for found in made for group in found["spec"]["groups"] for rule in group["rules"]]


def alerts(given: dict[str, Any], kind: str = "PrometheusRule") -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules_of(of_kind(given, kind)) if "alert" in rule}


def test_the_copies_in_the_chart_are_the_bundle() -> None:
    files = CHART / "files"
    copies = {str(path.relative_to(files)): path.read_bytes() for path in files.rglob("*.*")}
    rules = {f"rules/{path.relative_to(RULES.parent)}": path.read_bytes() for path in RULES.parent.rglob("*.*")}

    assert copies == rules | {f"dashboards/{name}": path.read_bytes() for name, path in DASHBOARDS.items()}


@pytest.mark.parametrize("destination", ["prometheusRule", "vmRule"])
def test_rules_are_those_of_the_bundle_byte_for_byte(destination: str) -> None:
    text = rendered(minimal(**{destination: {"enabled": True}}))[f"{destination.lower()}.yaml"]

    assert textwrap.dedent(text.partition("spec:\n")[2]).strip() == RULES.read_text().strip()


def test_rules_of_your_own_traffic_are_those_of_the_bundle_byte_for_byte_and_only_on_request() -> None:
    given = minimal(rules={"traffic": ["litellm"]}, prometheusRule={"enabled": True})
    documents = rendered(given)["prometheusrule.yaml"].split("\n---\n")[1:]
    due = [RULES, RULES.parent / "traffic" / "alerts.yaml", RULES.parent / "traffic" / "litellm.yaml"]

    assert [textwrap.dedent(text.partition("spec:\n")[2]).strip() for text in documents] == [
        path.read_text().strip() for path in due
    ]
    assert "AIProviderTrafficFails" not in alerts(changed({}))


def test_rules_of_google_are_those_of_the_bundle_without_what_google_has_not() -> None:
    shipped = [{key: value for key, value in rule.items() if key != "keep_firing_for"} for rule in SHIPPED]

    assert rules_of(of_kind(minimal(gkeRules={"enabled": True}), "Rules")) == shipped


# What the chart is given, and the same for the renderer that the rules come from.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "an alert left out": (
        {"alerts": {"AIProviderKeyRejected": {"enabled": False}}},
        {"alerts": {"AIProviderKeyRejected": {"enabled": False}}},
    ),
    "one alert": (
        {
            "alerts": {
                "AIProviderSlow": {
                    "severity": "critical",
                    "for": "7m",
                    "keepFiringFor": "9m",
                    "labels": {"shift": "night"},
                    "annotations": {"note": 'Say "hello".'},
                    "values": {"share": 0.3},
                }
            }
        },
        {
            "alerts": {
                "AIProviderSlow": {
                    "severity": "critical",
                    "for": "7m",
                    "keep_firing_for": "9m",
                    "labels": {"shift": "night"},
                    "annotations": {"note": 'Say "hello".'},
                    "share": 0.3,
                }
            }
        },
    ),
    "thresholds": (
        {"values": {"failures": 6, "objective": 0.995, "down_share": 0.75, "team_ours": "keys"}},
        {"failures": 6, "objective": 0.995, "down_share": 0.75, "team_ours": "keys"},
    ),
    "links": (
        {
            "runbookUrlPrefix": "https://git.example/",
            "dashboardUrlPrefix": "https://grafana.example",
            "boardUrlPrefix": "https://ops.example",
        },
        {
            "runbook_prefix": "https://git.example/",
            "dashboard_prefix": "https://grafana.example",
            "board_prefix": "https://ops.example",
        },
    ),
    "labels and annotations": (
        {"labels": {"team2": "a"}, "annotations": {"source": "probes <1 & 2>"}},
        {"labels": {"team2": "a"}, "annotations": {"source": "probes <1 & 2>"}},
    ),
    "a selector": (
        {"selector": 'cluster="fra1", env=~"p.*"', "groupLabels": ["cluster", "env"]},
        {"selector": "cluster='fra1', env=~'p.*'", "group_labels": ["cluster", "env"]},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_rules_are_those_that_their_own_renderer_makes(change: str, tmp_path: Path) -> None:
    ours, theirs = CHANGES[change]
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(theirs))
    due = read(build.rules(load([tmp_path / "values.yaml"], [])))

    made, traffic, source = of_kind(changed({**ours, "traffic": ["otel-genai"]}), "PrometheusRule")

    assert made["spec"]["groups"] == due["groups"]
    assert rules_of([made]) != SHIPPED
    for found, name in ((traffic, "ai-traffic"), (source, "ai-traffic-otel-genai")):
        text = build.traffic(name)(load([tmp_path / "values.yaml"], []))
        assert found["spec"]["groups"] == read(text)["groups"]


def test_keep_firing_for_may_be_set_for_every_alert_and_otherwise_for_one() -> None:
    given = changed({"keepFiringFor": "9m", "alerts": {"AIProviderDown": {"keepFiringFor": "1m"}}})
    made = {name: rule["keep_firing_for"] for name, rule in alerts(given).items()}

    assert made == {name: "1m" if name == "AIProviderDown" else "9m" for name in ALERTS}


def test_the_board_is_linked_where_people_reach_it() -> None:
    given = minimal(web={"externalUrl": "https://ops.example/ai/"}, prometheusRule={"enabled": True})

    assert alerts(given)["AIProviderDown"]["annotations"]["board_url"].startswith("https://ops.example/ai/providers/")


@pytest.mark.parametrize(
    ("given", "jobs"),
    [
        pytest.param({}, ["ai-provider-exporter"], id="as shipped"),
        pytest.param({"nameOverride": "prober"}, ["ai-provider-exporter", "prober"], id="another name"),
        pytest.param(
            {"fullnameOverride": "probes", "podMonitoring": {"enabled": True}},
            ["ai-provider-exporter", "probes"],
            id="Google names the job after its own object",
        ),
    ],
)
def test_the_alert_for_an_absent_exporter_knows_the_job(given: dict[str, Any], jobs: list[str]) -> None:
    expression = alerts(minimal(prometheusRule={"enabled": True}, **given))["AIProviderExporterAbsent"]["expr"]
    pattern = re.search(r'up\{job=~"([^"]+)"', expression)

    assert pattern is not None
    assert all(re.fullmatch(pattern[1], job) for job in jobs)
    assert not re.fullmatch(pattern[1], "node-exporter")


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_changed_rules_are_good_rules(destination: str, tmp_path: Path) -> None:
    given = {**changed(values("full")["rules"], destination)}
    made = of_kind(given, DESTINATIONS[destination])
    files = [tmp_path / f"{at}.yaml" for at, _ in enumerate(made)]
    for path, found in zip(files, made, strict=True):
        path.write_text(yaml.safe_dump(found["spec"]))

    checked = monitoring.run("promtool", "check", "rules", *files)

    assert len(made) == 6
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

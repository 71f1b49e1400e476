"""Upgrades: what Kubernetes refuses to change stays as every older version of the chart made it; shards grow gently."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml
from ai_provider_exporter.model.shard import Shard

from tests.helm.charts import CHART, exporter, minimal, of_kind, workload

RELEASED: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("released.yaml").read_text())
PROVIDERS = [f"provider-{at}" for at in range(2000)]


@pytest.mark.parametrize("release", [pytest.param(r, id=f"{r['version']}, {r['case']}") for r in RELEASED])
def test_an_upgrade_keeps_what_cannot_change(release: dict[str, Any]) -> None:
    for old in release["objects"]:
        made = [found for found in of_kind(minimal(**release["values"]), old["kind"]) if named(found, old["name"])]

        assert len(made) == 1, f"{old['kind']} {old['name']} would be deleted"
        assert {key: made[0]["spec"].get(key) for key in old.get("spec", {})} == old.get("spec", {})


def named(made: dict[str, Any], name: str) -> bool:
    return bool(made["metadata"]["name"] == name)


def test_the_version_of_the_chart_is_on_record() -> None:
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["version"] in {r["version"] for r in RELEASED}


def owners(shards: int, providers: Sequence[str] = PROVIDERS) -> dict[str, list[int]]:
    """Provider -> the pods of a StatefulSet of that size that run it, by the argument that the chart gives each."""
    given = minimal(sharding={"enabled": True, "shards": shards})
    (argument,) = [text for text in exporter(given)["args"] if text.startswith("--shard=")]
    assert argument == f"--shard=$(POD_INDEX)/{shards}"
    pods = range(workload(given)["spec"]["replicas"])
    return {name: [at for at in pods if Shard(at, shards).owns(name)] for name in providers}


@pytest.mark.parametrize("shards", [1, 2, 3, 5, 8])
def test_one_more_shard_moves_its_share_to_itself_and_nobody_is_asked_twice(shards: int) -> None:
    before, after = owners(shards), owners(shards + 1)
    moved = [name for name in PROVIDERS if before[name] != after[name]]
    share = 1 / (shards + 1)
    chance = 3 * sqrt(share * (1 - share) / len(PROVIDERS))  # three standard deviations of a sample of that size

    assert all(len(pods) == 1 for pods in [*before.values(), *after.values()])
    assert {after[name][0] for name in moved} == {shards}
    assert len(moved) / len(PROVIDERS) <= share + chance


@pytest.mark.parametrize(("version", "times"), [("v1.27.9", 1), ("v1.28.0", 0)])
def test_shards_need_a_kubernetes_that_numbers_its_pods(
    version: str, times: int, capfd: pytest.CaptureFixture[str]
) -> None:
    # Only lint takes a version of Kubernetes, and where a template fails, lint writes it to standard error.
    helm_python.lint(CHART, minimal(sharding={"enabled": True}), kube_version=version)

    assert capfd.readouterr().err.count("sharding.enabled needs Kubernetes 1.28 or newer") == times


def test_each_shard_has_its_own_volume() -> None:
    given = minimal(sharding={"enabled": True}, state={"persistence": {"enabled": True}})

    assert [claim["metadata"]["name"] for claim in workload(given)["spec"]["volumeClaimTemplates"]] == ["state"]
    assert of_kind(given, "PersistentVolumeClaim") == []
    assert "state" not in [volume["name"] for volume in workload(given)["spec"]["template"]["spec"]["volumes"] or []]


def test_shards_spread_by_their_own_labels() -> None:
    constraint = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    other = {"matchLabels": {"app": "other"}}
    given = minimal(
        sharding={"enabled": True}, topologySpreadConstraints=[constraint, {**constraint, "labelSelector": other}]
    )
    made = workload(given)["spec"]

    assert [c["labelSelector"] for c in made["template"]["spec"]["topologySpreadConstraints"]] == [
        made["selector"],
        other,
    ]

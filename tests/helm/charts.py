"""The chart, rendered by Helm's own engine: what every test of it begins with."""

from __future__ import annotations

import atexit
import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import helm_python
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "ai-provider-exporter"
CASES = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
IMAGE = {"repository": "images.example/ai-provider-exporter"}

Object = dict[str, Any]

each_case = pytest.mark.parametrize("case", CASES)


def read(text: str) -> Any:
    """A YAML document; the loader in C is ten times as fast, which the rules and dashboards need."""
    return yaml.load(text, yaml.CSafeLoader)


def values(case: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CASES[case].read_text())
    return loaded


def checked(given: dict[str, Any]) -> dict[str, str]:
    """As `rendered`, and the schema is asked first: each time that takes ten times as long.

    Raises:
        helm_python.HelmError: the schema or the chart refuses the values.
    """
    return _made(CHART, given, "demo")


def rendered(given: dict[str, Any], name: str = "demo") -> dict[str, str]:
    """Template file -> what it makes, without those that make nothing.

    Raises:
        helm_python.HelmError: the chart refuses the values.
    """
    return _rendered(json.dumps(given), name)


@cache
def _rendered(given: str, name: str) -> dict[str, str]:
    return _made(Path(_unchecked().name, CHART.name), json.loads(given), name)


@cache
def _unchecked() -> TemporaryDirectory[str]:
    """A directory with the chart without its schema, removed at the end."""
    directory = TemporaryDirectory()
    atexit.register(directory.cleanup)
    shutil.copytree(
        CHART, Path(directory.name, CHART.name), ignore=shutil.ignore_patterns("values.schema.json", "README.md")
    )
    return directory


def _made(chart_directory: Path, given: dict[str, Any], name: str) -> dict[str, str]:
    with helm_python.Chart.load(chart_directory) as chart:
        made = chart.render(values=given, name=name, namespace="sre")
    return {Path(path).name: text for path, text in made.items() if text.strip()}


def objects(given: dict[str, Any], name: str = "demo") -> list[Object]:
    made: list[Object] = json.loads(_objects(json.dumps(given), name))
    return made


@cache
def _objects(given: str, name: str) -> str:
    """As JSON, which is read much faster than YAML, and anew for each test."""
    texts = (text for path, text in _rendered(given, name).items() if path.endswith(".yaml"))
    return json.dumps([made for text in texts for made in yaml.load_all(text, yaml.CSafeLoader) if made])


def of_kind(given: dict[str, Any], kind: str, name: str = "demo") -> list[Object]:
    return [made for made in objects(given, name) if made["kind"] == kind]


def only(given: dict[str, Any], kind: str, name: str = "demo") -> Object:
    """The one object of that kind."""
    (made,) = of_kind(given, kind, name)
    return made


def minimal(**given: Any) -> dict[str, Any]:
    """Values that render, and more."""
    return {"image": IMAGE, **given}


def workload(given: dict[str, Any], name: str = "demo") -> Object:
    (made,) = [made for made in objects(given, name) if made["kind"] in {"Deployment", "StatefulSet"}]
    return made


def pod(given: dict[str, Any]) -> Object:
    spec: Object = workload(given)["spec"]["template"]["spec"]
    return spec


def exporter(given: dict[str, Any]) -> Object:
    """The exporter's container."""
    (made,) = [made for made in pod(given)["containers"] if made["name"] == "exporter"]
    container: Object = made
    return container


def volume(given: dict[str, Any], name: str) -> Object | None:
    """The volume of that name, without its name; None if there is none."""
    found = [made for made in pod(given)["volumes"] if made["name"] == name]
    return {key: value for key, value in found[0].items() if key != "name"} if found else None


def mounted(given: dict[str, Any]) -> dict[str, str]:
    """Volume -> where the exporter has it."""
    return {mount["name"]: mount["mountPath"] for mount in exporter(given)["volumeMounts"]}


def environment(given: dict[str, Any]) -> dict[str, Any]:
    """Variable -> its value, or where it is taken from."""
    return {e["name"]: e.get("value", e.get("valueFrom")) for e in exporter(given).get("env", [])}

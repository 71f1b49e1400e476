"""values.yaml, its schema and its table: one source, nothing unknown, every mistake named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import helm_python
import jsonschema
import pytest
import yaml

from helm import build
from tests.helm.charts import CASES, CHART, DEFAULTS, IMAGE, ROOT, checked, each_case, minimal, rendered, values

SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
REFUSED: dict[str, list[dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text())


def refused(by: str) -> list[Any]:
    return [pytest.param(row["values"], row["says"], id=row["id"]) for row in REFUSED[by]]


def test_schema_and_table_are_those_of_the_values() -> None:
    stale = [path.name for path, text in build.due().items() if path.read_text("utf-8") != text]

    assert stale == [], "run make reference"


def test_the_schema_is_one_of_draft_07() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_the_configuration_is_checked_by_the_schema_that_the_exporter_ships() -> None:
    shipped = json.loads(build.CONFIG_SCHEMA.read_text("utf-8"))

    assert SCHEMA["definitions"]["config"]["properties"].keys() == shipped["properties"].keys()
    assert {f"config{name}" for name in shipped["$defs"]} <= SCHEMA["definitions"].keys()
    assert SCHEMA["properties"]["config"]["allOf"] == [{"$ref": "#/definitions/config"}]


def test_no_reference_hides_a_keyword() -> None:
    # Draft-07 ignores what stands beside a reference.
    def hidden(node: Any) -> set[str]:
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        own = set(node) - {"$ref", "description", "default"} if isinstance(node, dict) and "$ref" in node else set()
        return own.union(*(hidden(item) for item in inner))

    assert hidden(SCHEMA) == set()


def test_every_block_of_values_refuses_what_it_does_not_know() -> None:
    blocks = [(value.path, value) for value in build.values((CHART / "values.yaml").read_text()) if value.parent]

    assert len(blocks) > 20
    for path, _ in blocks:
        block = SCHEMA
        for name in path:
            block = block["properties"][name]
        assert block["additionalProperties"] is (path == ("global",)), path


def test_a_value_without_a_comment_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a\.b has no comment"):
        build.values("a:\n  b: 1\n")


def test_a_value_that_may_be_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="a may be anything"):
        build.schema(build.values("# -- Something.\na: []\n"))


def leaves(block: dict[str, Any], under: str = "") -> set[str]:
    names = set()
    for name, value in block.items():
        path = f"{under}{name}"
        names |= leaves(value, f"{path}.") if isinstance(value, dict) and value else {path}
    return names


def test_the_cases_set_every_value() -> None:
    known = {value.name for value in build.values((CHART / "values.yaml").read_text()) if not value.parent}
    written = {leaf for case in CASES for leaf in leaves(values(case))}
    unset = {name for name in known if not any(leaf == name or leaf.startswith(f"{name}.") for leaf in written)}

    privileged = {"hostNetwork", "hostUsers", "podSecurityContext", "securityContext", "web.hostPort"}
    instead_of_defaults = {"podDisruptionBudget.minAvailable", "selectorOverride", "updateStrategy"}
    assert unset == privileged | instead_of_defaults


@each_case
def test_the_schema_accepts_a_case(case: str) -> None:
    assert checked(values(case)) == rendered(values(case))


@pytest.mark.parametrize(("given", "name"), refused("schema"))
def test_a_wrong_value_is_refused_by_its_name(given: dict[str, Any], name: str) -> None:
    with pytest.raises(helm_python.HelmError, match="values don't meet the specifications") as refusal:
        checked({**given, "image": {**IMAGE, **given.get("image", {})}})

    assert name in str(refusal.value)


@pytest.mark.parametrize(("given", "sentence"), refused("chart"))
def test_what_does_not_go_together_fails_with_a_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(helm_python.HelmError) as refusal:
        checked({"image": IMAGE, **given})

    assert sentence in str(refusal.value)


def test_every_mistake_is_said_at_once() -> None:
    given = {"image": {}, "ingress": {"enabled": True}, "route": {"enabled": True}}

    with pytest.raises(helm_python.HelmError) as refusal:
        checked(given)

    assert all(name in str(refusal.value) for name in ("image.repository", "ingress.hosts", "route.parentRefs"))


def test_a_parent_chart_may_set_globals_of_its_own_and_a_condition() -> None:
    assert checked(minimal(enabled=True, **{"global": {"imageRegistry": "mirror.example", "theirs": 1}}))


def test_null_takes_a_default_away() -> None:
    text = checked(minimal(podSecurityContext={"runAsUser": None}, resources=None))["workload.yaml"]

    assert "runAsUser" not in text
    assert "memory" not in text


def test_the_defaults_are_valid_values() -> None:
    jsonschema.validate(DEFAULTS, SCHEMA, cls=jsonschema.Draft7Validator)


def test_the_yardstick_names_values_that_there_are() -> None:
    table = (CHART / "README.md").read_text().partition("<!-- begin yardstick -->")[2].partition("<!-- end")[0]
    ours = [line.split(" | ")[-1] for line in table.strip().splitlines()[2:]]
    names = {value.name for value in build.values((CHART / "values.yaml").read_text())}
    named = {name for cell in ours for name in re.findall(r"`([^`]+)`", cell)}

    assert len(ours) > 50
    assert all("`" in cell for cell in ours), "a row where they have and we have not"
    assert {name for name in named if not (CHART / name).exists()} <= names
    assert {name.partition(".")[0] for name in names} - {name.partition(".")[0] for name in named} == {"log"}


def test_every_values_file_of_the_documentation_renders() -> None:
    text = (ROOT / "docs" / "kubernetes.md").read_text()
    files = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]

    assert len(files) == 2
    assert all(checked(given) for given in files)


def test_every_file_that_the_documentation_names_is_there() -> None:
    for document in (ROOT / "docs" / "kubernetes.md", CHART / "README.md"):
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())

        assert [link for link in links if not (document.parent / link).exists()] == []

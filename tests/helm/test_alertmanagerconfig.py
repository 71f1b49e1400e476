"""The example of an AlertmanagerConfig says what alerts/alertmanager/alertmanager.yaml says, in the operator's form."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.helm.charts import CHART, ROOT
from tests.helm.test_objects import check_custom

OURS: dict[str, Any] = yaml.safe_load((CHART / "examples" / "alertmanagerconfig.yaml").read_text())
THEIRS: dict[str, Any] = yaml.safe_load((ROOT / "alerts" / "alertmanager" / "alertmanager.yaml").read_text())


def snake(node: Any) -> Any:
    """The keys of Kubernetes as those of Alertmanager, and its matchers as text."""
    if isinstance(node, list):
        return [snake(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"name", "matchType", "value"}:
        return f'{node["name"]}{node["matchType"]}"{node["value"]}"'
    return {re.sub(r"(?=[A-Z])", "_", key).lower(): snake(value) for key, value in node.items()}


def test_the_operator_takes_the_example() -> None:
    check_custom(OURS)


def test_the_example_routes_as_the_bundle_does() -> None:
    assert snake(OURS["spec"]["route"]) == THEIRS["route"]
    assert snake(OURS["spec"]["muteTimeIntervals"]) == THEIRS["time_intervals"]


def test_the_example_inhibits_as_the_bundle_does() -> None:
    renamed = {"source_match": "source_matchers", "target_match": "target_matchers"}
    ours = [{renamed.get(k, k): v for k, v in rule.items()} for rule in snake(OURS["spec"]["inhibitRules"])]

    assert ours == THEIRS["inhibit_rules"]


def test_every_receiver_of_a_route_is_there_and_no_other() -> None:
    route = OURS["spec"]["route"]
    named = {route["receiver"], *(inner["receiver"] for inner in route["routes"])}

    assert {receiver["name"] for receiver in OURS["spec"]["receivers"]} == named

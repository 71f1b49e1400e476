"""Templates and values make rules: plain data, as Prometheus reads it."""

from __future__ import annotations

from typing import Any, Final

from alerts.src.template import PLACEHOLDER, Group, Rule, filled
from alerts.src.values import AlertValues, Values

NESTED: Final = 3  # a value may name a value: a burn-rate window stands in `each`


def rendered(templates: list[Group], values: Values) -> list[Group]:
    """The groups with every value in place; alerts that are not enabled are left out.

    Raises:
        ValueError: a placeholder has no value.
    """
    return [group | {"rules": _rules(group["rules"], values)} for group in templates]


def _rules(templates: list[Rule], values: Values) -> list[Rule]:
    enabled = [rule for rule in templates if _given(rule, values).enabled]
    return [_rule(rule, _given(rule, values), values) for rule in enabled]


def _given(rule: Rule, values: Values) -> AlertValues:
    return values.alerts.get(rule.get("alert", ""), AlertValues())


def _rule(template: Rule, given: AlertValues, values: Values) -> Rule:
    texts = values.texts() | _texts(template["values"]) | _texts(_overrides(given))
    rule = {key: value for key, value in template.items() if key != "values"}
    if "alert" in rule:
        rule["labels"] = rule["labels"] | values.labels | given.labels
        rule["annotations"] = rule["annotations"] | values.annotations | given.annotations
    for _ in range(NESTED):
        rule = filled(rule, texts)
    rule["expr"] = rule["expr"].replace(", }", "}").replace(", )", ")").replace("{}", "")
    left = PLACEHOLDER.findall(str(rule))
    if left:
        raise ValueError(f"{rule.get('alert') or rule['record']}: ${{{left[0]}}} has no value")
    return {key: value for key, value in rule.items() if value not in ("", {})}


def _overrides(given: AlertValues) -> dict[str, Any]:
    common = {"severity": given.severity, "for": given.for_, "keep_firing_for": given.keep_firing_for}
    return {key: value for key, value in common.items() if value is not None} | given.own


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in values.items()}


def check_names(templates: list[Group], values: Values) -> None:
    """Raise ValueError if a value is given to an alert that does not exist, or that has no such value."""
    alerts = {rule["alert"]: rule["values"] for group in templates for rule in group["rules"] if "alert" in rule}
    for name, given in values.alerts.items():
        if name not in alerts:
            raise ValueError(f"alerts.{name}: no such alert; one of {', '.join(sorted(alerts))}")
        for key in given.own.keys() - alerts[name].keys():
            raise ValueError(f"alerts.{name}.{key}: the alert has no such value; one of {', '.join(alerts[name])}")

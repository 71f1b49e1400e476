"""Rules as templates: what stands in groups/*.yaml, with everything that is alike for all alerts added.

A template is a rule of Prometheus in which `${NAME}` stands for a value, and `values` holds the rule's own defaults.
Whoever renders it replaces each `${NAME}`, by the rule's own value first; the Helm chart does so with `replace`.
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any, Final

import yaml

Rule = dict[str, Any]
Group = dict[str, Any]

SOURCES: Final = Path(__file__).with_name("groups")
FRAGMENTS: Final[dict[str, dict[str, str]]] = yaml.safe_load(Path(__file__).with_name("fragments.yaml").read_text())

METRIC: Final = re.compile(
    r"(?<![\w:${])(ai_(?:probe|provider|status|component|incident|maintenance|model|budget|user|second|exporter)\w*)(\{?)"
)
GROUPING: Final = re.compile(r"\b(by|on) \(")
PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")


def groups(folder: str = "", reader: str = "prometheus") -> list[Group]:
    """Every group of a folder below groups/ as a template, in the order of their files.

    `reader` is who expands the annotations: `prometheus` or `grafana`.
    """
    sources = [yaml.safe_load(path.read_text()) for path in sorted((SOURCES / folder).glob("*.yaml"))]
    return [_group(source, FRAGMENTS[reader]) for source in sources]


def _group(source: Group, fragments: dict[str, str]) -> Group:
    rules = [rule for row in source["rules"] for rule in _each(row)]
    return source | {"rules": [_alert(rule, fragments) if "alert" in rule else _record(rule) for rule in rules]}


def _each(row: Rule) -> list[Rule]:
    """A row with `each: {NAME: [TEXT, …]}` is a rule for every TEXT."""
    if "each" not in row:
        return [row]
    ((name, texts),) = row["each"].items()
    plain = {key: value for key, value in row.items() if key != "each"}
    return [{key: filled(value, {name: text}) for key, value in plain.items()} for text in texts]


def _record(row: Rule) -> Rule:
    expression = _selected(row["expr"])
    if "provider" in row:
        expression = _by_provider(expression, **row["provider"])
    made = {key: value for key, value in row.items() if key != "provider"}
    return made | {"expr": expression, "values": row.get("values", {})}


def _by_provider(expression: str, label: str, names: dict[str, str]) -> str:
    """The same by `provider`: the value of `label`, or the name that it has with us."""
    for theirs, ours in {"(.+)": "$1", **{re.escape(name): ours for name, ours in names.items()}}.items():
        target = json.dumps(ours), json.dumps(label), json.dumps(theirs)
        expression = f'label_replace(\n{expression},\n"provider", {", ".join(target)})'
    return f"sum by (${{group_labels}}provider) (\n{textwrap.indent(expression, '  ')}\n)"


def _alert(row: Rule, fragments: dict[str, str]) -> Rule:
    name, fault = row["alert"], row["fault"]
    values = {"severity": row["severity"], "for": row.get("for", ""), "keep_firing_for": row.get("keep_firing_for", "")}
    query = "" if row["board"] == "/" else "?var-provider={{ $labels.provider }}"
    page = {"page": _selected(fragments["page"])} if row["board"].startswith("/providers/") else {}
    annotations = {
        "summary": row["summary"],
        "description": _selected(filled(" ".join(row["description"].split()), fragments)),
        **page,
        "runbook_url": f"${{runbook_prefix}}alerts/runbooks/{name}.md",
        "dashboard_url": f"${{dashboard_prefix}}/d/{row['dashboard']}{query}",
        "board_url": f"${{board_prefix}}{row['board']}",
        "__dashboardUid__": row["dashboard"],
        "__panelId__": str(row["panel"]),
    }
    return {
        "alert": name,
        "why": row.get("why", ""),
        "absent": row["absent"],
        "expr": _selected(row["expr"]),
        "for": "${for}",
        "keep_firing_for": "${keep_firing_for}",
        "labels": {"severity": "${severity}", "fault": fault, "team": f"${{team_{fault}}}"},
        "annotations": annotations,
        "values": values | row.get("values", {}),
    }


def _selected(expression: str) -> str:
    """The expression with a place for matchers in every selector, and for labels in every grouping."""
    with_matchers = METRIC.sub(lambda match: f"{match[1]}{{${{selector}}{'' if match[2] else '}'}", expression.strip())
    return GROUPING.sub(r"\1 (${group_labels}", with_matchers)


def filled(value: Any, texts: dict[str, str]) -> Any:
    """Text, list or mapping with each `${NAME}` of `texts` replaced; other placeholders stay."""
    if isinstance(value, dict):
        return {key: filled(part, texts) for key, part in value.items()}
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: texts.get(match[1], match[0]), value)
    return value

"""The same alerts as Grafana-managed rules, in the form of Grafana's file provisioning.

Field names: grafana/grafana, pkg/services/provisioning/alerting/rules_types.go, commit 0085cf8 (read 2026-11-28).
The recording rules stay with Prometheus: load them there (`--only recordings`).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

import yaml

from alerts.src.template import Group, Rule
from alerts.src.values import Values

# Grafana has no `query` in its templates: what a description asks of Prometheus on the way is left out.
QUERY: Final = re.compile(r"\{\{-? range printf .*? \| query -?\}\}.*?\{\{-? end -?\}\}")
DEFAULT_INTERVAL: Final = "1m"
LOOKBACK_SECONDS: Final = 600  # of an instant query, which reads only the end of it


def text(groups: list[Group], values: Values, header: str) -> str:
    """The file, byte for byte."""
    document = {"apiVersion": 1, "groups": [_group(group, values) for group in groups if _alerts(group)]}
    comment = "".join(f"# {line}\n" for line in header.strip().split("\n"))
    return comment + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """Writes an expression of several lines as a block."""


def _block(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _block)


def _alerts(group: Group) -> list[Rule]:
    return [rule for rule in group["rules"] if "alert" in rule]


def _group(group: Group, values: Values) -> dict[str, Any]:
    return {
        "orgId": 1,
        "name": group["group"],
        "folder": values.grafana_folder,
        "interval": group.get("interval", DEFAULT_INTERVAL),
        "rules": [_rule(rule, values) for rule in _alerts(group)],
    }


def _rule(rule: Rule, values: Values) -> dict[str, Any]:
    annotations = {key: _translated(text) for key, text in rule["annotations"].items() if text}
    optional = {"keepFiringFor": rule["keep_firing_for"]} if "keep_firing_for" in rule else {}
    return {
        "uid": hashlib.sha256(rule["alert"].encode()).hexdigest()[:20],  # stable: a new uid is a new rule
        "title": rule["alert"],
        "condition": "B",
        "data": _data(rule["expr"], values.grafana_datasource),
        "dashboardUid": annotations["__dashboardUid__"],
        "panelId": int(annotations["__panelId__"]),
        # The expression compares: what gives no series is well, and a failed query says so by itself.
        "noDataState": "OK",
        "execErrState": "Error",
        "missing_series_evals_to_resolve": 1,
        "for": rule.get("for", "0s"),
        **optional,
        "annotations": annotations,
        "labels": rule["labels"],
        "isPaused": False,
    }


def _data(expression: str, datasource: str) -> list[dict[str, Any]]:
    asked = {"refId": "A", "expr": expression, "instant": True, "range": False}
    # Any number fires, 0 too: PromQL has compared already.
    judged = {
        "refId": "B",
        "type": "math",
        "expression": "is_number($A) || is_nan($A) || is_inf($A)",
        "datasource": {"type": "__expr__", "uid": "__expr__"},
    }
    return [_query("A", datasource, asked), _query("B", "__expr__", judged)]


def _query(letter: str, datasource: str, model: dict[str, Any]) -> dict[str, Any]:
    window = {"from": LOOKBACK_SECONDS, "to": 0}
    return {"refId": letter, "relativeTimeRange": window, "datasourceUid": datasource, "model": model}


def _translated(template: str) -> str:
    """A template of Prometheus in Grafana's words: there the number is `$values.A.Value`."""
    return QUERY.sub("", template).replace("$value ", "$values.A.Value ")

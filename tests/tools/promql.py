"""What a PromQL expression reads: metrics, matchers, ranges, and the functions around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import promql_parser

from tests import contract

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True)
class Reading:
    """One selector: the metrics it may match, its matchers as text, its range if any, the functions around it."""

    metrics: tuple[str, ...]
    matchers: frozenset[str]
    labels: frozenset[str]
    range: timedelta | None
    functions: tuple[str, ...]


def readings(expression: str) -> list[Reading]:
    """The selectors of an expression, in their order.

    Raises:
        ValueError: it is no PromQL.
    """
    found: list[Reading] = []
    around: list[Any] = []

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(_reading(node, around))
        around.append(node)

    promql_parser.walk(promql_parser.parse(expression), enter, lambda _: around.pop() and None)
    return found


def _reading(selector: promql_parser.VectorSelector, around: list[Any]) -> Reading:
    matchers = [matcher for matcher in selector.matchers.matchers if matcher.name != "__name__"]
    named = [matcher.value for matcher in selector.matchers.matchers if matcher.name == "__name__"]
    ranges = [node.range for node in around[-1:] if isinstance(node, promql_parser.MatrixSelector)]
    return Reading(
        metrics=(selector.name,) if selector.name else tuple(named[0].split("|")),
        matchers=frozenset(str(matcher) for matcher in matchers),
        labels=frozenset(matcher.name for matcher in matchers),
        range=ranges[0] if ranges else None,
        functions=tuple(node.func.name for node in around if isinstance(node, promql_parser.Call)),
    )


def grouping(expression: str) -> set[str]:
    """The labels by which an expression aggregates and joins, and those that label_replace makes."""
    found: set[str] = set()

    def enter(node: Any) -> None:
        modifier = getattr(node, "modifier", None)
        found.update(getattr(modifier, "labels", ()))
        found.update(getattr(getattr(modifier, "matching", None), "labels", ()))
        found.update(getattr(modifier, "group_labels", None) or ())

    promql_parser.walk(promql_parser.parse(expression), enter)
    return found


def made_labels(expression: str) -> set[str]:
    """The labels that label_replace makes in an expression."""
    found: set[str] = set()

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.Call) and node.func.name == "label_replace":
            found.add(node.args[1].val)

    promql_parser.walk(promql_parser.parse(expression), enter)
    return found


def offences(expression: str, recorded: frozenset[str] = frozenset()) -> list[str]:
    """What an expression asks for that no exporter gives: metrics outside the contract, labels that they do not carry.

    Args:
        expression: PromQL without variables in its durations.
        recorded: names of recording rules, which may be read too, and whose labels are their own affair.
    """
    known = [reading for reading in readings(expression) if not recorded.intersection(reading.metrics)]
    metrics = [metric for reading in known for metric in reading.metrics]
    unknown = [metric for metric in metrics if contract.family(metric) not in contract.READABLE]
    if unknown or len(known) < len(readings(expression)):
        return unknown
    carried = made_labels(expression).union(*(contract.labels(metric) for metric in metrics))
    asked = grouping(expression).union(*(reading.labels for reading in known))
    return sorted(asked - carried) if metrics else []

"""Rules as a file for Prometheus, with the reasons as comments beside what they explain."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import yaml

from alerts.src.template import Group, Rule

WIDTH: Final = 118
WRAPPED: Final = 100  # a longer text is folded over several lines


def text(groups: list[Group], header: str) -> str:
    """The file, byte for byte. `header` is for whoever opens it; its lines become comments as they are."""
    comment = [f"# {line}".rstrip() for line in header.strip().split("\n")]
    return "\n".join([*comment, "groups:", *(_group(group) for group in groups)]) + "\n"


def _group(group: Group) -> str:
    lines = [_comment(group["why"], 2), f"  - name: {group['group']}"]
    if "interval" in group:
        lines.append(f"    interval: {group['interval']}")
    return "\n\n".join(["\n".join([*lines, "    rules:", _rule(group["rules"][0])]), *map(_rule, group["rules"][1:])])


def _rule(rule: Rule) -> str:
    kind = "alert" if "alert" in rule else "record"
    comments = [rule.get("why", ""), f"Absent: {rule['absent']}" if "absent" in rule else ""]
    lines = [_comment(comment, 6) for comment in comments if comment]
    lines += [f"      - {kind}: {rule[kind]}", f"        expr: {_block(rule['expr'], 10)}"]
    for key in ("for", "keep_firing_for"):
        if key in rule:
            lines.append(f"        {key}: {rule[key]}")
    for key in ("labels", "annotations"):
        if key in rule:
            lines += [f"        {key}:", *(f"          {name}: {_scalar(value)}" for name, value in rule[key].items())]
    return "\n".join(lines)


def _comment(text: str, indent: int) -> str:
    lines = textwrap.wrap(" ".join(text.split()), WIDTH - indent - 2)
    return "\n".join(f"{' ' * indent}# {line}" for line in lines)


def _block(expression: str, indent: int) -> str:
    return "|-\n" + textwrap.indent(expression, " " * indent) if "\n" in expression else _scalar(expression)


def _scalar(value: Any) -> str:
    """A text on one line or folded; quoted where YAML would read something else."""
    if len(value) > WRAPPED:
        lines = textwrap.wrap(value, WRAPPED, break_long_words=False, break_on_hyphens=False)
        return ">-\n" + textwrap.indent("\n".join(lines), " " * 12)
    dumped: str = yaml.safe_dump(value, width=10_000, allow_unicode=True)
    return dumped.removesuffix("\n").removesuffix("\n...")

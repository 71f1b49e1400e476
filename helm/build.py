"""Writes what follows from values.yaml: the chart's values.schema.json, and the table of values in its README.

    python -m helm.build

Above each value of values.yaml stands `# --` with what it does, as helm-docs reads it, and `# @schema` with what it may
be where its default does not tell: the name of a definition below, or keywords of JSON Schema (draft-07).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

CHART: Final = Path(__file__).parent / "ai-provider-exporter"
VALUES: Final = CHART / "values.yaml"
SCHEMA: Final = CHART / "values.schema.json"
README: Final = CHART / "README.md"
CONFIG_SCHEMA: Final = Path(__file__).parents[1] / "exporter" / "ai_provider_exporter" / "config" / "schema.json"

Schema = dict[str, Any]

OBJECT: Final[Schema] = {"type": "object"}
KEY_REF: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "key"],
    "properties": {"name": {"$ref": "#/definitions/name"}, "key": {"type": "string", "minLength": 1}},
}
DEFINITIONS: Final[dict[str, Schema]] = {
    "object": OBJECT,
    "objects": {"type": "array", "items": OBJECT},
    "named": {
        "type": "array",
        "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}},
    },
    "strings": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "texts": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
    "pullSecrets": {
        "type": "array",
        "items": {
            "type": ["object", "string"],
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": {"$ref": "#/definitions/name"}},
        },
    },
    "name": {"type": "string", "pattern": "^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "maxLength": 253},
    "duration": {"type": "string", "pattern": "^$|^([0-9]+(ms|s|m|h|d))+$"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "ports": {"type": "array", "items": {"$ref": "#/definitions/port"}},
    "intOrString": {"type": ["integer", "string"]},
    "keyRef": KEY_REF,
    "keyMap": {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": {"$ref": "#/definitions/keyRef"},
    },
    "targets": {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["to", "ports"],
            "properties": {
                "to": {"allOf": [{"$ref": "#/definitions/objects"}], "minItems": 1},
                "ports": {"allOf": [{"$ref": "#/definitions/ports"}], "minItems": 1},
            },
        },
    },
    "alert": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "enabled": {"type": "boolean"},
            "severity": {"enum": ["critical", "warning", "info"]},
            "for": {"$ref": "#/definitions/duration"},
            "keepFiringFor": {"$ref": "#/definitions/duration"},
            "labels": {"$ref": "#/definitions/labels"},
            "annotations": {"$ref": "#/definitions/labels"},
            "values": {"$ref": "#/definitions/texts"},
        },
    },
}
TYPES: Final = {bool: "boolean", int: "integer", str: "string"}


@dataclass(frozen=True)
class Value:
    """One value: where it stands, its default, and what the comment above it says; `schema` is None where it is silent.

    `parent` is a block of more values, which stand after it.
    """

    path: tuple[str, ...]
    default: Any
    meaning: str
    schema: str | None
    parent: bool

    @property
    def name(self) -> str:
        return ".".join(self.path)


def values(text: str) -> list[Value]:
    """The values of a values.yaml, in their order.

    Raises:
        ValueError: a value has no `# --` comment, or an empty default and no `# @schema`.
    """
    return list(_walk(yaml.compose(text), yaml.safe_load(text), (), text.splitlines()))


def _walk(node: Any, block: dict[str, Any], under: tuple[str, ...], lines: list[str]) -> Iterator[Value]:
    for key, inner in node.value:
        path, default = (*under, key.value), block[key.value]
        meaning, schema = _comment(lines, key.start_mark.line)
        parent = isinstance(default, dict) and bool(default) and schema is None
        if not parent and not meaning:
            raise ValueError(f"{'.'.join(path)} has no comment; write `# --` and what it does above it")
        yield Value(path, default, meaning, schema, parent)
        if parent:
            yield from _walk(inner, default, path, lines)


def _comment(lines: list[str], at: int) -> tuple[str, str | None]:
    """What the comment lines above line `at` say: a meaning and a schema."""
    above: list[str] = []
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1
        above.insert(0, lines[at].lstrip().removeprefix("#").strip())
    schema = next((line.removeprefix("@schema ") for line in above if line.startswith("@schema ")), None)
    words = " ".join(line for line in above if not line.startswith("@schema "))
    return (words.removeprefix("-- "), schema) if words.startswith("-- ") else ("", schema)


def config_definitions(text: str) -> dict[str, Schema]:
    """The exporter's own schema of its configuration, as definitions of ours: `config`, and one for each of its own."""
    whole: Schema = json.loads(text.replace("#/$defs/", "#/definitions/config"))
    inner = {f"config{name}": inner for name, inner in whole.pop("$defs").items()}
    del whole["$schema"]  # a part of ours is of our draft
    return {"config": whole, **inner}


def schema(all_values: list[Value]) -> Schema:
    """The JSON Schema of the values: it refuses every value that is not among them."""
    root: Schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart ai-provider-exporter",
        "definitions": {**DEFINITIONS, **config_definitions(CONFIG_SCHEMA.read_text("utf-8"))},
        **_block(""),
    }
    for value in all_values:
        block = root
        for name in value.path[:-1]:
            block = block["properties"][name]
        block["properties"][value.path[-1]] = _block(value.meaning) if value.parent else _leaf(value)
    # What a parent chart may write: values for all its charts, and the condition that this one is enabled by.
    root["properties"]["global"]["additionalProperties"] = True
    root["properties"]["enabled"] = {"type": "boolean", "description": "The condition of a parent chart."}
    return root


def _block(meaning: str) -> Schema:
    return {"type": "object", "additionalProperties": False, **_described(meaning), "properties": {}}


def _leaf(value: Value) -> Schema:
    if value.schema == "config" or value.schema in DEFINITIONS:
        # Draft-07 ignores what stands beside a $ref.
        return {**_described(value.meaning), "allOf": [{"$ref": f"#/definitions/{value.schema}"}]}
    keywords = yaml.safe_load(value.schema) if value.schema else {}
    if "type" not in keywords and "enum" not in keywords:
        keywords = {"type": _type(value), **keywords}
    return {**_described(value.meaning), **keywords}


def _described(meaning: str) -> Schema:
    return {"description": meaning} if meaning else {}


def _type(value: Value) -> str:
    if type(value.default) not in TYPES:
        raise ValueError(f"{value.name} may be anything; write `# @schema` above it")
    return TYPES[type(value.default)]


def table(all_values: list[Value]) -> str:
    """The values as a table in Markdown."""
    rows = [f"| `{v.name}` | `{_inline(v.default)}` | {v.meaning} |" for v in all_values if not v.parent]
    return "\n".join(["| value | default | what it does |", "| --- | --- | --- |", *rows])


def _inline(default: Any) -> str:
    return json.dumps(default, ensure_ascii=False).replace("|", "\\|")


def filled(readme: str, all_values: list[Value]) -> str:
    """`readme` with its table of values made anew."""
    begin, end = "<!-- begin values -->", "<!-- end values -->"
    head, _, rest = readme.partition(begin)
    if not re.search(re.escape(begin) + ".*" + re.escape(end), readme, re.DOTALL):
        raise ValueError(f"{README} needs a place for the table of values: {begin} ... {end}")
    return f"{head}{begin}\n\n{table(all_values)}\n\n{end}{rest.partition(end)[2]}"


def due() -> dict[Path, str]:
    """File -> what it must hold."""
    all_values = values(VALUES.read_text("utf-8"))
    return {
        SCHEMA: json.dumps(schema(all_values), indent=1, ensure_ascii=False) + "\n",
        README: filled(README.read_text("utf-8"), all_values),
    }


def main() -> None:
    for path, text in due().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

"""Writes what follows from the program: tables of the reference, comments of the example, JSON Schemas.

`--check` writes nothing and names the files that are out of date.

Each table stands between `<!-- begin NAME -->` and `<!-- end NAME -->`; the prose around them is written by hand. So
are the keys and values of the example and the remarks above its entries; all other comments are descriptions of keys.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ai_provider_exporter import catalog
from ai_provider_exporter.cli import parser
from ai_provider_exporter.cli.verbs import VERBS
from ai_provider_exporter.config import json_schema
from ai_provider_exporter.config.json_schema import Schema
from ai_provider_exporter.metrics import TABLE
from ai_provider_exporter.model.labels import PROBE_LABELS
from ai_provider_exporter.model.reasons import PAGE_REASONS, REASONS
from ai_provider_exporter.model.verdict import MEANINGS
from ai_provider_exporter.model.verdict_words import WHY
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.schema import yaml as places
from ai_provider_exporter.schema.types import format_duration
from ai_provider_exporter.status_pages.formats import FORMATS

README = Path(__file__).with_name("README.md")
EXAMPLE = Path(__file__).with_name("example.yaml")
CATALOG_SCHEMA = catalog.DIRECTORY / "schema.json"
FILE = json_schema.file_schema()
COMMON = 3
"""A key that this many kinds share stands in the table of common keys."""
COLUMN, WIDTH = 44, 120


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def verbs() -> str:
    top: Any = parser()
    usages: dict[str, Any] = top._subparsers._group_actions[0].choices  # noqa: SLF001  # argparse has no other way
    return table(("verb", "does"), [(_usage(name, usages[name].format_usage()), VERBS[name].help) for name in VERBS])


def _usage(name: str, text: str) -> str:
    flags = " ".join(text.split()).partition(f" {name} ")[2].replace("[-h]", "").strip()
    return f"`{name} {flags}`" if flags else f"`{name}`"


def metrics() -> str:
    rows = [(f"`{row.name}`", row.type, _labels(row.labels), row.help) for row in TABLE]
    return table(("metric", "type", "labels", "meaning"), rows)


def _labels(labels: tuple[str, ...]) -> str:
    more = ["P", *labels[len(PROBE_LABELS) :]] if labels[: len(PROBE_LABELS)] == PROBE_LABELS else list(labels)
    return ", ".join(more)


def reasons() -> str:
    return table(("reason", "fault", "when"), [(f"`{name}`", f"`{r.fault}`", r.meaning) for name, r in REASONS.items()])


def verdicts() -> str:
    return table(("verdict", "means"), [(f"`{verdict}`", meaning) for verdict, meaning in MEANINGS.items()])


def verdict_reasons() -> str:
    return table(("reason", "says"), [(f"`{reason}`", sentence) for reason, sentence in WHY.items()])


def page_reasons() -> str:
    return table(("reason", "when"), [(f"`{reason}`", meaning) for reason, meaning in PAGE_REASONS.items()])


def formats() -> str:
    return ", ".join(f"`{name}`" for name in FORMATS)


@dataclass(frozen=True)
class Key:
    path: str
    type: str
    default: str
    meaning: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (f"`{self.path}`", self.type, self.default, self.meaning)


def keys() -> str:
    header = ("key", "type", "default", "meaning")
    top = FILE["properties"]
    plain = [name for name in top if "$ref" in top[name] or "$ref" in top[name].get("items", {})]
    parts = [f"### `{name}`: {top[name]['description']}\n\n{table(header, _cells(BLOCKS[name,]))}" for name in plain]
    kinds = {kind: BLOCKS["probes", kind] for kind in KINDS}
    shared = _shared(kinds)
    rows: list[tuple[str, ...]] = [
        ("`kind`", "a kind", "required", "all", "what to probe, see the tables of the kinds; the `kind` label")
    ]
    rows += [(*key.cells[:3], _kinds(names), key.meaning) for key, names in shared.items()]
    parts.append(f"### `probes`, common keys\n\n{table((*header[:3], 'kinds', header[3]), rows)}")
    for kind, own in kinds.items():
        special = _cells(key for key in own if key not in shared and key.path != "kind")
        parts += [f"### `probes`, kind `{kind}`\n\n{table(header, special)}"]
    parts += [f"### `reports`, source `{s}`\n\n{table(header, _cells(BLOCKS['reports', s]))}" for s in SOURCES]
    frame = table(header, _cells(key for key in BLOCKS["modules", "chat"] if key not in kinds["chat"]))
    parts.append(f"### `modules`, beside the keys of their kind\n\n{frame}")
    return "\n\n".join(parts)


def _cells(rows: Iterable[Key]) -> list[tuple[str, ...]]:
    return [row.cells for row in rows]


def _shared(kinds: dict[str, list[Key]]) -> dict[Key, list[str]]:
    """Keys that several kinds have in common, in the order of the kinds that have most of them."""
    owners: dict[Key, list[str]] = {}
    for kind, own in sorted(kinds.items(), key=lambda item: -len(item[1])):
        for key in own:
            owners.setdefault(key, []).append(kind)
    return {key: names for key, names in owners.items() if len(names) >= COMMON}


def _kinds(names: list[str]) -> str:
    others = [kind for kind in KINDS if kind not in names]
    if not others:
        return "all"
    return f"all but {', '.join(others)}" if len(others) < len(names) else ", ".join(n for n in KINDS if n in names)


def _walk(schema: Schema, under: str = "") -> Iterator[Key]:
    """Every key below a block, those of its inner blocks written with dots."""
    for name, field in schema["properties"].items():
        inner = _block(field)
        is_optional = inner is not None and "anyOf" in field
        if inner is None or is_optional:
            kind = "block" if is_optional else _type(field)
            yield Key(f"{under}{name}", kind, _default(schema, name), field.get("description", ""))
        if inner is not None:
            yield from _walk(inner, f"{under}{name}.")


def _block(field: Schema) -> Schema | None:
    """The block that a key holds, None for a plain value or a secret."""
    references = [option["$ref"] for option in (field, *field.get("anyOf", ())) if "$ref" in option]
    blocks = [FILE["$defs"][reference.rpartition("/")[2]] for reference in references]
    return next((block for block in blocks if "env" not in block["properties"]), None)


_PLAIN = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}


def _type(field: Schema) -> str:
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_type(option) for option in field["anyOf"] if option != {"type": "null"}))
    if "$ref" in field:
        return "secret" if _block(field) is None else "block"
    if "enum" in field or "const" in field:
        options = field.get("enum", [field.get("const")])
        return "a format" if set(options) <= set(FORMATS) else " or ".join(f"`{option}`" for option in options)
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    if field.get("type") == "object":
        values = next(iter(field.get("patternProperties", {}).values()), field.get("additionalProperties", True))
        return f"mapping to {'anything' if values is True else _type(values)}"
    return "duration" if field.get("type") == ["string", "number"] else _PLAIN[field["type"]]


def _default(schema: Schema, name: str) -> str:
    field = schema["properties"][name]
    if "default" not in field:
        return "required" if name in schema.get("required", ()) else "from the catalog"
    value = field["default"]
    if _type(field) == "duration" and value is not None:
        return f"`{format_duration(value)}`"
    text = yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()
    return f"`{text}`"


def _blocks() -> Iterator[tuple[tuple[str, ...], list[Key]]]:
    for name, field in FILE["properties"].items():
        chosen = field.get("items") or field.get("additionalProperties") or field
        if "allOf" not in chosen:
            yield (name,), list(_walk(FILE["$defs"][chosen["$ref"].rpartition("/")[2]]))
            continue
        ((key, _),) = chosen["properties"].items()
        for choice in chosen["allOf"]:
            definition = FILE["$defs"][choice["then"]["$ref"].rpartition("/")[2]]
            yield (name, choice["if"]["properties"][key]["const"]), list(_walk(definition))


BLOCKS = dict(_blocks())


def commented(text: str) -> str:
    """The example with a comment behind each key, where it stands for the first time."""
    bare = re.sub(r"(?m)(?<=\S)[ ]+# .*$", "", re.sub(r"(?m)^ *# .*\n(?! *(- |#|$))", "", text))
    document = places.parse(bare)
    first: dict[int, places.Path] = {}
    for path, (number, _) in sorted(document.places.items(), key=lambda item: item[1]):
        if path and isinstance(path[-1], str):
            first.setdefault(number, path)
    shown: set[Key | str] = set()
    lines = []
    for number, line in enumerate(bare.split("\n"), start=1):
        meaning = _meaning(first.get(number, ()), document.data, shown) if line.strip()[:1] not in {"", "#"} else ""
        lines += _with_comment(line, meaning)
    return "\n".join(lines)


def _meaning(path: places.Path, data: Any, shown: set[Key | str]) -> str:
    """What to say of a key, empty if it has been said before."""
    if not path or path[0] not in FILE["properties"]:
        return ""
    names = [part for part in path if isinstance(part, str)]
    if len(names) == 1 and len(path) == 1:
        return str(FILE["properties"][names[0]]["description"])
    entry = data[path[0]][path[1]] if path[0] in {"probes", "reports", "modules"} else {}
    block = (names[0], *(str(entry[key]) for key in ("kind", "source") if key in entry))
    inner = ".".join(names[2:] if path[0] == "modules" else names[1:])
    key = next((key for key in BLOCKS[block] if key.path == inner), None)
    if key is None or key in shown:
        return ""
    shown.add(key)
    return key.meaning


def _with_comment(line: str, meaning: str) -> list[str]:
    if not meaning:
        return [line]
    comment = meaning.replace("`", "")
    behind = f"{line.ljust(COLUMN)}  # {comment}"
    if len(behind) <= WIDTH:
        return [behind]
    indent = " " * (len(line) - len(line.lstrip(" -")))
    return [f"{indent}# {comment}", line]


TABLES: dict[str, Callable[[], str]] = {
    "verbs": verbs,
    "keys": keys,
    "formats": formats,
    "reasons": reasons,
    "page-reasons": page_reasons,
    "verdicts": verdicts,
    "verdict-reasons": verdict_reasons,
    "metrics": metrics,
}


def filled(text: str) -> str:
    """`text` with every table made anew."""
    for name, write in TABLES.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(between.findall(text)) != 1:
            raise ValueError(f"{README} needs one place for the table {name}: {begin} ... {end}")
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}\n\n{write()}\n\n{end}{rest.partition(end)[2]}"
    return text


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    due = {
        README: filled(README.read_text("utf-8")),
        EXAMPLE: commented(EXAMPLE.read_text("utf-8")),
        json_schema.SHIPPED: json.dumps(FILE, indent=1) + "\n",
        catalog.COMPILED: catalog.compiled(catalog.load()),
        CATALOG_SCHEMA: json.dumps(catalog.schema(), indent=2) + "\n",
    }
    stale = [path for path, text in due.items() if not path.exists() or path.read_text("utf-8") != text]
    if arguments.parse_args().check:
        sys.stderr.writelines(f"{path} is out of date; run `make reference`\n" for path in stale)
        return int(bool(stale))
    for path in stale:
        path.write_text(due[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes what follows from the program: the tables of exporter/README.md, and the schema of the catalog.

`--check` writes nothing and says whether they are up to date.

Each table stands between `<!-- begin NAME -->` and `<!-- end NAME -->`; the prose around them is written by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from ai_provider_exporter import catalog
from ai_provider_exporter.cli import flags
from ai_provider_exporter.config.options import File
from ai_provider_exporter.metrics import TABLE
from ai_provider_exporter.metrics.row import P
from ai_provider_exporter.model.reasons import MEANINGS, REASONS
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.module import Frame
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.schema.types import Options
from ai_provider_exporter.status_pages.errors import PAGE_REASONS
from ai_provider_exporter.status_pages.formats import FORMATS
from ai_provider_exporter.status_pages.options import PageOptions
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

README = Path(__file__).with_name("README.md")
SCHEMA = catalog.DIRECTORY / "schema.json"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def verbs() -> str:
    parser: Any = flags.parser()
    actions = parser._subparsers._group_actions[0]  # noqa: SLF001  # argparse has no other way
    rows = []
    for choice in actions._choices_actions:  # noqa: SLF001
        usage = actions.choices[choice.dest].format_usage()
        takes = " ".join(usage.split()).partition(f" {choice.dest} ")[2].replace("[-h] ", "").replace("[-h]", "")
        rows.append((f"`{choice.dest} {takes}`".replace(" `", "`"), choice.help))
    return table(("verb", "does"), rows)


def metrics() -> str:
    rows = [(f"`{row.name}`", row.type, _labels(row.labels), row.help) for row in TABLE]
    return table(("metric", "type", "labels", "meaning"), rows)


def _labels(labels: tuple[str, ...]) -> str:
    more = ["P", *labels[len(P) :]] if labels[: len(P)] == P else list(labels)
    return ", ".join(more)


def reasons() -> str:
    return table(("reason", "fault", "when"), [(f"`{r}`", f"`{fault}`", MEANINGS[r]) for r, fault in REASONS.items()])


def page_reasons() -> str:
    return table(("reason", "when"), [(f"`{reason}`", meaning) for reason, meaning in PAGE_REASONS.items()])


def formats() -> str:
    return ", ".join(f"`{name}`" for name in FORMATS)


def keys() -> str:
    file = File.model_fields
    blocks = [(name, file[name].annotation) for name in file if _model(file[name].annotation)]
    parts = [f"### `{name}`\n\n{_keys(_model(annotation))}" for name, annotation in blocks]  # type: ignore[arg-type]
    parts += [f"### `probes`, kind `{name}`\n\n{_keys(kind.OPTIONS)}" for name, kind in KINDS.items()]
    parts.append(f"### `status_pages`\n\n{_keys(PageOptions)}")
    parts += [f"### `reports`, source `{name}`\n\n{_keys(source.OPTIONS)}" for name, source in SOURCES.items()]
    parts.append(f"### `modules`, beside the keys of their kind\n\n{_keys(Frame)}")
    return "\n\n".join(parts)


def _keys(model: type[BaseModel]) -> str:
    return table(("key", "default"), _rows(model, ""))


def _rows(model: type[BaseModel], under: str) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        inner = _model(field.annotation)
        if inner is not None and inner.__name__ != "Secret":
            yield from _rows(inner, f"{under}{name}.")
        else:
            default = field.get_default(call_default_factory=True)
            yield f"`{under}{name}`", _default(default, is_secret=inner is not None)


def _default(value: Any, *, is_secret: bool) -> str:
    if is_secret:
        return "none; `{env: NAME}` or `{file: PATH}`"
    if value is PydanticUndefined:
        return "to be written, unless the catalog knows it"
    return "none" if value is None or value in ("", (), {}) else f"`{value}`"


def _model(annotation: Any) -> type[Options] | None:
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, Options) else None
    return next((model for inner in get_args(annotation) if (model := _model(inner))), None)


TABLES: dict[str, Callable[[], str]] = {
    "verbs": verbs,
    "keys": keys,
    "formats": formats,
    "reasons": reasons,
    "page-reasons": page_reasons,
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    due = {README: filled(README.read_text("utf-8")), SCHEMA: json.dumps(catalog.schema(), indent=2) + "\n"}
    if parser.parse_args().check:
        return int(any(path.read_text("utf-8") != text for path, text in due.items()))
    for path, text in due.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The JSON Schema of the configuration file, for editors, and the verb `config-schema` that prints it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ai_provider_exporter.config.options import File
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.module import NOT_ITS_OWN, Frame
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.status_pages.options import PageOptions

Schema = dict[str, Any]

SHIPPED = Path(__file__).with_name("schema.json")
ALWAYS_WRITTEN = {"name", "provider", "kind", "source", "url", "address", "query", "hosts"}
"""Keys without a default that no entry of the catalog fills in; `url` is of the kind http."""


def main(_: argparse.Namespace) -> int:
    print(json.dumps(file_schema(), indent=2))
    return 0


def file_schema() -> Schema:
    """A schema that accepts what the program accepts, but for rules that concern several keys at once."""
    kinds = {name: kind.OPTIONS for name, kind in KINDS.items()}
    sources = {name: source.OPTIONS for name, source in SOURCES.items()}
    models: list[type[BaseModel]] = [File, PageOptions, Frame, *kinds.values(), *sources.values()]
    _, document = models_json_schema([(model, "validation") for model in models])
    definitions: Schema = {name: _plain(definition) for name, definition in document["$defs"].items()}
    top = definitions.pop("File")
    for model in models[1:]:
        _reduce(definitions[model.__name__], drop={"sources"})
    frame = definitions.pop("Frame")
    for model in kinds.values():
        definitions[f"{model.__name__}Module"] = _module(definitions[model.__name__], frame)
    top["properties"]["probes"]["items"] = _chosen_by("kind", {name: model.__name__ for name, model in kinds.items()})
    top["properties"]["status_pages"]["items"] = {"$ref": "#/$defs/PageOptions"}
    top["properties"]["reports"]["items"] = _chosen_by("source", {n: m.__name__ for n, m in sources.items()})
    modules = {name: f"{model.__name__}Module" for name, model in kinds.items()}
    top["properties"]["modules"]["additionalProperties"] = _chosen_by("kind", modules)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **top, "$defs": definitions}


def _reduce(schema: Schema, drop: Collection[str]) -> None:
    """Take out what no user writes, and require nothing that the catalog or the defaults fill in."""
    for key in drop:
        schema["properties"].pop(key, None)
    schema["required"] = [key for key in schema.get("required", ()) if key in ALWAYS_WRITTEN - set(drop)]


def _plain(schema: Any) -> Any:
    """Without pydantic's titles, and without the docstrings of models, which speak to programmers."""
    if isinstance(schema, list):
        return [_plain(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    noise = {"title"} | ({"description"} if "properties" in schema else set())
    return {key: _plain(value) for key, value in schema.items() if key not in noise or not isinstance(value, str)}


def _module(kind: Schema, frame: Schema) -> Schema:
    properties = {key: value for key, value in kind["properties"].items() if key not in NOT_ITS_OWN}
    required = [key for key in kind["required"] if key not in NOT_ITS_OWN]
    return {
        **kind,
        "properties": {**properties, **frame["properties"]},
        "required": [*required, "hosts"],
    }


def _chosen_by(key: str, definitions: dict[str, str]) -> Schema:
    """Of several blocks the one that `key` names."""
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": list(definitions)}},
        "allOf": [
            {
                "if": {"properties": {key: {"const": name}}, "required": [key]},
                "then": {"$ref": f"#/$defs/{definition}"},
            }
            for name, definition in definitions.items()
        ],
    }

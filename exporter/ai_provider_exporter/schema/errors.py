"""Turns what pydantic found wrong into sentences: what, where in the file, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ai_provider_exporter.schema.types import KeyedError, near, suggestion
from ai_provider_exporter.schema.yaml import Document, YamlError, parse

NO_LINE = 0  # of what is no file


@dataclass(frozen=True, slots=True, order=True)
class ConfigError:
    """One thing wrong; prints as `FILE:LINE:COL: key.path: what is wrong; what to write instead`.

    With NO_LINE `path` is a name that is no file, and stands alone.
    """

    path: str
    line: int
    column: int
    key: str
    problem: str

    def __str__(self) -> str:
        place = self.path if self.line == NO_LINE else f"{self.path}:{self.line}:{self.column}"
        key = f"{self.key}: " if self.key else ""
        return f"{place}: {key}{self.problem}"


class ConfigErrors(Exception):  # noqa: N818  # a list of them
    """A file of the user's is wrong; prints one error a line, in the order of the file."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = sorted(set(errors))
        super().__init__("\n".join(str(error) for error in self.errors))


def read(path: Path | str) -> Document:
    """Read a YAML file of the user's.

    Raises:
        ConfigErrors: it cannot be read, or is not YAML.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise ConfigErrors(
            [ConfigError(str(path), 1, 1, "", f"cannot be read: {reason}; name a readable file")]
        ) from None
    return parsed(text, path)


def parsed(text: str, path: Path | str) -> Document:
    """Parse YAML `text`; `path` stands in errors.

    Raises:
        ConfigErrors: it is not YAML.
    """
    try:
        return parse(text)
    except YamlError as error:
        raise ConfigErrors([ConfigError(str(path), error.line, error.column, "", error.problem)]) from None


def at(path: Path | str, document: Document, key: tuple[str | int, ...], problem: str) -> ConfigError:
    """One error at a key of the file."""
    line, column = document.place(key)
    return ConfigError(str(path), line, column, dotted(key), problem)


def of(
    path: Path | str,
    document: Document,
    error: ValidationError,
    model: type[BaseModel],
    under: tuple[str | int, ...] = (),
) -> list[ConfigError]:
    """All that pydantic found, each at its place; `under` is where in the file the validated block stands."""
    details = error.errors(include_url=False)
    meant = {(*detail["loc"][:-1], _meant(detail, model)) for detail in details if detail["type"] == "extra_forbidden"}
    return [
        at(path, document, (*under, *_keys(detail)), sentence(detail, model))
        for detail in details
        if detail["type"] != "missing" or detail["loc"] not in meant  # what a misspelt key leaves out
    ]


def _meant(detail: Mapping[str, Any], model: type[BaseModel]) -> str | None:
    return near(str(detail["loc"][-1]), keys_at(model, detail["loc"][:-1]))


def dotted(key: Iterable[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")


def _keys(detail: Mapping[str, Any]) -> tuple[str | int, ...]:
    error = detail.get("ctx", {}).get("error")
    keys = tuple(part for part in detail["loc"] if part != "[key]")
    return (*keys, *error.key.split(".")) if isinstance(error, KeyedError) else keys


_SENTENCES: dict[str, str] = {
    "missing": "is missing; write it",
    "string_type": "must be text; put it in quotes if it is a number or yes/no",
    "int_type": "must be a whole number, such as 16",
    "int_from_float": "must be a whole number, such as 16",
    "float_type": "must be a number, such as 1.5",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of keys to values; indent `key: value` lines below it",
    "model_type": "must be a mapping of keys to values; indent `key: value` lines below it",
    "model_attributes_type": "must be a mapping of keys to values; indent `key: value` lines below it",
    "tuple_type": "must be a list; write [a, b] or one `- item` a line",
    "list_type": "must be a list; write [a, b] or one `- item` a line",
}


def sentence(detail: Mapping[str, Any], model: type[BaseModel]) -> str:
    """What is wrong, and what to write instead. The value itself is not repeated: it may be a secret."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        keys = keys_at(model, detail["loc"][:-1])
        return f"is not a known key; {suggestion(str(detail['loc'][-1]), keys)}"
    if kind in {"literal_error", "enum"}:
        return f"is not one of {context['expected']}; write one of them"
    if kind == "string_pattern_mismatch":
        return f"does not have the form {context['pattern']}; correct it"
    if kind == "value_error":
        return str(context["error"])
    return _SENTENCES.get(kind, f"{detail['msg'][0].lower()}{detail['msg'][1:]}; correct it")


def keys_at(model: type[BaseModel], loc: Iterable[str | int]) -> list[str]:
    """The keys that the block at `loc` below `model` may have."""
    current = model
    for part in loc:
        field = current.model_fields.get(part) if isinstance(part, str) else None
        current = (_model_in(field.annotation) if field else None) or current
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first settings model inside an annotation such as `tuple[Expect, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        model = _model_in(inner)
        if model is not None:
            return model
    return None

"""Reads a YAML file and remembers where each key stands, so that an error can say file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(Exception):
    """The text is not YAML; `line` and `column` count from 1, `problem` is a sentence."""

    def __init__(self, line: int, column: int, problem: str) -> None:
        super().__init__(problem)
        self.line, self.column, self.problem = line, column, problem


@dataclass(frozen=True, slots=True)
class Document:
    """`data` is plain Python; `places` maps the path of each key and item to its line and column, from 1."""

    data: Any
    places: dict[Path, tuple[int, int]]

    def place(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Where `path` stands, or the nearest thing above it that is written in the file."""
        for length in range(len(path), -1, -1):
            found = self.places.get(tuple(path[:length]))
            if found:
                return found
        return (1, 1)


def parse(text: str) -> Document:
    """Parse one YAML document.

    Raises:
        YamlError: not YAML, or a key is written twice in one mapping.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Document({}, {})
        places = dict(_walk(node, ()))
        return Document(loader.construct_document(node), places)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or error.context or "something else was due here"
        raise YamlError(line, column, f"is not YAML: {problem}; correct it") from None
    except yaml.YAMLError as error:
        raise YamlError(1, 1, f"is not YAML: {str(error).splitlines()[0]}; correct it") from None
    finally:
        loader.dispose()


def _walk(node: yaml.Node, path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    yield path, (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        yield from _walk_mapping(node, path)


def _walk_mapping(node: yaml.MappingNode, path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    seen: set[str] = set()
    for key, value in node.value:
        line, column = key.start_mark.line + 1, key.start_mark.column + 1
        if key.value in seen:
            raise YamlError(line, column, f"{key.value!r} is written twice in one mapping; keep one of them")
        seen.add(key.value)
        yield from _walk(value, (*path, key.value))
        yield (*path, key.value), (line, column)  # an error about a value points at its key

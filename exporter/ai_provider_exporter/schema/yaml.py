"""Reads a YAML file and remembers where each key stands, so that an error can say file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import yaml

Path = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Far beyond any honest file; what lies further would exhaust the stack, or never end.
DEEPEST = 50
MOST_NODES = 200_000


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
            place = self.places.get(tuple(path[:length]))
            if place:
                return place
        return (1, 1)


def parse(text: str) -> Document:
    """Parse one YAML document.

    Raises:
        YamlError: not YAML, or a key is written twice in one mapping.
    """
    loader = _Loader(text)
    try:
        _check_depth(text)
        node = loader.get_single_node()
        if node is None:
            return Document({}, {})
        places = list(islice(_walk(node, ()), MOST_NODES + 1))
        if len(places) > MOST_NODES:
            raise YamlError(1, 1, f"says more than {MOST_NODES} things, by anchors that repeat each other; write less")
        return Document(loader.construct_document(node), dict(places))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or error.context or "something else was due here"
        raise YamlError(line, column, f"is not YAML: {problem}; correct it") from None
    except yaml.YAMLError as error:
        raise YamlError(1, 1, f"is not YAML: {str(error).splitlines()[0]}; correct it") from None
    finally:
        loader.dispose()


def _check_depth(text: str) -> None:
    """Before anything recurses: the composer written in C would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _too_deep(event.start_mark)


def _too_deep(mark: Any) -> YamlError:
    problem = f"is nested more than {DEEPEST} levels deep, or holds itself; write it flatter"
    return YamlError(mark.line + 1, mark.column + 1, problem)


def _walk(node: yaml.Node, path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    if len(path) > DEEPEST:
        raise _too_deep(node.start_mark)
    yield path, (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        yield from _walk_mapping(node, path)


def _walk_mapping(node: yaml.MappingNode, path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    written: set[str] = set()
    for key, value in node.value:
        line, column = key.start_mark.line + 1, key.start_mark.column + 1
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError(line, column, "has a key that is no text; write a word before the colon")
        if key.value in written:
            raise YamlError(line, column, f"{key.value!r} is written twice in one mapping; keep one of them")
        written.add(key.value)
        yield from _walk(value, (*path, key.value))
        yield (*path, key.value), (line, column)  # an error about a value points at its key

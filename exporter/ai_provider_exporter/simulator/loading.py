"""From a file, or the name of a shipped scenario, to a Scenario - or to a sentence on what to mend."""

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ai_provider_exporter.simulator.scenario import Scenario, StepError, check_step

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # not every PyYAML is built with libyaml


class ScenarioError(ValueError):
    """`FILE:LINE:COL: key.path: what is wrong`, a line each."""


def shipped() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the program."""
    files = resources.files(__package__).joinpath("scenarios").iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def load(source: str | Path) -> Scenario:
    """Read a scenario; `source` is a file, or a name out of `shipped()`.

    Raises:
        ScenarioError: no such file or name, not YAML, or not a scenario.
    """
    if source in shipped():
        text = resources.files(__package__).joinpath("scenarios", f"{source}.yaml").read_text("utf-8")
        return parse(text, f"{source}.yaml")
    try:
        return parse(Path(source).read_text("utf-8"), str(source))
    except (OSError, UnicodeDecodeError) as error:
        choice = ", ".join(shipped())
        raise ScenarioError(f"{source}: cannot be read ({error}); write a file or one of {choice}") from error


def parse(text: str, name: str) -> Scenario:
    """Read a scenario from YAML `text`; `name` stands in errors.

    Raises:
        ScenarioError: not YAML, or not a scenario.
    """
    try:
        root, document = _read(text)
    except yaml.MarkedYAMLError as error:
        raise ScenarioError(f"{name}:{_place(error.problem_mark)}: not YAML: {error.problem}") from error
    try:
        # Strict models take lists and dates from JSON only.
        scenario = Scenario.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        problems = [_sentence(name, root, found["loc"], found["msg"]) for found in error.errors()]
        raise ScenarioError("\n".join(problems)) from error
    for index, step in enumerate(scenario.timeline):
        try:
            check_step(scenario, step)
        except StepError as error:
            raise ScenarioError(_sentence(name, root, ("timeline", index, error.loc), str(error))) from error
    return scenario


def _read(text: str) -> tuple[yaml.Node | None, Any]:
    """Return the document, and its nodes, which know where everything stands."""
    loader = LOADER(text)
    try:
        root = loader.get_single_node()
        return root, loader.construct_document(root) if root else None
    finally:
        loader.dispose()


def _sentence(name: str, root: yaml.Node | None, loc: Sequence[str | int], message: str) -> str:
    path, mark = "", root.start_mark if root else None
    node = root
    for part in loc:
        node, mark, found = _child(node, part, mark)
        if not found and node is not None:
            path += f".{part}"  # a key that is missing, or a choice that pydantic tried
        elif found:
            path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return f"{name}:{_place(mark)}: {path.lstrip('.') or 'scenario'}: {message.removeprefix('Value error, ')}"


def _child(
    node: yaml.Node | None, part: str | int, mark: yaml.Mark | None
) -> tuple[yaml.Node | None, yaml.Mark | None, bool]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark, True
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark, True
    return node, mark, False


def _place(mark: yaml.Mark | None) -> str:
    return f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"

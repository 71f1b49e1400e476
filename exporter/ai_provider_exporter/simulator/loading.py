"""From a file, or the name of a shipped scenario, to a Scenario - or to errors with their places."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from ai_provider_exporter.schema import errors
from ai_provider_exporter.schema.errors import NO_LINE, ConfigError, ConfigErrors
from ai_provider_exporter.schema.yaml import Document
from ai_provider_exporter.simulator.scenario import Scenario, StepError, check_step


def shipped() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the program."""
    files = resources.files(__package__).joinpath("scenarios").iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def load(source: str | Path) -> Scenario:
    """Read a scenario; `source` is a file, or a name out of `shipped()`.

    Raises:
        ConfigErrors: no such file or name, not YAML, or not a scenario.
    """
    if source in shipped():
        text = resources.files(__package__).joinpath("scenarios", f"{source}.yaml").read_text("utf-8")
        return parse(text, f"{source}.yaml")
    try:
        document = errors.read(source)
    except ConfigErrors as error:
        if Path(source).exists():
            raise
        problem = f"is neither a file nor a scenario; write a file or one of {', '.join(shipped())}"
        raise ConfigErrors([ConfigError(str(source), NO_LINE, NO_LINE, "", problem)]) from error
    return _scenario(document, str(source))


def parse(text: str, name: str) -> Scenario:
    """Read a scenario from YAML `text`; `name` stands in errors.

    Raises:
        ConfigErrors: not YAML, or not a scenario.
    """
    return _scenario(errors.parsed(text, name), name)


def _scenario(document: Document, name: str) -> Scenario:
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        raise ConfigErrors(errors.of(name, document, error, Scenario)) from None
    step_errors = list(_step_errors(scenario, document, name))
    if step_errors:
        raise ConfigErrors(step_errors)
    return scenario


def _step_errors(scenario: Scenario, document: Document, name: str) -> Iterator[ConfigError]:
    for index, step in enumerate(scenario.timeline):
        try:
            check_step(scenario, step)
        except StepError as error:
            yield errors.at(name, document, ("timeline", index, error.loc), str(error))

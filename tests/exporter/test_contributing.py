"""CONTRIBUTING.md says which files a new part has; here each test says which of them was forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from ai_provider_exporter import catalog
from ai_provider_exporter.cli.verbs import VERBS
from ai_provider_exporter.metrics import TABLE
from ai_provider_exporter.model.reasons import REASONS
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.status_pages.formats import FORMATS

from tests import contract

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "exporter" / "ai_provider_exporter"
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
TESTS = ROOT / "tests" / "exporter"
PARTS = ("provider", "page format", "probe kind", "dialect", "reason", "metric", "verb")
EXAMPLE = yaml.safe_load((ROOT / "exporter" / "example.yaml").read_text())


def _defining(directory: Path, name: str) -> set[str]:
    """Modules of a directory that define `name` at their top."""
    return {path.stem for path in directory.glob("*.py") if name in _top_names(ast.parse(path.read_text()).body)}


def _top_names(body: Iterable[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


REGISTRIES = [
    pytest.param("FORMATS", FORMATS, "status_pages/formats", "documents", id="formats"),
    pytest.param("KINDS", KINDS, "probes", "OPTIONS", id="kinds"),
    pytest.param("DIALECTS", DIALECTS, "probes/dialects", "AUTH", id="dialects"),
    pytest.param("SOURCES", SOURCES, "reports", "OPTIONS", id="sources"),
]


@pytest.mark.parametrize(("registry", "names", "directory", "marker"), REGISTRIES)
def test_every_module_is_in_its_registry(registry: str, names: Iterable[str], directory: str, marker: str) -> None:
    forgotten = _defining(PACKAGE / directory, marker) - set(names)

    assert not forgotten, f"add {', '.join(sorted(forgotten))} to {registry} in {directory}/__init__.py"


def test_every_provider_of_the_catalog_is_compiled() -> None:
    written = {path.stem for path in catalog.DIRECTORY.glob("*.yaml")}

    assert written == set(catalog.shipped()), (
        f"run `make reference` for {', '.join(sorted(written ^ set(catalog.shipped())))}"
    )


@pytest.mark.parametrize(
    ("names", "directory"),
    [
        pytest.param(FORMATS, "status_pages/fixtures", id="formats"),
        pytest.param(DIALECTS, "probes/dialects/streams", id="dialects"),
    ],
)
def test_every_one_has_fixtures(names: Iterable[str], directory: str) -> None:
    forgotten = sorted(set(names) - {path.name for path in (TESTS / directory).iterdir()})

    assert not forgotten, f"add saved answers in tests/exporter/{directory}/{forgotten[0]}/"


@pytest.mark.parametrize(
    ("names", "block", "key"),
    [pytest.param(KINDS, "probes", "kind", id="kinds"), pytest.param(SOURCES, "reports", "source", id="sources")],
)
def test_every_one_is_in_the_example(names: Iterable[str], block: str, key: str) -> None:
    forgotten = sorted(set(names) - {entry[key] for entry in EXAMPLE[block]})

    assert not forgotten, f"add an entry with {key}: {forgotten[0]} to {block} of exporter/example.yaml"


def test_every_reason_arises_somewhere() -> None:
    code = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.name != "reasons.py")
    forgotten = sorted(reason for reason in REASONS if f'"{reason}"' not in code)

    assert not forgotten, (
        f"no code gives the reason {forgotten[0]}; raise Failure({forgotten[0]!r}, ...) where it arises"
    )


def test_every_reason_that_is_raised_is_in_the_table() -> None:
    raised = {
        (reason, path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for reason in re.findall(r'\b(?:Page)?Failure\(\s*"(\w+)"', path.read_text())
    }
    table = (PACKAGE / "model" / "reasons.py").read_text()
    forgotten = sorted(f"{reason} ({path})" for reason, path in raised if f'"{reason}"' not in table)

    assert not forgotten, f"add a row to model/reasons.py for {', '.join(forgotten)}"


def test_every_metric_is_in_the_contract() -> None:
    listed = contract.METRICS | contract.BESIDE
    forgotten = sorted(row.name for row in TABLE if row.name not in listed)

    assert not forgotten, f"add {', '.join(forgotten)} to METRICS of tests/contract.py, with type and labels"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_names_a_function(verb: str) -> None:
    module, _, function = VERBS[verb].run.partition(":")
    path = ROOT / "exporter" / Path(*module.split(".")).with_suffix(".py")

    assert path.is_file(), f"{verb} in cli/verbs.py names {module}; write that module"
    assert function in _top_names(ast.parse(path.read_text()).body), f"write {function} in {path.relative_to(PACKAGE)}"


@pytest.mark.parametrize("part", PARTS)
def test_the_guide_walks_through_each_part_with_files_that_there_are(part: str) -> None:
    heading = f"## A {part}\n"

    assert heading in GUIDE, f"write how to add a {part} under the heading `{heading.strip()}` of CONTRIBUTING.md"
    text = GUIDE.partition(heading)[2].partition("\n## ")[0]
    files = [name for name in re.findall(r"^\d\. `([^`]+)`", text, re.MULTILINE) if "NAME" not in name]
    roots = {"tests": ROOT, "exporter": ROOT}
    missing = [name for name in files if not (roots.get(name.partition("/")[0], PACKAGE) / name).exists()]
    assert not missing, f"CONTRIBUTING.md names {', '.join(missing)}, which is not there"
    assert 1 <= len(re.findall(r"^\d\. ", text, re.MULTILINE)) <= 3, f"a {part} takes more than three files"

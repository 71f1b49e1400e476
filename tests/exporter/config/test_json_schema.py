from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ai_provider_exporter import cli
from ai_provider_exporter.config import json_schema
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[3]
BAD = Path(__file__).parent / "bad"
SCHEMA = json_schema.file_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLES = [ROOT / "exporter/example.yaml", ROOT / "exporter/simulated.yaml"]


def _errors(document: Any) -> list[str]:
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_verb_prints_what_ships(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["config-schema"])

    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json_schema.SHIPPED.read_text())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_validates_and_names_the_schema(path: Path) -> None:
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())

    assert named is not None, f"begin {path} with a line `# yaml-language-server: $schema=...`"
    assert (path.parent / named[1]).resolve() == json_schema.SHIPPED
    assert _errors(yaml.safe_load(path.read_text())) == []


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL))
def test_every_example_of_the_first_page_validates(block: str) -> None:
    assert _errors(yaml.safe_load(block)) == []


@pytest.mark.parametrize(
    "name",
    [
        "a-list-at-the-top",
        "a-mapping-for-a-list",
        "bad-duration",
        "literal-secret",
        "missing-kind",
        "missing-name",
        "module-with-an-unknown-key",
        "module-without-hosts",
        "page-format",
        "source-missing",
        "source-nobody-knows",
        "text-for-a-number",
        "two-secrets",
        "unknown-block",
        "unknown-key",
        "unknown-kind",
    ],
)
def test_what_the_program_refuses_by_its_shape_the_schema_refuses(name: str) -> None:
    document = yaml.safe_load((BAD / f"{name}.yaml").read_text())

    assert _errors(document) != []

"""What the receivers of the example get, as readable text: docs/alerts-notifications.md.

    python -m tests.alerts.texts        write it anew

The letters are real ones: Alertmanager sent them to a webhook while test_scenarios.py played its scenarios, with rules
built with prefixes of links.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tests.tools.monitoring import run

ROOT: Final = Path(__file__).parents[2]
CONFIG: Final = ROOT / "alerts" / "alertmanager" / "alertmanager.yaml"
TEMPLATES: Final = ROOT / "alerts" / "alertmanager" / "templates" / "ai-provider.tmpl"
LETTERS: Final = ROOT / "tests" / "alerts" / "letters"
DOCUMENT: Final = ROOT / "docs" / "alerts-notifications.md"

TITLE: Final = """# Notifications

What each receiver of `alerts/alertmanager/alertmanager.yaml` gets: its templates, rendered by amtool with real
notifications (`tests/alerts/letters/`). Written by `python -m tests.alerts.texts`; a test compares.
"""


def fields(receiver: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of a receiver that are templates: their path and their text."""
    for kind, configs in receiver.items():
        if isinstance(configs, list):
            for config in configs:
                yield from _templated(config, kind.removesuffix("_configs"))


def _templated(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _templated(part, f"{path}.{key}")
    elif isinstance(value, str) and "{{" in value:
        yield path, value


def rendered(template: str, letter: Path) -> str:
    made = run(
        "amtool", "template", "render", f"--template.glob={TEMPLATES}", f"--template.data={letter}",
        f"--template.text={template}",
    )  # fmt: skip
    if made.returncode:
        raise ValueError(f"{letter.name}: {template}: {made.stderr}")
    return made.stdout.strip()


def document() -> str:
    parts = [TITLE]
    for receiver in yaml.safe_load(CONFIG.read_text())["receivers"]:
        parts.append(f"## {receiver['name']}\n")
        templated = list(fields(receiver))
        if not templated:
            parts.append("Alertmanager's own JSON, with every label and annotation; see `tests/alerts/letters/`.\n")
        for letter in _letters_for(receiver["name"]) if templated else []:
            parts.append(f"### {letter.stem.replace('-', ' ')}\n")
            parts += [f"`{path}`\n\n```text\n{rendered(template, letter)}\n```\n" for path, template in templated]
    return "\n".join(parts)


def _letters_for(receiver: str) -> list[Path]:
    """The letters to a receiver; on-call's for one that no route names."""
    letters = sorted(LETTERS.glob("*.json"))
    own = [letter for letter in letters if json.loads(letter.read_text())["receiver"] == receiver]
    return own or [letter for letter in letters if json.loads(letter.read_text())["receiver"] == "on-call"]


if __name__ == "__main__":
    DOCUMENT.write_text(document())

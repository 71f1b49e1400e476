"""The texts of notifications: each template rendered with real data, and what is documented is what is sent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.alerts import texts

LETTERS = sorted(texts.LETTERS.glob("*.json"))
TEMPLATED = [
    (receiver["name"], path, template)
    for receiver in yaml.safe_load(texts.CONFIG.read_text())["receivers"]
    for path, template in texts.fields(receiver)
]

each_letter = pytest.mark.parametrize("letter", LETTERS, ids=lambda path: path.stem)


def test_the_documented_texts_are_what_the_templates_make() -> None:
    assert texts.DOCUMENT.read_text() == texts.document(), "run: python -m tests.alerts.texts"


def test_every_receiver_of_a_kind_that_has_texts_uses_the_templates() -> None:
    names = {name for name, _, template in TEMPLATED if "ai_provider." in template}

    assert names == {"on-call", "on-call-chat", "owners", "channel", "on-call-opsgenie"}


def test_every_template_is_used() -> None:
    defined = set(re.findall(r'define "([\w.]+)"', texts.TEMPLATES.read_text()))
    used = set(re.findall(r'template "([\w.]+)"', texts.CONFIG.read_text() + texts.TEMPLATES.read_text()))

    assert used == defined


@each_letter
def test_a_letter_names_provider_trouble_beginning_fault_and_page_with_links(letter: Path) -> None:
    data = json.loads(letter.read_text())
    text = texts.rendered('{{ template "ai_provider.text" . }}', letter)

    assert data["groupLabels"]["provider"] in texts.rendered('{{ template "ai_provider.title" . }}', letter)
    for alert in data["alerts"]:
        assert alert["annotations"]["description"] in text
        assert alert["annotations"].get("page", "") in text
    assert re.search(r"Since: \d{4}-\d\d-\d\d \d\d:\d\d UTC", text)
    assert "Fault: " in text
    assert all(link.startswith("https://") for link in re.findall(r"(?:Board|Dashboard|Runbook): (\S+)", text))


@each_letter
@pytest.mark.parametrize(("receiver", "path", "template"), TEMPLATED)
def test_every_template_is_rendered_with_every_letter(letter: Path, receiver: str, path: str, template: str) -> None:
    made = texts.rendered(template, letter)

    assert made, f"{receiver} {path}"
    assert "<no value>" not in made

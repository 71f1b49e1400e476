from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ai_provider_exporter import catalog
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.options import File
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.module import Frame
from ai_provider_exporter.reports import SOURCES
from ai_provider_exporter.schema.types import Options, Secret
from ai_provider_exporter.status_pages.options import PageOptions
from pydantic import BaseModel

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "exporter" / "example.yaml"
DOCUMENT = yaml.safe_load(EXAMPLE.read_text())
FILLED_BY_THE_CATALOG = {"sources"}


def _keys(model: type[BaseModel], under: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = next((m for m in _models(field.annotation) if m is not Secret), None)
        if inner is None:
            yield under + name
        else:
            yield from _keys(inner, f"{under}{name}.")


def _models(annotation: Any) -> Iterator[type[Options]]:
    if isinstance(annotation, type):
        if issubclass(annotation, Options):
            yield annotation
        return
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _written(value: Any, under: str = "") -> Iterator[str]:
    """Paths of all keys below a mapping, and of the mappings themselves."""
    for name, inner in value.items():
        yield under + name
        for block in inner if isinstance(inner, list) else [inner]:
            if isinstance(block, dict):
                yield from _written(block, f"{under}{name}.")


def test_the_example_is_a_configuration() -> None:
    settings = load_settings(EXAMPLE, {}, catalog.load())

    assert {probe.kind for probe in settings.probes} == set(KINDS)
    assert {reports.source for reports in settings.reports} == set(SOURCES)


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_shows_every_option_of_each_kind(kind: str) -> None:
    shown = {path for probe in DOCUMENT["probes"] if probe["kind"] == kind for path in _written(probe)}
    common = {path for probe in DOCUMENT["probes"] if probe["kind"] == "chat" for path in _written(probe)}
    blanks = {"tls": "tls."}  # `tls: {}` and `tls: null` stand for the block that another kind shows

    missing = {
        path
        for path in _keys(KINDS[kind].OPTIONS)
        if path not in shown | common and not any(path.startswith(start) for start in blanks.values())
    }

    calls = {"path", "body"}  # shown once, at the embeddings
    assert missing <= calls


MODELS: list[type[BaseModel]] = [
    File,
    PageOptions,
    Frame,
    *(kind.OPTIONS for kind in KINDS.values()),
    *(s.OPTIONS for s in SOURCES.values()),
]


def _undescribed(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if not field.description and name not in {
            "kind",
            "source",
            "base_url",
        }:  # a kind narrows what its base describes
            yield f"{model.__name__}.{name}"
        for inner in _models(field.annotation):
            yield from _undescribed(inner)


def test_every_option_says_what_it_means() -> None:
    forgotten = {name for model in MODELS for name in _undescribed(model)}

    assert not forgotten, f"write Field(description=...) for {', '.join(sorted(forgotten))}"


@pytest.mark.parametrize("source", SOURCES)
def test_the_example_shows_every_option_of_each_source_of_reports(source: str) -> None:
    shown = {path for reports in DOCUMENT["reports"] if reports["source"] == source for path in _written(reports)}
    common = {"timeout", "words", "trouble"}  # shown once, at the first that has them

    assert set(_keys(SOURCES[source].OPTIONS)) - shown <= common


def test_the_example_shows_every_option_of_the_file_and_of_a_page() -> None:
    shown = {path for page in DOCUMENT["status_pages"] for path in _written(page)}
    blocks = {"defaults", "budget", "egress", "pauses", "probes", "status_pages", "reports", "modules", "otel"}

    assert (
        set(_keys(PageOptions)) - shown - FILLED_BY_THE_CATALOG - {p for p in _keys(PageOptions) if "." in p} == set()
    )
    assert set(DOCUMENT) == set(File.model_fields) == blocks
    for block in ("defaults", "budget", "egress", "otel"):
        assert set(DOCUMENT[block]) == set(next(_models(File.model_fields[block].annotation)).model_fields)


def test_the_example_shows_every_option_of_a_module() -> None:
    shown = {key for module in DOCUMENT["modules"].values() for key in module}

    assert set(Frame.model_fields) <= shown


def test_the_defaults_that_the_example_shows_are_the_defaults() -> None:
    plain = {**DOCUMENT, "probes": [], "status_pages": [], "reports": [], "pauses": [], "modules": {}}

    shown = File.model_validate(plain, strict=False)

    assert shown == File()


def test_the_reference_is_up_to_date() -> None:
    check = subprocess.run([sys.executable, ROOT / "exporter/reference.py", "--check"], check=False)

    assert check.returncode == 0, "run `make reference`"

"""What holds the house together, counted: entries, sizes, catchers, words and imports; layers: test_layers.py."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ai_provider_exporter.cli.verbs import VERBS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "exporter" / "ai_provider_exporter"
MODULES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted({path.relative_to(PACKAGE).parts[0] for path in MODULES} - {"__init__.py", "__main__.py"})
NO_ROOMS = {"__init__.py", "__main__.py", "__pycache__", "py.typed"}

# Words that are no names here, and what is written instead (exporter/DESIGN.md, "Glossary").
OLD_WORDS = {
    "ask": "request, read, build_request",
    "asked": "requested",
    "asker": "client",
    "doubts": "unknown_values",
    "found": "what it is: match, errors, addresses",
    "heard": "usage, metadata",
    "held": "cache",
    "keeper": "connection_cache",
    "kept": "cached, stored, remaining",
    "known": "what it is: catalog, choices, names",
    "mistake": "error",
    "mistakes": "errors",
    "notices": "incident_only, warnings",
    "said": "what it is: status, page, sentence",
    "seen": "what it is: observed, previous",
    "standing": "verdict",
    "stories": "feed_incidents",
    "surroundings": "host_health",
    "told": "what it is: reported, sent",
    "twin": "fallback",
    "way_out": "egress",
}
OLD_CLASSES = {"Answer": "Response", "Watch": "Monitor"}
OLD_MODULES = {"words": "sentences, vocabulary"}


def test_the_package_has_at_most_fourteen_entries() -> None:
    entries = sorted({path.name for path in PACKAGE.iterdir()} - NO_ROOMS)

    assert len(entries) <= 14, f"{len(entries)} entries: {', '.join(entries)}; put the newest into one of the others"


def test_no_module_is_longer_than_300_lines() -> None:
    modules = [*MODULES, ROOT / "exporter" / "reference.py"]
    long = {os.path.relpath(path, PACKAGE) for path in modules if len(path.read_text().splitlines()) > 300}

    assert not long, f"split {', '.join(sorted(long))} by what its parts are about"


def test_one_place_catches_every_exception() -> None:
    places = [
        f"{path.relative_to(PACKAGE)}:{handler.lineno}"
        for path in MODULES
        for handler in ast.walk(ast.parse(path.read_text()))
        if isinstance(handler, ast.ExceptHandler) and (handler.type is None or _catches_all(handler.type))
    ]

    assert len(places) == 1, (
        f"`except Exception` stands at {', '.join(places)}; raise, and let runtime/outcome.py catch"
    )


def _catches_all(node: ast.expr) -> bool:
    names = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(isinstance(name, ast.Name) and name.id == "Exception" for name in names)


def _names(path: Path) -> Iterator[tuple[int, str]]:
    """Everything that a module gives a name to: line and name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname


def _old_names(room: str) -> list[str]:
    paths = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] == room]
    names = [
        f"{path.relative_to(PACKAGE)}:{line}: {name} -> {better}"
        for path in paths
        for line, name in _names(path)
        if (better := OLD_CLASSES.get(name) or OLD_WORDS.get(name.strip("_").lower()))
    ]
    return names + [f"{path.name} -> {OLD_MODULES[path.stem]}" for path in paths if path.stem in OLD_MODULES]


@pytest.mark.parametrize("room", ROOMS)
def test_names_are_standard_words(room: str) -> None:
    names = _old_names(room)

    assert not names, "write the standard word:\n" + "\n".join(names)


HEAVY = (
    "OpenSSL",
    "asyncio",
    "bcrypt",
    "dns",
    "genai_prices",
    "h11",
    "httptools",
    "httpx2",
    "jinja2",
    "opentelemetry",
    "prometheus_client",
    "pydantic",
    "starlette",
    "uvicorn",
    "uvloop",
    "wsproto",
    "yaml",
    "ai_provider_exporter.catalog",
    "ai_provider_exporter.config",
    "ai_provider_exporter.probes",
    "ai_provider_exporter.reports",
    "ai_provider_exporter.simulator",
    "ai_provider_exporter.status_pages",
    "ai_provider_exporter.web",
)
"""What costs milliseconds to import; prometheus_client stands for its registry and collectors."""
LIGHT = {"asyncio", "httptools", "pydantic", "uvloop", "yaml"}
ROOMS_OF_CATALOG = {f"ai_provider_exporter.{room}" for room in ("catalog", "probes", "status_pages")}
ROOMS_OF_CONFIG = ROOMS_OF_CATALOG | {f"ai_provider_exporter.{room}" for room in ("config", "reports")}
PAGE = ROOT / "tests/exporter/status_pages/fixtures/statuspage"
PROBE = "defaults: {location: here}\nprobes: [{name: a, provider: acme, kind: tcp, address: 'localhost:1'}]\n"
IMPORTS: dict[str, tuple[list[str], set[str]]] = {
    "--help": (["--help"], set()),
    "check-config": (["check-config", "FILE"], LIGHT | ROOMS_OF_CONFIG),
    "config-schema": (
        ["config-schema"],
        {*LIGHT, *ROOMS_OF_CONFIG, "dns", "h11", "httpx2", "wsproto"},
    ),
    "migrate": (["migrate", "FILE"], LIGHT | ROOMS_OF_CONFIG),
    "page": (["page", "PAGE"], {*LIGHT, "h11", "httpx2", "ai_provider_exporter.status_pages"}),
    "probe": (["probe", "a", "--config.file", "FILE"], LIGHT | ROOMS_OF_CONFIG),
    "providers": (["providers"], LIGHT | ROOMS_OF_CATALOG),
    "backfill": (["backfill", "--provider", "x", "--since", "1d"], {*LIGHT, *ROOMS_OF_CONFIG, "h11", "httpx2"}),
    "simulate": (["simulate", "nothing"], {*LIGHT, "h11", "ai_provider_exporter.simulator"}),
}
"""Verb -> arguments, and what of `HEAVY` it may import. `serve` may import everything."""


def test_every_verb_says_what_it_imports() -> None:
    assert set(VERBS) - {"serve"} == set(IMPORTS) - {"--help"}, "say in IMPORTS what the new verb may import"


@pytest.mark.parametrize("verb", IMPORTS)
def test_a_verb_imports_what_it_needs_and_no_more(verb: str, tmp_path: Path) -> None:
    arguments, allowed = IMPORTS[verb]
    config = tmp_path / "config.yaml"
    config.write_text(PROBE)
    page = next(path for path in sorted(PAGE.iterdir()) if path.suffix == ".json")
    files = {"FILE": str(config), "PAGE": str(page)}
    command = [sys.executable, "-X", "importtime", "-m", "ai_provider_exporter", *(files.get(a, a) for a in arguments)]

    trace = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stderr

    imported = {line.rpartition("|")[2].strip() for line in trace.splitlines() if line.startswith("import time:")}
    assert "ai_provider_exporter.cli" in imported
    surplus = sorted(imported & set(HEAVY) - allowed)
    assert not surplus, f"`{verb}` imports {', '.join(surplus)}; import it where it is used"

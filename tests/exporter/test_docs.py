"""What the documents say is there: links, files, configurations, verbs, flags and versions."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ai_provider_exporter import __version__
from ai_provider_exporter.cli import parser
from ai_provider_exporter.config.load import load_settings

ROOT = Path(__file__).parents[2]
PAGES = sorted({ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), ROOT / "exporter/README.md"})
UNIT = ROOT / "docs/start/ai-provider-exporter.service"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())

    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken, f"{page.relative_to(ROOT)} links to {', '.join(broken)}"


def _configurations() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, block in enumerate(_blocks(page, "yaml")):
            document = yaml.safe_load(block)
            if isinstance(document, dict) and document.keys() & {"probes", "status_pages", "modules", "reports"}:
                yield f"{page.relative_to(ROOT)}[{number}]", block


CONFIGURATIONS = dict(_configurations())


@pytest.mark.parametrize("place", CONFIGURATIONS)
def test_every_configuration_is_one(place: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIGURATIONS[place])

    settings = load_settings(path, {})

    assert (settings.probes, settings.pages, settings.modules) != ((), (), {}), place


def _commands() -> Iterator[str]:
    for page in PAGES:
        for block in _blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                if match := re.match(r"(?:\S*/)?ai-provider-exporter (\w.*)", line.strip()):
                    yield match[1]


@pytest.mark.parametrize("command", sorted(set(_commands())))
def test_every_command_is_one_that_the_program_takes(command: str) -> None:
    parser().parse_args(shlex.split(command, comments=True))


def test_the_makefile_has_every_target_that_is_named() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name
        for page in PAGES
        for name in re.findall(r"(?:^|`)\s*make ([a-z][a-z0-9-]*)", page.read_text(), re.MULTILINE)
    }

    assert named - targets == set()


def test_the_version_is_the_same_everywhere() -> None:
    chart = yaml.safe_load((ROOT / "helm/ai-provider-exporter/Chart.yaml").read_text())
    tags = {tag for page in PAGES for tag in re.findall(r"ai-provider-exporter:(\d+\.[\w.]*)", page.read_text())}

    assert chart["appVersion"] == __version__, f"write appVersion: {__version__} in Chart.yaml"
    assert tags <= {__version__}, "write the version of exporter/ai_provider_exporter/__init__.py in the documents"


def test_the_unit_runs_the_program_without_privileges() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # its keys have capitals
    unit.read(UNIT)
    service = unit["Service"]

    program, *arguments = shlex.split(service["ExecStart"])
    parsed = parser().parse_args(arguments)
    assert program.endswith("/ai-provider-exporter")
    assert parsed.config == Path("/etc/ai-provider-exporter/config.yaml")
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""

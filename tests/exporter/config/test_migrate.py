"""Modules of blackbox_exporter become ours, and what has no counterpart is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ai_provider_exporter import catalog
from ai_provider_exporter.cli import main
from ai_provider_exporter.config.blackbox import translate
from ai_provider_exporter.config.load import load_settings

BLACKBOX = Path(__file__).with_name("blackbox.yml")
MODULES: dict[str, Any] = yaml.safe_load(BLACKBOX.read_text())["modules"]


@pytest.fixture(name="migrated")
def _migrated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    with pytest.raises(SystemExit) as done:
        main(["migrate", str(BLACKBOX)])
    assert done.value.code == 0
    path = tmp_path / "config.yaml"
    path.write_text(capsys.readouterr().out)
    return path


def test_what_is_printed_is_a_configuration(migrated: Path) -> None:
    settings = load_settings(migrated, {}, catalog.load())

    assert set(settings.modules) == set(MODULES) - {"host", "service"}


def test_every_module_is_accounted_for(migrated: Path) -> None:
    text = migrated.read_text()

    assert [name for name in MODULES if f"  {name}:\n" not in text and f"# {name}: " not in text] == []


@pytest.mark.parametrize(
    ("module", "note"),
    [
        ("host", "prober icmp has no counterpart; the module is left out"),
        ("service", "prober grpc has no counterpart"),
        ("web_by_cel", "http.fail_if_body_json_matches_cel has no counterpart"),
        ("web", "valid_http_versions: HTTP/1.1 is spoken and not checked"),
        ("web", "a module follows no redirect"),
        ("web_with_credentials", "set the environment variable BLACKBOX_PASSWORD"),
        ("web_by_proxy", "only names are left"),
    ],
)
def test_what_has_no_counterpart_is_said(migrated: Path, module: str, note: str) -> None:
    notes = [line for line in migrated.read_text().splitlines() if line.startswith(f"  # {module}: ")]

    assert any(note in line for line in notes), notes


def test_no_secret_is_copied(migrated: Path) -> None:
    assert "hunter2" not in migrated.read_text()


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (
            "web",
            {
                "kind": "http",
                "method": "GET",
                "headers": {"Accept-Language": "de-CH", "Host": "site.test"},
                "follow_redirects": True,
                "tls": {"insecure_skip_verify": False},
                "egress": {"ip": 4},
                "expect": {
                    "regex": ["build [[:xdigit:]]+"],
                    "not_regex": ["connection pool exhausted"],
                    "headers": {"Last-Modified": "GMT$"},
                    "not_headers": {"Set-Cookie": "debug=1"},
                },
                "timeout": "4s",
            },
        ),
        ("web_with_a_token", {
            "kind": "http", "follow_redirects": True, "max_body": 2_000_000, "bearer_token": {"file": "/run/token"},
        }),
        (
            "chat_banner",
            {
                "kind": "tcp",
                "conversation": [
                    {"send": "NICK probe\n"},
                    {"expect": "PING :([^ ]+)", "send": "PONG ${1}\n"},
                    {"expect": "^:[^ ]+ 001"},
                ],
            },
        ),
        ("name_tls", {"kind": "dns", "query": "www.site.test", "type": "AAAA", "transport": "tls"}),
    ],
)  # fmt: skip
def test_a_module_means_here_what_it_means_there(module: str, options: dict[str, Any]) -> None:
    assert translate(MODULES[module]).options == options


@pytest.mark.parametrize("text", ["[", "probes: []", "7"])
def test_what_is_no_blackbox_configuration_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "blackbox.yml"
    path.write_text(text)

    with pytest.raises(SystemExit) as done:
        main(["migrate", str(path)])

    assert done.value.code == 1
    assert str(path) in capsys.readouterr().err

"""`migrate FILE`: prints the `modules:` that a configuration of blackbox_exporter becomes, and what it could not."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from ai_provider_exporter.config.blackbox import Translation, translate
from ai_provider_exporter.schema.errors import ConfigErrors, read

# Any name (they end in a letter), and the addresses of private networks: RFC 1918, RFC 4193 and loopback.
HOSTS = ["*[a-z]", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fd00::/8", "::1/128"]
_HEAD = """\
# Made by `ai-provider-exporter migrate` from {path}.
# `hosts` says where a module may be sent: narrow it to your own. Each target is probed once in `min_interval` at most.
"""


def main(arguments: argparse.Namespace) -> int:
    """0; 1: the file cannot be read, or is no configuration of blackbox_exporter."""
    try:
        modules = read(arguments.blackbox).data.get("modules")
    except ConfigErrors as error:
        print(error, file=sys.stderr)
        return 1
    except AttributeError:
        modules = None
    if not isinstance(modules, dict):
        print(f"{arguments.blackbox}: has no modules; name a configuration of blackbox_exporter", file=sys.stderr)
        return 1
    print(written(arguments.blackbox, {str(name): translate(module) for name, module in modules.items()}), end="")
    return 0


def written(path: Path, translations: dict[str, Translation]) -> str:
    """The modules as YAML, each under the notes about it."""
    return "".join([_HEAD.format(path=path.name), "modules:\n", *(_block(*item) for item in translations.items())])


def _block(name: str, translation: Translation) -> str:
    options, notes = as_module(translation)
    lines = [f"  # {name}: {note}\n" for note in notes]
    if options is not None:
        text = yaml.safe_dump({name: options}, sort_keys=False, allow_unicode=True, width=110)
        lines += [f"  {line}\n" for line in text.splitlines()]
    return "".join(lines)


def as_module(translation: Translation) -> tuple[dict[str, Any] | None, list[str]]:
    """What stands under `modules:` for it, and the notes."""
    if translation.options is None:
        return None, translation.notes
    options, notes, hosts = dict(translation.options), list(translation.notes), HOSTS
    if options.pop("follow_redirects", False):
        notes.append("a module follows no redirect, it fails as `redirected`; a probe of its own may")
    if "proxy" in options.get("egress", {}):
        notes.append("behind a proxy no network of `hosts` can be checked, so only names are left")
        hosts = [host for host in HOSTS if "/" not in host]
    return {"hosts": hosts, "provider": "targets", **options}, notes

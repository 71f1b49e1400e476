"""The table of verbs: what each does, its flags (named as other exporters name theirs) and the function that runs it.

Functions are named as `module:function` and imported when their verb runs, so that `page` pays for no web server.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Flag:
    """One argument; `parse` is a `module:function` that raises ValueError with a sentence, the rest is argparse's."""

    name: str
    help: str = ""
    parse: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verb:
    """`run` takes the parsed arguments and returns the exit status."""

    help: str
    run: str
    flags: tuple[Flag, ...] = ()


CONFIG_FILE = Flag(
    "--config.file",
    "the configuration; without one: the whole catalog",
    options={"dest": "config", "metavar": "F", "type": Path},
)
JSON = Flag("--json", "print one JSON object", options={"action": "store_true"})

VERBS: dict[str, Verb] = {
    "serve": Verb(
        "run the exporter",
        "ai_provider_exporter.app:main",
        (
            CONFIG_FILE,
            Flag(
                "--web.listen-address",
                "address to listen on, :10190 unless told; may be given several times",
                options={"dest": "listen", "metavar": "HOST:PORT", "action": "append"},
            ),
            Flag(
                "--web.config.file",
                "TLS and passwords, as exporter-toolkit reads them",
                options={"dest": "web_config", "metavar": "F", "type": Path},
            ),
            Flag(
                "--web.enable-lifecycle",
                "allow POST /-/reload",
                options={"dest": "lifecycle", "action": "store_true"},
            ),
            Flag(
                "--web.external-url",
                "URL under which people reach this exporter; its path is the default of the prefix",
                "ai_provider_exporter.web.prefix:external_url",
                {"dest": "external_url", "metavar": "U"},
            ),
            Flag(
                "--web.route-prefix",
                "path below which everything is served",
                "ai_provider_exporter.web.prefix:route_prefix",
                {"dest": "route_prefix", "metavar": "P"},
            ),
            Flag(
                "--config.enable-auto-reload",
                "reload when the file changes",
                options={"dest": "auto_reload", "action": "store_true"},
            ),
            Flag(
                "--shard",
                "run one of N parts, counted from 0",
                "ai_provider_exporter.model.shard:parse",
                {"metavar": "I/N", "default": "0/1"},
            ),
            Flag(
                "--log.level",
                "lowest level to log",
                options={"dest": "log_level", "metavar": "L", "choices": LOG_LEVELS, "default": "info"},
            ),
            Flag(
                "--log.format",
                "format of the log",
                options={"dest": "log_format", "choices": ("logfmt", "json"), "default": "logfmt"},
            ),
        ),
    ),
    "check-config": Verb(
        "check a configuration file and print what it would run",
        "ai_provider_exporter.runtime.check:main",
        (
            Flag(
                "config",
                "the configuration; without one: the whole catalog",
                options={"metavar": "F", "type": Path, "nargs": "?"},
            ),
        ),
    ),
    "config-schema": Verb(
        "print the JSON Schema of the configuration file",
        "ai_provider_exporter.config.json_schema:main",
    ),
    "migrate": Verb(
        "print the modules that a configuration of blackbox_exporter becomes",
        "ai_provider_exporter.config.migrate:main",
        (Flag("blackbox", "a blackbox.yml", options={"metavar": "F", "type": Path}),),
    ),
    "probe": Verb(
        "run one probe once and print every phase",
        "ai_provider_exporter.runtime.probe_once:main",
        (Flag("name", options={"metavar": "NAME"}), CONFIG_FILE, JSON),
    ),
    "page": Verb(
        "read one status page, or a saved payload of one",
        "ai_provider_exporter.runtime.page_once:main",
        (
            Flag("target", options={"metavar": "URL|FILE"}),
            Flag("--format", "format of the page; left out: detected", options={"metavar": "X"}),
            JSON,
        ),
    ),
    "providers": Verb(
        "list the catalog",
        "ai_provider_exporter.catalog.listing:main",
        (
            JSON,
            Flag(
                "--check",
                "ask every page and API root once, without a key; exit 1 if an entry has moved",
                options={"action": "store_true"},
            ),
        ),
    ),
    "backfill": Verb(
        "write the past of a status page, for promtool",
        "ai_provider_exporter.runtime.backfill:main",
        (
            Flag("--provider", "whose page to read", options={"metavar": "X", "required": True}),
            Flag(
                "--since",
                "how long ago to begin",
                "ai_provider_exporter.schema.types:parse_positive_duration",
                {"metavar": "90d", "required": True},
            ),
            Flag("--output", "left out: standard output", options={"metavar": "FILE|-", "default": "-"}),
            CONFIG_FILE,
        ),
    ),
    "simulate": Verb(
        "play providers and their status pages",
        "ai_provider_exporter.simulator.simulator:main",
        (
            Flag("scenario", options={"metavar": "SCENARIO", "nargs": "?", "default": "default"}),
            Flag(
                "--web.listen-address",
                "address to listen on",
                options={"dest": "listen", "metavar": "HOST:PORT", "default": "127.0.0.1:10191"},
            ),
            Flag(
                "--speed",
                "how much faster the scenario runs",
                options={"metavar": "N", "type": float, "default": 1.0},
            ),
        ),
    ),
}

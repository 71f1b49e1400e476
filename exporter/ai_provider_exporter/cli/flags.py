"""The command line: every verb and its flags, named as other exporters name theirs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ai_provider_exporter import __version__
from ai_provider_exporter.cli import logs
from ai_provider_exporter.model import shard
from ai_provider_exporter.web import prefix

T = TypeVar("T")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        formatter_class=_wide,
        prog="ai-provider-exporter",
        description="Tells Prometheus whether an AI provider is down for you, whose fault it is, "
        "and what its status page admits.",
    )
    top.add_argument("--version", action="version", version=__version__)
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, (does, add_flags) in VERBS.items():
        add_flags(verbs.add_parser(name, help=does))
    return top


def _serve(verb: argparse.ArgumentParser) -> None:
    _config_file(verb)
    verb.add_argument("--web.listen-address", dest="listen", metavar="HOST:PORT", default=":10190")
    verb.add_argument(
        "--web.config.file",
        dest="web_config",
        metavar="F",
        type=Path,
        help="TLS and passwords, as exporter-toolkit",
    )
    verb.add_argument("--web.enable-lifecycle", dest="lifecycle", action="store_true", help="let POST /-/reload reload")
    verb.add_argument(
        "--web.external-url",
        dest="external_url",
        metavar="U",
        type=_checked(prefix.external_url),
        help="as people reach this, such as through a proxy; its path is the default of the prefix",
    )
    verb.add_argument(
        "--web.route-prefix",
        dest="route_prefix",
        metavar="P",
        type=_checked(prefix.route_prefix),
        help="the path that all others stand below",
    )
    verb.add_argument(
        "--config.enable-auto-reload", dest="auto_reload", action="store_true", help="reload when the file changes"
    )
    verb.add_argument(
        "--shard",
        metavar="I/N",
        type=_checked(shard.parse),
        default=shard.WHOLE,
        help="run one of N parts, counted from 0",
    )
    _log_flags(verb)


def _check_config(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", metavar="F", type=Path)


def _probe(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("name", metavar="NAME")
    _config_file(verb)
    verb.add_argument("--json", action="store_true")


def _page(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("target", metavar="URL|FILE")
    verb.add_argument("--format", metavar="X", help="left out: detected")
    verb.add_argument("--json", action="store_true")


def _providers(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true")


def _backfill(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--provider", metavar="X", required=True)
    verb.add_argument("--since", metavar="90d", type=_checked(_age), required=True, help="how long ago to begin")
    verb.add_argument("--output", metavar="FILE|-", default="-", help="left out: standard output")
    _config_file(verb)


def _simulate(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("scenario", metavar="SCENARIO", nargs="?", default="default")
    verb.add_argument("--web.listen-address", dest="listen", metavar="HOST:PORT", default="127.0.0.1:10191")
    verb.add_argument("--speed", metavar="N", type=float, default=1.0, help="how much faster the story runs")


VERBS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "serve": ("run the exporter", _serve),
    "check-config": ("check a configuration file and say what it would run", _check_config),
    "probe": ("run one probe once and print every phase", _probe),
    "page": ("read one status page, or a saved payload of one", _page),
    "providers": ("list the catalog", _providers),
    "backfill": ("write the past of a status page, for promtool", _backfill),
    "simulate": ("play providers and their status pages", _simulate),
}


def _wide(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, max_help_position=32)


def _checked(parse: Callable[[str], T]) -> Callable[[str], T]:
    """A type of argparse's whose complaint is the sentence of the ValueError."""

    def checked(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return checked


def _age(text: str) -> float:
    """Seconds; raises ValueError with a sentence."""
    from ai_provider_exporter.schema.types import parse_duration

    seconds: float = parse_duration(text)
    if seconds <= 0:
        raise ValueError("is no time at all; write how long ago to begin, such as 90d")
    return seconds


def _config_file(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--config.file", dest="config", metavar="F", type=Path, help="left out: the whole catalog")


def _log_flags(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--log.level", dest="log_level", metavar="L", choices=logs.LEVELS, default="info")
    verb.add_argument("--log.format", dest="log_format", choices=("logfmt", "json"), default="logfmt")

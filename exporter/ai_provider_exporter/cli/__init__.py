"""The command line: parses the arguments of a verb and runs its function. What verbs there are: `verbs.py`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from ai_provider_exporter import __version__
from ai_provider_exporter.cli.verbs import VERBS, Flag

CONFIG_VARIABLE = "AI_PROVIDER_EXPORTER_CONFIG"


def main(argv: Sequence[str] | None = None) -> NoReturn:
    arguments = parse(argv, os.environ)
    try:
        status = _load(VERBS[arguments.verb].run)(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output is gone; what is left must not be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)


def parse(argv: Sequence[str] | None, environ: Mapping[str, str]) -> argparse.Namespace:
    """The arguments of a verb; a configuration file that is not given is that of the environment, if there is one."""
    arguments = parser().parse_args(argv)
    if getattr(arguments, "config", ...) is None and environ.get(CONFIG_VARIABLE):
        arguments.config = Path(environ[CONFIG_VARIABLE])
    return arguments


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        formatter_class=_wide,
        prog="ai-provider-exporter",
        description="Tells Prometheus whether an AI provider is down for you, whose fault it is, "
        "and what its status page admits.",
        epilog=f"{CONFIG_VARIABLE} is the default of --config.file.",
    )
    top.add_argument("--version", action="version", version=__version__)
    subparsers = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, verb in VERBS.items():
        subparser = subparsers.add_parser(name, help=verb.help, description=verb.help, formatter_class=_wide)
        for flag in verb.flags:
            subparser.add_argument(flag.name, help=flag.help, **_options(flag))
    return top


def _options(flag: Flag) -> dict[str, Any]:
    return flag.options | ({"type": _checked(flag.parse)} if flag.parse else {})


def _checked(name: str) -> Callable[[str], Any]:
    """A type of argparse's whose error is the sentence of the ValueError."""

    def checked(text: str) -> Any:
        try:
            return _load(name)(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return checked


def _load(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    loaded: Callable[..., Any] = getattr(import_module(module), function)
    return loaded


def _wide(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, max_help_position=32)

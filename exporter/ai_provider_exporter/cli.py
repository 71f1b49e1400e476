"""The verbs; each makes one call into the program and prints what comes back.

A verb imports what it needs when it runs, so that `--help` and `providers` need neither sockets nor a web server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ai_provider_exporter import __version__, logs, shard
from ai_provider_exporter.web import prefix

T = TypeVar("T")
FAILED, USAGE = 1, 2


def main(argv: Sequence[str] | None = None) -> NoReturn:
    arguments = parser().parse_args(argv)
    try:
        status = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left must not be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        formatter_class=_wide,
        prog="ai-provider-exporter",
        description="Tells Prometheus whether an AI provider is down for you, whose fault it is, "
        "and what its status page admits.",
    )
    top.add_argument("--version", action="version", version=__version__)
    verbs = top.add_subparsers(metavar="VERB", required=True)

    verb = verbs.add_parser("serve", help="run the exporter")
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
    verb.set_defaults(run=serve)

    verb = verbs.add_parser("check-config", help="check a configuration file and say what it would run")
    verb.add_argument("file", metavar="F", type=Path)
    verb.set_defaults(run=check_config)

    verb = verbs.add_parser("probe", help="run one probe once and print every phase")
    verb.add_argument("name", metavar="NAME")
    _config_file(verb)
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=probe)

    verb = verbs.add_parser("page", help="read one status page, or a saved payload of one")
    verb.add_argument("target", metavar="URL|FILE")
    verb.add_argument("--format", metavar="X", help="left out: detected")
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=page)

    verb = verbs.add_parser("providers", help="list the catalog")
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=providers)

    verb = verbs.add_parser("backfill", help="write the past of a status page, for promtool")
    verb.add_argument("--provider", metavar="X", required=True)
    verb.add_argument("--since", metavar="90d", type=_checked(_age), required=True, help="how long ago to begin")
    verb.add_argument("--output", metavar="FILE|-", default="-", help="left out: standard output")
    _config_file(verb)
    verb.set_defaults(run=backfill)

    verb = verbs.add_parser("simulate", help="play providers and their status pages")
    verb.add_argument("scenario", metavar="SCENARIO", nargs="?", default="default")
    verb.add_argument("--web.listen-address", dest="listen", metavar="HOST:PORT", default="127.0.0.1:10191")
    verb.add_argument("--speed", metavar="N", type=float, default=1.0, help="how much faster the story runs")
    verb.set_defaults(run=simulate)
    return top


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
    from ai_provider_exporter.options import parse_duration

    seconds: float = parse_duration(text)
    if seconds <= 0:
        raise ValueError("is no time at all; write how long ago to begin, such as 90d")
    return seconds


def _config_file(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--config.file", dest="config", metavar="F", type=Path, help="left out: the whole catalog")


def _log_flags(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--log.level", dest="log_level", metavar="L", choices=logs.LEVELS, default="info")
    verb.add_argument("--log.format", dest="log_format", choices=("logfmt", "json"), default="logfmt")


def _run(work: Coroutine[Any, Any, T]) -> T:
    from ai_provider_exporter import loop

    with asyncio.Runner(loop_factory=loop.Loop) as runner:
        return runner.run(work)


def _complain(sentence: object) -> None:
    print(sentence, file=sys.stderr)


def serve(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.budget import BudgetError
    from ai_provider_exporter.mistakes import Mistakes
    from ai_provider_exporter.secrets import Secrets
    from ai_provider_exporter.web.server import CannotListen

    secrets = Secrets(os.environ)
    logs.set_up(arguments.log_level, arguments.log_format, secrets.redact)
    try:
        settings = app.load_settings(arguments.config, os.environ)
        options = app.ServeOptions(
            config_file=arguments.config,
            listen_address=arguments.listen,
            web_config_file=arguments.web_config,
            route_prefix=prefix.chosen(arguments.external_url, arguments.route_prefix),
            enable_lifecycle=arguments.lifecycle,
            enable_auto_reload=arguments.auto_reload,
            shard=arguments.shard,
        )
        _run(app.serve(options, settings, secrets, os.environ))
    except (Mistakes, CannotListen, BudgetError) as error:
        _complain(error)
        return FAILED
    return 0


def check_config(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.mistakes import Mistakes

    try:
        print(app.check(arguments.file, os.environ))
    except Mistakes as error:
        _complain(error)
        return FAILED
    return 0


def probe(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.mistakes import Mistakes
    from ai_provider_exporter.probes import report
    from ai_provider_exporter.secrets import Secrets

    secrets = Secrets(os.environ)
    try:
        settings = app.load_settings(arguments.config, os.environ)
        run = _run(app.probe_once(settings, arguments.name, secrets))
    except Mistakes as error:
        _complain(error)
        return USAGE
    except LookupError:
        names = ", ".join(known.name for known in settings.probes) or "none; give a file with --config.file"
        _complain(f"no probe is called {arguments.name!r}; there are: {names}")
        return USAGE
    print(json.dumps(report.as_json(run)) if arguments.json else report.as_text(run))
    return 0 if run.success else FAILED


def page(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.pages import FORMATS, report
    from ai_provider_exporter.pages.payload import shown

    if arguments.format and arguments.format not in FORMATS:
        _complain(f"{arguments.format!r} is no format; there are: {', '.join(FORMATS)}")
        return USAGE
    try:
        read = _run(app.page_once(arguments.target, arguments.format))
    except OSError as error:
        _complain(f"{arguments.target}: {error.strerror or error}; name a file, or a URL with its https://")
        return USAGE
    except ValueError as error:
        _complain(f"{shown(arguments.target) or 'the URL'}: {error}")
        return USAGE
    print(json.dumps(report.as_json(read)) if arguments.json else report.as_text(read))
    return 0 if read.up else FAILED


def providers(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import catalog

    known = catalog.load()
    if arguments.json:
        print(json.dumps([provider.model_dump(mode="json") for provider in known.values()]))
    else:
        print(catalog.as_text(known))
    return 0


def backfill(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.backfill import NothingToWrite
    from ai_provider_exporter.mistakes import Mistakes
    from ai_provider_exporter.options import suggestion
    from ai_provider_exporter.pages.errors import PageFailure

    try:
        settings = app.load_settings(arguments.config, os.environ)
        past = _run(app.past_of(settings, arguments.provider, arguments.since))
        if arguments.output != "-":
            past.write(Path(arguments.output))
    except LookupError:
        known = suggestion(arguments.provider, (page.provider for page in settings.pages))
        _complain(f"no status page of {arguments.provider!r} is configured; {known}")
        return USAGE
    except Mistakes as error:
        _complain(error)
        return USAGE
    except (PageFailure, NothingToWrite) as error:
        _complain(error)
        return FAILED
    except OSError as error:
        _complain(f"{arguments.output}: {error.strerror or error}; name a file that can be written")
        return FAILED
    if arguments.output == "-":
        sys.stdout.writelines(past.lines())
    _complain(past.summary)
    return 0


def simulate(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import simulator

    logs.set_up("info", "logfmt", str)
    try:
        _run(simulator.serve(arguments.scenario, arguments.listen, arguments.speed))
    except (simulator.ScenarioError, OSError) as error:
        _complain(error)
        return FAILED
    except KeyboardInterrupt:
        return 0
    return 0

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

from ai_provider_exporter.cli import flags, logs
from ai_provider_exporter.web import prefix

T = TypeVar("T")
FAILED, USAGE = 1, 2


def main(argv: Sequence[str] | None = None) -> NoReturn:
    arguments = flags.parser().parse_args(argv)
    try:
        status = VERBS[arguments.verb](arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left must not be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)


def _run(work: Coroutine[Any, Any, T]) -> T:
    from ai_provider_exporter.wire import event_loop as loop

    with asyncio.Runner(loop_factory=loop.Loop) as runner:
        return runner.run(work)


def _complain(sentence: object) -> None:
    print(sentence, file=sys.stderr)


def serve(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.config.load import load_settings
    from ai_provider_exporter.config.secrets import Secrets
    from ai_provider_exporter.runtime.cost.budget import BudgetError
    from ai_provider_exporter.schema.errors import ConfigErrors
    from ai_provider_exporter.web.server import CannotListen

    secrets = Secrets(os.environ)
    logs.set_up(arguments.log_level, arguments.log_format, secrets.redact)
    try:
        settings = load_settings(arguments.config, os.environ)
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
    except (ConfigErrors, CannotListen, BudgetError) as error:
        _complain(error)
        return FAILED
    return 0


def check_config(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.schema.errors import ConfigErrors

    try:
        print(app.check(arguments.file, os.environ))
    except ConfigErrors as error:
        _complain(error)
        return FAILED
    return 0


def probe(arguments: argparse.Namespace) -> int:
    from ai_provider_exporter import app
    from ai_provider_exporter.config.load import load_settings
    from ai_provider_exporter.config.secrets import Secrets
    from ai_provider_exporter.probes import report
    from ai_provider_exporter.schema.errors import ConfigErrors

    secrets = Secrets(os.environ)
    try:
        settings = load_settings(arguments.config, os.environ)
        run = _run(app.probe_once(settings, arguments.name, secrets))
    except ConfigErrors as error:
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
    from ai_provider_exporter.status_pages import report
    from ai_provider_exporter.status_pages.formats import FORMATS
    from ai_provider_exporter.status_pages.text import safe_url

    if arguments.format and arguments.format not in FORMATS:
        _complain(f"{arguments.format!r} is no format; there are: {', '.join(FORMATS)}")
        return USAGE
    try:
        read = _run(app.page_once(arguments.target, arguments.format))
    except OSError as error:
        _complain(f"{arguments.target}: {error.strerror or error}; name a file, or a URL with its https://")
        return USAGE
    except ValueError as error:
        _complain(f"{safe_url(arguments.target) or 'the URL'}: {error}")
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
    from ai_provider_exporter.config.load import load_settings
    from ai_provider_exporter.runtime.backfill import NothingToWrite
    from ai_provider_exporter.schema.errors import ConfigErrors
    from ai_provider_exporter.schema.types import suggestion
    from ai_provider_exporter.status_pages.errors import PageFailure

    try:
        settings = load_settings(arguments.config, os.environ)
        past = _run(app.past_of(settings, arguments.provider, arguments.since))
        if arguments.output != "-":
            past.write(Path(arguments.output))
    except LookupError:
        known = suggestion(arguments.provider, (page.provider for page in settings.pages))
        _complain(f"no status page of {arguments.provider!r} is configured; {known}")
        return USAGE
    except ConfigErrors as error:
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


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "serve": serve,
    "check-config": check_config,
    "probe": probe,
    "page": page,
    "providers": providers,
    "backfill": backfill,
    "simulate": simulate,
}
